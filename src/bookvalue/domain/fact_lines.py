"""A line of a file of facts (value_updates.csv, disposals.csv and so on) -> a FactLine, or findings on the line.

What makes a good fact is said by the readers that the API uses; here their findings become findings about columns.
Whether it fits its asset is asked when it is recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bookvalue.domain.asset_fact_spec import FactType, read_fact
from bookvalue.domain.disposal_spec import DISPOSAL_ACCOUNTS, read_disposal
from bookvalue.domain.finding import Finding
from bookvalue.domain.register_columns import FileKind, raw_of
from bookvalue.domain.register_reading import BusinessInFiles, CsvLine, Reading, business_of
from bookvalue.domain.value_update_spec import read_value_update

_MOST_DECIMALS = "CLF"  # stands in for a currency that could not be read: it refuses the fewest amounts
_ACCOUNTS = ("counter_account", *DISPOSAL_ACCOUNTS)
_ASSET = "asset_external_id"
_DAYS = ("date", "period_end", "from")

FACT_TYPES: Mapping[str, FactType] = {
    "estimate_changes": FactType.ESTIMATE_CHANGE,
    "suspensions": FactType.SUSPENSION,
    "units_used": FactType.UNITS_USED,
    "manual_amounts": FactType.MANUAL_AMOUNT,
}
"""Those facts that have no entry of their own, by the kind of their file."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as a line gives it. raw: the body of the request that records it, with `asset_external_id`; cells: its own
    cells, for findings. on_file: its asset may stand in these files."""

    kind: FileKind
    raw: Mapping[str, Any]
    cells: Mapping[str, str]
    on_file: bool

    @property
    def asset(self) -> str:
        """The external id of its asset."""
        return str(self.raw[_ASSET])

    @property
    def day_column(self) -> str:
        """The column that says when it was, or from when."""
        return next(name for name, column in self.kind.columns.items() if column.path in _DAYS)

    @property
    def body(self) -> dict[str, Any]:
        """The raw object without its asset."""
        return {name: value for name, value in self.raw.items() if name != _ASSET}


def read_fact_line(line: CsvLine, reading: Reading) -> FactLine | None:
    """The fact that a line describes, or None with findings on the line."""
    business = business_of(line, reading)
    raw, failed = raw_of(line.kind, line.cells, business.currency or _MOST_DECIMALS)
    raw.pop("business", None)
    asset = line.cells.get("asset")
    if asset is None:
        line.refuse("required", "asset")
    line.take(_findings(line.kind, {_ASSET: "unknown", **raw}), failed)
    _check_accounts(line, business, reading)
    if line.findings:
        return None
    on_file = asset in business.assets or business.stand_in or reading.may_have_lost("assets", asset or "")
    return FactLine(line.kind, raw, line.cells, on_file)


def _findings(kind: FileKind, raw: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with the fields of a fact."""
    if kind.name == "value_updates":
        return read_value_update(raw)[1]
    body = {name: value for name, value in raw.items() if name != _ASSET}
    if kind.name == "disposals":
        return read_disposal(body)[1]
    return read_fact(FACT_TYPES[kind.name], body)[1]


def _check_accounts(line: CsvLine, business: BusinessInFiles, reading: Reading) -> None:
    """Each account named must be in the business's chart, as far as the chart is known."""
    for column in _ACCOUNTS:
        name = line.cells.get(column)
        if name is None or business.accounts is None or column not in line.kind.columns:
            continue
        if name not in business.accounts and not reading.may_have_lost("accounts", name):
            line.refuse("unknown_account", column)
