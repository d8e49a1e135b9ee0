"""Books that the tests of a file share: each test sets up businesses of its own, and all are checked at the end.

Emptying a database takes longer than many of these tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from bookvalue.storage import posted_positions
from faults.checker import problems
from services.conftest import WIPE, Books


@contextmanager
def shared_books(emptied: Engine) -> Iterator[Books]:
    """Empty books; what is left in them must hold together."""
    with emptied.begin() as connection:
        connection.execute(text(WIPE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posted_positions, "WORTHWHILE", 0)
        made = Books(emptied)
        yield made
    found = problems(emptied, blocked=made.uncharged)
    assert not found, "\n".join(found)
