"""The Celery application: messages are hints, so there is no result backend, no canvas, no ETA and no retry here.

A message is acknowledged when it is taken. If it is lost, repeated, late or forged, the run's row and the sweep put
that right; it never changes what is posted.
"""

import warnings

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_shutting_down

from bookvalue import observability
from bookvalue.settings import load
from bookvalue.worker import stopping, transport
from bookvalue.worker.maintenance import Maintenance
from bookvalue.worker.schedule import beat_schedule
from bookvalue.worker.work import forget_inherited_engine

# A worker in a container runs as root; with JSON alone accepted, what Celery warns of there cannot happen.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

settings = load()
transport.use()
app = Celery("bookvalue", broker=settings.redis_url, include=["bookvalue.worker.tasks"])
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=False,
    task_reject_on_worker_lost=False,
    task_time_limit=10 * settings.lease_seconds,
    worker_concurrency=settings.concurrency,
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=1_000_000,  # KiB: a child that closed a giant makes room for a new one
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_soft_shutdown_timeout=25.0,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_channel_error_retry=True,  # a full Redis refuses a worker that connects anew: that ends no worker
    broker_transport_options={
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "health_check_interval": 25,
        "retry_on_timeout": True,
        "visibility_timeout": 3600,
    },
    task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_max": 0.5},
    beat_schedule=beat_schedule(settings.tick_seconds),
    beat_max_loop_interval=min(settings.tick_seconds, 5.0),
    timezone="UTC",
    enable_utc=True,
)
app.steps["worker"].add(Maintenance)


@setup_logging.connect
def _set_up_logging(**_: object) -> None:
    observability.configure(settings.log_format)


@worker_process_init.connect
def _after_fork(**_: object) -> None:
    forget_inherited_engine()


@worker_shutting_down.connect
def _tell_the_children(**_: object) -> None:
    stopping.tell()
