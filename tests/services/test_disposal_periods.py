"""What a disposal posts for each period does not hang on which of them are charged by then."""

import pytest

from .conftest import Books, asset, business
from .disposing import dispose


@pytest.mark.parametrize("through", ["2026-04-02", "2026-05-02"], ids=["april is open", "april is closed"])
def test_every_month_is_counted_anew(books: Books, through: str) -> None:
    """Three months by the middle of the quarter: with its disposal the year counts 87.5 % + 37.5 % - 1 over four
    months, not 87.5 % over twelve. All of it is charged by the end of April either way: in all nothing is due."""
    columns = {"averaging": "mid_quarter", "life_months": 3, "depreciation_start_date": "2026-01-26"}
    books.put(business(books_start="2026-01-01"), asset("a", **columns))
    books.close(through)
    dispose(books, "a", "2026-04-20", proceeds=0)
    assert books.charged("a") == dict.fromkeys(("2026-01", "2026-02", "2026-03", "2026-04"), 30_000)
