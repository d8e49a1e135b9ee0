"""The facts of docs/late-facts.md: how each is set up, what is done late, and what the asset is worth then.

Three months: January locked, February closed, March the first open one. A fact comes late in March and is dated on the
tenth of its own month.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.terms import LockPolicy
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.keep_asset import add_asset
from bookvalue.services.record_fact import archive_fact, record_fact
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reinstate_asset import reinstate_asset
from bookvalue.storage.unit_of_work import Engine
from services.conftest import at

Spec = dict[str, Any]

TODAY = at("2026-04-02")
OWN_DAY: Mapping[str, date] = {"locked": date(2026, 1, 10), "closed": date(2026, 2, 10), "open": date(2026, 3, 10)}
MONTH_ENDS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
FIRST_OPEN_DAY = date(2026, 3, 1)
SPEC: Spec = {
    "cost": 1_000_000,
    "depreciation_start_date": "2026-01-01",
    "settings": {"method": "straight_line", "life_months": 36, "averaging": "actual_days"},
}
BY_UNITS: Spec = SPEC | {"settings": {"method": "units_of_production"}}
AT_ONCE: Spec = SPEC | {"settings": {"method": "full"}}
BY_HAND: Spec = SPEC | {"settings": {"method": "manual"}}


@dataclass(slots=True)
class Cell:
    """One fact dated in one month, in a book of one policy; `made` is the id of what was set up for it, then of what
    was done."""

    engine: Engine
    business_id: UUID
    policy: LockPolicy
    name: str  # the asset's external id
    day: date
    asset_id: UUID | None = None
    made: UUID | None = None

    def change_value(self, update_type: str, counter: str) -> None:
        """Records a value update of 500.00."""
        raw = {
            "asset_external_id": self.name, "update_type": update_type, "amount": 50_000, "date": f"{self.day}",
            "counter_account": counter,
        }  # fmt: skip
        self.made = record_value_update(self.engine, self.business_id, raw, actor="ada", now=TODAY)[0].id

    def record(self, kind: FactType, **raw: Any) -> None:
        """Records a fact without an entry."""
        assert self.asset_id is not None
        kept = record_fact(self.engine, self.business_id, self.asset_id, kind, raw, now=TODAY, actor="ada")
        self.made = kept.id

    def archive(self, kind: FactType) -> None:
        """Archives the fact without an entry that was set up."""
        assert self.asset_id is not None
        assert self.made is not None
        archive_fact(self.engine, self.business_id, self.asset_id, kind, self.made, actor="ada")

    def register(self, spec: Spec, **more: Any) -> None:
        """Registers the asset of a spec."""
        raw = {
            "external_id": self.name, "name": self.name, "asset_type": "EQUIPMENT", "original_value": spec["cost"],
            "purchase_date": spec["depreciation_start_date"], "depreciation": spec["settings"],
            "ledger_account": "EQUIPMENT", "depreciation_expense_account": "DEPRECIATION",
            "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT", **more,
        }  # fmt: skip
        self.asset_id = add_asset(self.engine, self.business_id, raw, actor="ada")[0].id

    def dispose(self) -> None:
        """Sells the asset."""
        assert self.asset_id is not None
        raw = {"date": f"{self.day}", "reason": "sold", "proceeds": 900_000, "proceeds_account": "CASH"}
        self.made = dispose_asset(self.engine, self.business_id, self.asset_id, raw, actor="ada", now=TODAY).id


Told = Callable[[date, date | None], Spec | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the table.

    late: what is done in March. worth: the asset in the schedule format, by the fact's own day and the day from which
    it counts, None where it is refused; without an asset None. ready: what is done while the own month is open. asset:
    what is registered in time. entry: the kind of its own entry.
    """

    late: Callable[[Cell], None]
    worth: Told
    ready: Callable[[Cell], None] = lambda _: None
    asset: Spec | None = None
    entry: str | None = None


def _member(base: Spec, path: str, member: Callable[[date], Spec]) -> Told:
    """The base with a member of the schedule format of the day from which it counts."""
    return lambda own, counts: base if counts is None else base | {path: [member(counts)]}


def _taken_back(told: Told) -> Told:
    """What there is where a fact was taken back; where that is refused, it counts from its own day."""
    return lambda own, counts: told(own, own if counts is None else None)


def _started(own: date, counts: date | None) -> Spec | None:
    if counts is None:
        return None
    spec = SPEC | {"depreciation_start_date": f"{own}"}
    opening = {"as_of": f"{counts - timedelta(days=1)}", "accumulated": 0}
    return spec if counts == own else spec | {"opening": opening}


