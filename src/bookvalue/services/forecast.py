"""What the runs of a book's next periods will charge, if no fact changes; with hypothetical assets as well.

The formula of a run, asked for one period after the other: a forecast equals the later posting (SEMANTICS section 1).
Reads only.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from bookvalue.domain.business import Business
from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.field_readers import LAST_DATE, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.engine.charge import due_in_turn
from bookvalue.engine.exact import exact_sums
from bookvalue.engine.register import EPOCH_ORDINAL, Int64
from bookvalue.engine.timeline import timeline
from bookvalue.ledger.outcomes import CHARGEABLE, REASONS, Reason, first_reason
from bookvalue.services.build_schedule import Read
from bookvalue.services.charge_reasons import missing, standing_reasons
from bookvalue.services.forecast_groups import Group, GroupBy, Grouping, grouped
from bookvalue.services.what_if import WhatIf, what_if
from bookvalue.storage import asset_charges, businesses, forecast_reads
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.register_reader import Positions, read_positions
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

MOST_PERIODS = 120


@dataclass(frozen=True, slots=True)
class ForecastQuery:
    """What is asked for: how many periods from `first` (YYYY-MM; else the first that is not closed), of which assets
    (ids, or as text external ids or numbers; else all), and a page of groups. most: assets times periods; any if None.
    """

    periods: int = 12
    first: str | None = None
    book_id: UUID | None = None
    assets: Sequence[UUID | str] = ()
    by: GroupBy | None = None
    after: str | None = None
    limit: int | None = None
    most: int | None = None

    @property
    def grouped_by(self) -> GroupBy | None:
        """What the figures are added up by: assets that are named are shown each by itself."""
        return GroupBy.ASSET if self.by is None and self.assets else self.by


@dataclass(frozen=True, slots=True)
class Figures:
    """Minor units: of the register, of the hypothetical assets, and of both."""

    depreciation: int
    what_if: int
    total: int


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What falls due in one period."""

    period: Period
    figures: Figures


@dataclass(frozen=True, slots=True)
class NotCharged:
    """How many assets are not charged for a reason."""

    reason: Reason
    assets: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be charged. catch_up: what falls due before the first period and is not posted.

    assets: how many are in it. next: the key of the last group shown, where more come after it.
    """

    book_id: UUID
    currency: str
    assets: int
    catch_up: Figures
    periods: tuple[PeriodFigures, ...]
    by: GroupBy | None
    groups: tuple[Group, ...]
    next: str | None
    not_charged: tuple[NotCharged, ...]
    what_if: tuple[WhatIf, ...]


def forecast(
    engine: Engine,
    business_id: UUID,
    query: ForecastQuery,
    specs: Callable[[Business], Sequence[Read]] = lambda _: (),
) -> Forecast:
    """The forecast of a business's book. specs: the hypothetical assets, read for the business.

    Raises InvalidInput, NotFound (business, book or asset).
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        return forecast_of(connection, business_id, query, specs)


def forecast_of(
    connection: Connection,
    business_id: UUID,
    query: ForecastQuery,
    specs: Callable[[Business], Sequence[Read]] = lambda _: (),
) -> Forecast:
    """The same in the caller's snapshot."""
    kept = businesses.get(connection, business_id)
    if query.book_id is not None:
        if not asset_charges.has_book(connection, business_id, query.book_id):
            raise NotFound("no such book")
        kept = replace(kept, book_id=query.book_id)
    periods = _periods(connection, kept, query)
    days = [_day(periods[0].start - timedelta(days=1)), *(_day(period.end) for period in periods)]
    added = what_if(kept.value, specs(kept.value), days)
    calendar = kept.value.fiscal_calendar
    only = _only(query)
    positions = read_positions(connection, kept.id, kept.book_id, periods[0].start, calendar, only)
    rows = _rows(connection, kept, positions, query.assets)
    if query.most is not None and len(rows) * len(periods) > query.most:
        detail = f"{len(rows):,} assets in {len(periods)} periods are more than one forecast may have here"
        raise InvalidInput(detail, [finding("too_many", "periods", len(periods))])
    registered = _registered(connection, kept, positions, rows, periods, days, query)
    figures = [
        Figures(own, extra, own + extra) for own, extra in zip(registered.totals, _sums(added, len(days)), strict=True)
    ]
    return Forecast(
        book_id=kept.book_id,
        currency=kept.value.currency,
        assets=len(rows),
        catch_up=figures[0],
        periods=tuple(map(PeriodFigures, periods, figures[1:])),
        by=query.grouped_by,
        groups=registered.groups,
        next=registered.next,
        not_charged=registered.not_charged,
        what_if=added,
    )


