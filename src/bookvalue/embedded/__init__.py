"""The zero-install default: a private Postgres 18 and Redis as supervised children of the process that needs them.

For demos, tests and one machine; with DATABASE_URL and REDIS_URL set nothing here starts. Known to the faces only;
must not import storage, services or any database driver.
"""

from bookvalue.embedded.ownership import Endpoints, attached
from bookvalue.embedded.processes import spawn, stop
from bookvalue.embedded.supervisor import running

__all__ = ["Endpoints", "attached", "running", "spawn", "stop"]
