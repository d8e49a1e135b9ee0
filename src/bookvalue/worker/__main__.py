"""`python -m bookvalue.worker worker|beat …`: Celery's own command, with the application of this package."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bookvalue.worker.app import app

if __name__ == "__main__":
    # Beat's schedule file is disposable: which run is due stands in the database.
    with TemporaryDirectory(prefix="bookvalue-beat-") as folder:
        schedule = ["--schedule", str(Path(folder) / "schedule")] if sys.argv[1:2] == ["beat"] else []
        app.start(argv=[*sys.argv[1:], *schedule])