def _periods(connection: Connection, kept: KeptBusiness, query: ForecastQuery) -> list[Period]:
    """The periods that are asked for. Raises InvalidInput."""
    calendar = kept.value.fiscal_calendar
    unclosed = forecast_reads.first_unclosed(connection, kept.id, kept.book_id) or kept.value.books_start
    period = first = calendar.period_of(unclosed)
    found = []
    if not 1 <= query.periods <= MOST_PERIODS:
        found.append(finding("out_of_range", "periods", query.periods))
    if query.first is not None:
        try:
            period = calendar.period_named(query.first)
        except ValueError:
            found.append(finding("not_a_period", "from", shown(query.first)))
        if period.start > LAST_DATE:
            found.append(finding("out_of_range", "from", query.first))
        elif period < first:
            found.append(_closed(query.first, first))
    if found:
        raise InvalidInput("there is no such forecast", found)
    periods = [period]
    while len(periods) < query.periods:
        periods.append(calendar.next_period(periods[-1]))
    return periods


def _closed(name: str, first: Period) -> Finding:
    return Finding(
        "period_not_open", "from", name, f"period {name} is closed: nothing more is charged to it",
        f"ask from {first.name}, the first period that is not closed, or a later one",
    )  # fmt: skip


def _only(query: ForecastQuery) -> list[UUID] | None:
    """The assets that are read: those asked for; all of them (None) where one is named otherwise than by its id."""
    ids = [one for one in query.assets if isinstance(one, UUID)]
    return ids if ids and len(ids) == len(query.assets) else None


def _rows(connection: Connection, kept: KeptBusiness, positions: Positions, wanted: Sequence[UUID | str]) -> Int64:
    """The rows of the assets asked for. Raises NotFound."""
    if not wanted:
        return np.arange(len(positions))
    ids = positions.asset_id.view("S16")
    rows = set()
    for one in wanted:
        named = asset_charges.named(connection, kept.id, one) if isinstance(one, str) else None
        key = (one if isinstance(one, UUID) else named.id if named else UUID(int=0)).bytes
        at = int(np.searchsorted(ids, np.array(key, ids.dtype)))
        if at == len(ids) or positions.asset_id[at].tobytes() != key:
            raise NotFound("no such asset" if isinstance(one, UUID) else f"no asset {one!r} in this book")
        rows.add(at)
    return np.array(sorted(rows), np.int64)


@dataclass(frozen=True, slots=True)
class _Registered:
    totals: list[int]
    groups: tuple[Group, ...]
    next: str | None
    not_charged: tuple[NotCharged, ...]


def _registered(
    connection: Connection,
    kept: KeptBusiness,
    positions: Positions,
    rows: Int64,
    periods: Sequence[Period],
    days: Sequence[int],
    query: ForecastQuery,
) -> _Registered:
    """What the registered assets in these rows will be charged: added up period by period, never all held at once."""
    applies = {code: mask[rows] for code, mask in standing_reasons(kept.value, positions).items()}
    lacking = {code: mask[rows] for code, mask in missing(kept.value, positions).items()}
    computable = np.flatnonzero(first_reason(applies, len(rows)) == CHARGEABLE)
    charged = first_reason(applies | lacking, len(rows)) == CHARGEABLE
    grouping = grouped(
        connection, kept.id, positions, rows, charged, query.grouped_by, after=query.after, limit=query.limit
    )
    chosen, number = rows[computable], grouping.number[computable]

    names = connection, kept.id, kept.book_id

    def posted() -> Iterator[Int64]:
        yield positions.posted.before_minor[chosen]
        for period in periods:
            yield forecast_reads.posted_to(*names, period.start, positions.asset_id, _only(query))[chosen]

    owing, sums = np.zeros(len(rows), np.bool_), []
    for charge in due_in_turn(timeline(positions.register.take(chosen)), days, posted()):
        owing[computable] |= charge != 0
        sums.append(exact_sums(np.where(charged[computable], charge, 0), number, len(grouping.groups) + 1))
    applies |= {code: owing & mask for code, mask in lacking.items()}
    reasons = first_reason(applies, len(rows))
    return _Registered(
        [sum(one) for one in sums],
        _filled(grouping if query.grouped_by is not GroupBy.ASSET else grouping.with_reasons(reasons), sums),
        grouping.next,
        _counted(reasons),
    )


def _filled(grouping: Grouping, sums: Sequence[Sequence[int]]) -> tuple[Group, ...]:
    """The groups with their figures. sums: for catch-up and each period, one a group."""
    columns = list(zip(*sums, strict=True))
    return tuple(
        replace(one, catch_up=amounts[0], depreciation=amounts[1:])
        for one, amounts in zip(grouping.groups, columns[:-1], strict=True)
    )


def _counted(reasons: Int64) -> tuple[NotCharged, ...]:
    counts = np.bincount(reasons, minlength=len(REASONS) + 1)[1:].tolist()
    return tuple(NotCharged(reason, count) for reason, count in zip(REASONS, counts, strict=True) if count)


def _sums(added: Sequence[WhatIf], count: int) -> list[int]:
    """What the hypothetical assets come to: before the first period, and in each."""
    columns = [(one.catch_up, *one.depreciation) for one in added if one.depreciation]
    return [sum(amounts) for amounts in zip(*columns, strict=True)] if columns else [0] * count


def _day(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL
