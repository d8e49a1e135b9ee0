"""A process that runs the stack and says so; the tests start it and kill it. Usage: owner.py STATE [worker] [fork]."""

import os
import sys
import time
from pathlib import Path

from bookvalue.embedded import running, spawn

with running(Path(sys.argv[1])) as endpoints:
    extra = 0
    if "worker" in sys.argv:  # a grandchild too, which only a group kill reaches
        script = "sleep 600 & sleep 600"
        extra = spawn(["/bin/sh", "-c", script], log=Path(sys.argv[1]) / "log" / "worker.log", env=os.environ).pid
    if "fork" in sys.argv and os.fork() == 0:  # a fork keeps the guards' pipes open
        time.sleep(600)
    print(endpoints.database_url, endpoints.redis_url, extra, flush=True)
    while os.getppid() != 1:
        time.sleep(0.1)
