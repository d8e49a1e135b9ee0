"""What a business is made with and how its policies change, in the caller's transaction: for the API and the import.

Must not ask who may: the services that call this own the commit.
"""

from datetime import date
from uuid import UUID

from bookvalue.domain.business import Business
from bookvalue.domain.calendar import Period
from bookvalue.domain.chart import DEFAULT_CHART
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import PeriodStatus
from bookvalue.storage import businesses, periods
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection

# What a business's periods were made from -> the field that gives it.
_PERIODS_FROM = {
    "currency": "currency",
    "time_zone": "time_zone",
    "fiscal_calendar": "fiscal_year_start",
    "books_start": "books_start",
}
# What decides whether a business's assets are charged, for which day late facts count, and how a run ends.
_CLOSED_BY = ("accounting_basis", "auto", "grain", "lock_policy")


def set_up(connection: Connection, business_id: UUID, value: Business) -> KeptBusiness:
    """A new business with its posting book, the default chart and its first period."""
    book_id = businesses.create(connection, business_id, value)
    businesses.put_accounts(connection, business_id, DEFAULT_CHART)
    first = value.fiscal_calendar.period_of(value.books_start)
    periods.open_next(connection, business_id, book_id, first, due_at=value.due_at(first), expected_assets=0)
    return businesses.get(connection, business_id)


def change(connection: Connection, kept: KeptBusiness, value: Business) -> list[Finding]:
    """Changes a business that is kept: its policies may change, what its periods were made from may not."""
    refused = [
        finding("business_in_use", field, str(getattr(value, name)))
        for name, field in _PERIODS_FROM.items()
        if getattr(value, name) != getattr(kept.value, name)
    ]
    businesses.change(connection, kept.id, value)
    open_periods = [
        Period(row.period_start, row.period_end)
        for row in periods.since(connection, kept.id, kept.book_id, date.min)
        if row.status == PeriodStatus.OPEN
    ]
    if open_periods:
        businesses.reschedule(connection, kept.id, {p.start: value.due_at(p) for p in open_periods})
    if any(getattr(value, name) != getattr(kept.value, name) for name in _CLOSED_BY):
        periods.raise_fact_version(connection, kept.id, [kept.value.books_start])
    return refused