def _units(own: date, counts: date | None) -> Spec:
    """10 a month; 40 reported late replace them, or come beside those of March."""
    used = {f"{day}": 10 for day in MONTH_ENDS}
    if counts is not None:
        used[f"{_month_end(own) if counts == own else counts}"] = 40
    told = [{"period_end": day, "quantity": f"{quantity}"} for day, quantity in used.items()]
    return BY_UNITS | {"units": {"total": "1000", "used": told}}


def _report_anew(cell: Cell) -> None:
    if cell.policy is LockPolicy.NEXT_OPEN and cell.made is not None:
        cell.archive(FactType.UNITS_USED)
    cell.record(FactType.UNITS_USED, period_end=f"{_month_end(cell.day)}", quantity="40")


def _month_end(day: date) -> date:
    return next(end for end in MONTH_ENDS if end >= day)


_IMPROVED = _member(SPEC, "value_updates", lambda day: {
    "date": f"{day}", "update_type": "IMPROVEMENT", "amount": 50_000,
})  # fmt: skip
_SHORTER = _member(SPEC, "estimate_changes", lambda day: {"date": f"{day}", "remaining_life_months": 20})
_RESTING = _member(SPEC, "suspensions", lambda day: {"from": f"{day}", "to": "2026-05-15"})
_BY_TABLE = _member(BY_HAND, "manual", lambda day: {"date": f"{day}", "amount": 12_345})


def _gone(own: date, counts: date | None) -> Spec:
    return SPEC if counts is None else SPEC | {"disposal": {"date": f"{counts}"}}


def _shorten(cell: Cell) -> None:
    cell.record(FactType.ESTIMATE_CHANGE, date=f"{cell.day}", remaining_life_months=20)


def _improve(cell: Cell) -> None:
    cell.change_value("IMPROVEMENT", "CASH")


def _archive_update(cell: Cell) -> None:
    assert cell.made is not None
    archive_value_update(cell.engine, cell.business_id, cell.made, actor="ada", now=TODAY)


def _reinstate(cell: Cell) -> None:
    assert cell.asset_id is not None
    assert cell.made is not None
    reinstate_asset(cell.engine, cell.business_id, cell.asset_id, cell.made, actor="ada")


def _register(base: Spec = SPEC, **more: Any) -> Callable[[Cell], None]:
    return lambda cell: cell.register(base | {"depreciation_start_date": f"{cell.day}"}, **more)


FACTS: Mapping[str, Fact] = {
    "registration": Fact(_register(), _started),
    "registration with what paid for it": Fact(
        _register(acquisition_counter_account="CASH"), _started, entry="acquisition"
    ),
    "registration of what spreads over no life": Fact(
        _register(AT_ONCE),
        lambda own, counts: None if counts is None else AT_ONCE | {"depreciation_start_date": f"{own}"},
    ),
    "estimate change": Fact(_shorten, _SHORTER, asset=SPEC),
    "suspension": Fact(
        lambda cell: cell.record(FactType.SUSPENSION, **{"from": f"{cell.day}", "to": "2026-05-15"}),
        _RESTING,
        asset=SPEC,
    ),
    "units used": Fact(_report_anew, _units, asset=BY_UNITS),
    "manual amount": Fact(
        lambda cell: cell.record(FactType.MANUAL_AMOUNT, date=f"{cell.day}", amount=12_345), _BY_TABLE, asset=BY_HAND
    ),
    "recorded depreciation": Fact(
        lambda cell: cell.change_value("DEPRECIATION_AMORTIZATION", "DEPRECIATION"),
        lambda own, counts: SPEC,
        asset=SPEC,
        entry="value_update",
    ),
    "change of value": Fact(_improve, _IMPROVED, asset=SPEC, entry="value_update"),
    "disposal": Fact(Cell.dispose, _gone, asset=SPEC, entry="disposal"),
    "archive of a value update": Fact(
        _archive_update, _taken_back(_IMPROVED), ready=_improve, asset=SPEC, entry="reversal"
    ),
    "archive of a fact without an entry": Fact(
        lambda cell: cell.archive(FactType.ESTIMATE_CHANGE), _taken_back(_SHORTER), ready=_shorten, asset=SPEC
    ),
    "reinstatement": Fact(_reinstate, _taken_back(_gone), ready=Cell.dispose, asset=SPEC, entry="reversal"),
}
