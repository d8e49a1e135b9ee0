"""`python -m bookvalue.api [--host H] [--port P]`: the API as a program, on the database of the environment."""

import argparse
import sys

import uvicorn

from bookvalue import observability
from bookvalue.api.app import create_app
from bookvalue.domain.errors import BookvalueError
from bookvalue.settings import load

GRACE_SECONDS = 20


def main() -> None:
    """Serves until told to stop; what is at work then is finished first."""
    parser = argparse.ArgumentParser(prog="python -m bookvalue.api")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    try:
        settings = load()
        observability.configure(settings.log_format)
        app = create_app(settings)
    except BookvalueError as error:
        sys.exit(f"{error.code}: {error.message}; {error.advice}")
    uvicorn.run(
        app,
        host=given.host or settings.api_host,
        port=settings.api_port if given.port is None else given.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        http="h11",
        ws="none",
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
