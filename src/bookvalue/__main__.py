"""`python -m bookvalue` is the `bookvalue` command."""

from bookvalue.cli.main import main

if __name__ == "__main__":
    main()
