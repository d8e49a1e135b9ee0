"""The facts of an import: recorded once its assets are there, in the import's own transaction.

A fact that is there already with the same content is left as it is, so that a file can be imported twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from bookvalue.domain.asset_fact_spec import FACTS_OF, read_fact
from bookvalue.domain.disposal_spec import Part, read_disposal
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.fact_lines import FACT_TYPES, FactLine
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding
from bookvalue.domain.register_columns import FACT_KINDS
from bookvalue.domain.register_csv import FileFinding, RegisterLine
from bookvalue.services import asset_at_hand
from bookvalue.services.record_facts import AssetFact, AssetFactKind, findings_of, record_facts
from bookvalue.services.register_of import Register
from bookvalue.services.wanted_value_updates import fingerprint_of
from bookvalue.storage import asset_facts, assets, disposals, value_updates
from bookvalue.storage.unit_of_work import Connection

Line = RegisterLine[FactLine]

KINDS_OF: Mapping[str, AssetFactKind] = {
    "estimate_changes": AssetFactKind.ESTIMATE_CHANGE,
    "suspensions": AssetFactKind.SUSPENSION,
    "units_used": AssetFactKind.UNITS_USED,
    "manual_amounts": AssetFactKind.MANUAL_AMOUNT,
    "value_updates": AssetFactKind.VALUE_UPDATE,
    "disposals": AssetFactKind.DISPOSAL,
}
"""What each kind of file holds."""
_ORDER = {kind.name: number for number, kind in enumerate(FACT_KINDS)}
# What an error is about that names no field.
_ABOUT = {
    "asset_not_registered": "asset", "asset_disposed": "asset", "cash_basis": "business", "duplicate": "external_id",
}  # fmt: skip


@dataclass(slots=True)
class ImportedFacts:
    """What became of the facts of a business."""

    recorded: int = 0
    unchanged: int = 0
    findings: list[FileFinding] = field(default_factory=list)


def import_facts(
    connection: Connection, business_id: UUID, lines: Sequence[Line], *, actor: str, now: datetime
) -> ImportedFacts:
    """Records the facts of a business: estimates and the like, value updates, disposals, each kind by date.

    With findings nothing of it may be kept. now: the business clock. Raises Busy.
    """
    register = asset_at_hand.hold_register(connection, business_id)
    fresh = _fresh(connection, register, sorted(lines, key=_order))
    facts = [AssetFact(KINDS_OF[line.value.kind.name], line.value.raw) for line in fresh]
    done = ImportedFacts(unchanged=len(lines) - len(fresh))
    for line, result in zip(fresh, record_facts(connection, register, facts, actor=actor, now=now), strict=True):
        if isinstance(result, BookvalueError):
            done.findings += [_located(line, _about(line, found)) for found in findings_of(result)]
        else:
            done.recorded += result[1]
            done.unchanged += not result[1]
    return done


def _order(line: Line) -> tuple[int, str, bool]:
    whole = "part" not in line.value.raw  # nothing can go of an asset that has gone
    return _ORDER[line.value.kind.name], line.value.cells.get(line.value.day_column, ""), whole


def _fresh(connection: Connection, register: Register, lines: Sequence[Line]) -> list[Line]:
    """The lines whose content is not there yet, each content once; an external id speaks for itself."""
    business = register.business
    ids = assets.ids(connection, business.id, {line.value.asset for line in lines})
    there: set[tuple[Any, ...]] = set()
    if ids:
        there = {("value_updates", *one) for one in value_updates.fingerprints(connection, business.id, ids.values())}
        in_force = disposals.in_force(connection, business.id, business.book_id, ids.values())
        there |= {_disposed(row, None) for row in in_force.values()}
        for row in disposals.parts_in_force(connection, business.id, business.book_id, ids.values()):
            share = Fraction(row.share_numerator, row.share_denominator)
            there |= {_disposed(row, Part(cost_minor=row.cost_minor)), _disposed(row, Part(fraction=share))}
        kept = asset_facts.of_assets(connection, business.id, business.book_id, list(ids.values()))
        there |= {
            (name, id_, fact)
            for id_, facts in kept.items()
            for name, kind in FACT_TYPES.items()
            for fact in getattr(facts, FACTS_OF[kind])
        }
    fresh = []
    for line in lines:
        content = _content(line.value, ids.get(line.value.asset))
        if content is None or content not in there:
            fresh.append(line)
        if content is not None:
            there.add(content)
    return fresh


def _content(line: FactLine, asset_id: UUID | None) -> tuple[Any, ...] | None:
    """What a fact is known by where it has no external id, which then says more."""
    name = line.kind.name
    if name == "value_updates":
        return None if "external_id" in line.raw else (name, asset_id, fingerprint_of(line.raw))
    if name == "disposals":
        wanted, _ = read_disposal(line.body)
        assert wanted is not None  # it was read before
        said = wanted.reason, wanted.proceeds_minor, wanted.memo, wanted.externally_booked
        return name, asset_id, wanted.day, *said, wanted.part
    fact, _ = read_fact(FACT_TYPES[name], line.body)
    return name, asset_id, fact


def _disposed(row: Any, part: Part | None) -> tuple[Any, ...]:
    """What a disposal that is kept is known by."""
    said = row.reason, row.proceeds_minor, row.memo, row.externally_booked
    return "disposals", row.asset_id, row.given_date, *said, part


def _about(line: Line, found: Finding) -> Finding:
    """A finding about a field, also where the error named none."""
    if found.field is not None:
        return found
    column = _ABOUT.get(found.code, line.value.day_column)
    return replace(found, field=column if column in line.value.kind.columns else line.value.day_column)


def _located(line: Line, found: Finding) -> FileFinding:
    """A finding about a column of its line, with the cell's own text."""
    column = line.value.kind.column_of(found.field or "", line.value.cells)
    cell = shown(line.value.cells.get(column))
    return FileFinding(line.file, replace(found, field=column, value=cell, line=line.line))
