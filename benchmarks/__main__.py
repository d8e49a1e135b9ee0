"""`python -m benchmarks [name] [--size N] [--repeat K] [--json]`: runs one benchmark, or all of them."""

import argparse
import json
import os
import platform
from typing import Any

from benchmarks.close import close
from benchmarks.database import server
from benchmarks.engine import engine
from benchmarks.fan_out import fan_out
from benchmarks.one_close import quiet
from benchmarks.timing import shown
from bookvalue.domain.terms import JournalGrain


def main() -> None:
    """Reports go to stdout, the program's own log nowhere."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=("close", "fan_out", "engine", "all"), default="all")
    parser.add_argument("--size", type=int, help="assets (close 100000, engine 1000000), or businesses (1000)")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions, alternating with those of the floor (5)")
    parser.add_argument("--grain", choices=[str(grain) for grain in JournalGrain], help="of a close (both)")
    parser.add_argument("--history", type=int, default=0, help="months closed before the one that is measured (0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--database-url", help="a server to measure on, as a superuser (a private Postgres)")
    asked = parser.parse_args()
    quiet()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report: dict[str, Any] = {"machine": machine}
    if asked.name in ("engine", "all"):
        report["engine"] = engine(asked.size or 1_000_000, asked.repeat)
    if asked.name in ("close", "fan_out", "all"):
        with server(asked.database_url) as url:
            if asked.name in ("close", "all"):
                for grain in [JournalGrain(asked.grain)] if asked.grain else list(JournalGrain):
                    report[f"close_{grain}"] = close(url, asked.size or 100_000, asked.repeat, grain, asked.history)
            if asked.name in ("fan_out", "all"):
                report["fan_out"] = fan_out(url, asked.size or 1_000, asked.repeat)
    print(json.dumps(report) if asked.json else shown(report).strip())


if __name__ == "__main__":
    main()
