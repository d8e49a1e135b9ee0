"""Benchmarks of the close against its own floor, always within one run: `python -m benchmarks` (or `make bench`)."""
