"""What the database refuses, as errors of the domain: a constraint's name or an SQLSTATE -> an error.

The only place that looks at SQLSTATEs. Values of other tenants never reach a message.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bookvalue.domain.errors import (
    BookvalueError,
    Busy,
    ConcurrentChange,
    DatabaseUnavailable,
    IntegrityViolation,
    InUse,
    InvalidInput,
    PeriodNotOpen,
    SchemaNotReady,
)

_BY_CONSTRAINT: dict[str, type[BookvalueError]] = {
    "guard_period_open": PeriodNotOpen,
    "asset_posted": InUse,
    "asset_book_business_id_asset_type_fkey": InUse,
    "value_update_pkey": ConcurrentChange,
    "disposal_pkey": ConcurrentChange,
    "run_period_unique": ConcurrentChange,
    "journal_entry_feed_seq_unique": ConcurrentChange,
    "asset_external_id_unique": ConcurrentChange,
    "asset_number_unique": ConcurrentChange,
    "business_key_unique": ConcurrentChange,
    "account_ordinal_unique": ConcurrentChange,
    "asset_type_ordinal_unique": ConcurrentChange,
    "depreciation_settings_pkey": ConcurrentChange,
}
_TRANSIENT = ("40001", "40P01", "55P03", "57014", "25P03")  # serialization, deadlock, lock or statement timeout
_UNAVAILABLE = ("57P", "08", "53")  # shutdown, connection, resources


def translate(error: psycopg.Error) -> BookvalueError:
    """The domain's error for a database error."""
    state = error.sqlstate or ""
    constraint = error.diag.constraint_name or ""
    detail = {"sqlstate": state or None, "constraint": constraint or None}
    if constraint in _BY_CONSTRAINT:
        return _BY_CONSTRAINT[constraint](error.diag.message_primary or constraint, **detail)
    if state in _TRANSIENT:
        return Busy(f"the database could not serve this in time ({error.diag.message_primary})", **detail)
    if isinstance(error, psycopg.DataError) or state.startswith("22"):  # a NUL has no SQLSTATE: the driver refuses it
        return InvalidInput(f"a value cannot be stored ({error.diag.message_primary or error})", (), **detail)
    if not state or state.startswith(_UNAVAILABLE):
        return DatabaseUnavailable(str(error).strip().splitlines()[0] if str(error) else type(error).__name__, **detail)
    if state in ("3F000", "42P01"):  # no such schema, no such table
        return SchemaNotReady("the database has no bookvalue schema", **detail)
    return IntegrityViolation(f"the database refused a write: {error.diag.message_primary}", **detail)


@contextmanager
def translated() -> Iterator[None]:
    """Raises what the database refuses inside as an error of the domain."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise translate(error.orig) from error
        raise
    except psycopg.Error as error:
        raise translate(error) from error
    except PoolTimeoutError as error:
        raise Busy("every connection to the database is in use") from error
