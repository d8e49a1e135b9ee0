"""Celery's Redis transport, but for one thing: what is no message at all is logged and dropped.

As it comes, kombu lets the error out of its event loop, and the worker ends: anybody who may write to the queue could
end every worker, one piece of garbage each. Messages that are well formed and make no sense, Celery itself drops.
"""

from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis
from kombu.transport.virtual import Empty

log = structlog.get_logger()


class _Channel(redis.Channel):
    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            log.warning("message.garbage", error=f"{type(error).__name__}: {error}"[:200])
            raise Empty from None


class Transport(redis.Transport):
    """Named in place of kombu's own for redis:// and redis+socket:// by `use`."""

    Channel = _Channel


def use() -> None:
    """From now on this process's Redis connections are of this kind."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
