"""DISPOSE of an asset: sold, scrapped or given away, with the depreciation up to the day and one entry that takes it
off the books (SEMANTICS section 6). One transaction; a dry run is the same one, given up at its end.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.calendar import Period
from bookvalue.domain.disposal_spec import DISPOSAL_ACCOUNTS, DisposalSpec, read_disposal
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import AssetStatus, EntryKind, OutcomeStatus, UpdateType, ValueChangeType
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot
from bookvalue.ledger.derecognition import Carried, Part, parts
from bookvalue.ledger.outcomes import CHARGEABLE, REASONS
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.compute_charges import Computed, compute_charges
from bookvalue.services.derecognise import Removal, hold_all_periods, write
from bookvalue.services.dispose_part import part_of
from bookvalue.services.findings import refuse, with_unknown
from bookvalue.services.late_facts import FactKind, Placement, place
from bookvalue.services.post_value_update import Posting, post
from bookvalue.services.register_of import Register
from bookvalue.services.reverse_later import reverse_later
from bookvalue.services.show_disposals import DisposalView, read_disposal_view, without_ids
from bookvalue.storage import audit, disposals, periods, tag_sets
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Charge = tuple[Period, Period, int, int | None]
"""Depreciation for a period, posted in a period: minor units, below zero where it takes back; and its tag set."""


def dispose_asset(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    raw: Any,
    *,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, DisposalView], None] = lambda _connection, _view: None,
) -> DisposalView:
    """The disposal; of a dry run (`dry_run` of the raw object) what it would be, without an id, and nothing is written.

    now: the business clock. `keep` is called right before the commit. Raises NotFound, InvalidInput with every finding,
    AssetNotRegistered, AssetDisposed, PeriodLocked, LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        wanted = read(raw, register)
        view = dispose(connection, asset, wanted, actor=actor, now=now)
        if wanted.dry_run:
            return without_ids(view)
        keep(connection, view)
        connection.commit()
    return view


def dispose(
    connection: Connection, asset: AssetAtHand, wanted: DisposalSpec, *, actor: str, now: datetime
) -> DisposalView:
    """The same in the caller's transaction, which holds the business."""
    business = asset.register.business
    names = business.id, business.book_id, asset.id
    asset_at_hand.require_registered(asset)
    findings = asset_at_hand.basis_findings(asset.register)
    findings += asset_at_hand.later_day_findings(asset, wanted.day, "date", today=business.value.day_of(now))
    if findings:
        raise refuse(findings)
    last = hold_all_periods(connection, business, wanted.day)
    placement = place(connection, business, wanted.day, FactKind.POSTED)
    later = disposals.first_fact_after(connection, *names, placement.day)
    if later is not None:
        raise refuse([finding("facts_after_disposal", "date", later.isoformat())])
    if wanted.value_change is not None:
        reverse_later(connection, asset, placement)
    moved = disposals.moved(connection, *names)
    # The engine learns of the disposal from the register itself; the asset has to depreciate up to it, so that it is
    # still registered.
    disposals.set_state(connection, *names, placement.day, AssetStatus.REGISTERED)
    charges = _charges(compute_charges(connection, business.id, business.book_id, last, only=[asset.id]))
    # one a period, or one for each of the tags of a period: the disposal's entry has those of its day
    tagged = placement.effective, tag_sets.on_day(connection, business.id, asset.id, placement.day)
    own = next((one for one in reversed(charges) if (one[0], one[3]) == tagged), None)
    opening, impairment = asset.value.opening, asset.account(ASSET_FIELD[Slot.IMPAIRMENT])
    gone = disposals.parts_gone(connection, *names)
    carried = Carried(
        asset.value.cost_minor + moved.increases_minor - moved.decreases_minor,
        asset.value.cost_minor + moved.increases_minor,
        (opening.accumulated_minor if opening else 0) + moved.depreciation_minor + sum(one[2] for one in charges),
        own[2] if own else 0,
        disposals.impaired(connection, *names, impairment.id) if impairment else 0,
    ).less(gone)
    part = None if wanted.part is None else part_of(connection, asset, wanted.part, carried, placement.day)
    if part is not None:
        carried = carried.part(part.share)
    if wanted.proceeds_minor is None and carried.book_value_minor:
        raise refuse([finding("value_left", "proceeds", carried.book_value_minor)])
    written_off = carried.book_value_minor if wanted.value_change is ValueChangeType.FULL_DEPRECIATION else 0
    carried = carried.depreciated_by(written_off)
    amounts = {} if wanted.externally_booked else parts(carried, wanted.proceeds_minor or 0)
    removal = Removal(
        EntryKind.DISPOSAL,
        amounts,
        _accounts(asset, wanted, amounts),
        placement.effective,
        placement.posting,
        placement.entry_date,
        wanted.memo,
    )
    # What is booked elsewhere has no entry here, and its depreciation one of its own.
    apart = [one for one in charges if wanted.externally_booked or one is not own]
    others = [posted.entry_id for posted in post(connection, [_as_posting(asset, charge) for charge in apart])]
    result = carried.result(wanted.proceeds_minor or 0)
    disposal_id = write(
        connection,
        asset,
        removal,
        {
            "date": placement.day,
            "given_date": wanted.day,
            "reason": wanted.reason,
            "proceeds_minor": wanted.proceeds_minor,
            "cost_minor": carried.cost_minor,
            "accumulated_minor": carried.accumulated_minor,
            "impairment_minor": carried.impairment_minor,
            "gain_or_loss_minor": result.gain_or_loss_minor,
            "capital_gain_minor": result.capital_gain_minor,
            "depreciation_entry_ids": others,
            "value_change": wanted.value_change,
            "written_off_minor": written_off if wanted.value_change else None,
            "externally_booked": wanted.externally_booked,
            **({} if part is None else part.columns(carried)),
            "memo": wanted.memo,
            "actor": actor,
        },
    )
    left = (placement.day, AssetStatus.DISPOSED) if part is None else (None, AssetStatus.REGISTERED)
    disposals.set_state(connection, *names, *left)
    periods.raise_fact_version(connection, business.id, [_first_day(asset, placement, charges)])
    _tell(connection, asset, disposal_id, placement, wanted, actor)
    return read_disposal_view(connection, asset.register, asset.id, disposal_id)


def read(raw: Any, register: Register) -> DisposalSpec:
    """The disposal that is wanted, its accounts by code. Raises InvalidInput."""
    given, unknown = by_code(raw, DISPOSAL_ACCOUNTS, register.chart) if isinstance(raw, Mapping) else (raw, [])
    wanted, findings = read_disposal(given)
    findings = with_unknown(unknown, findings)
    if wanted is None or findings:
        raise refuse(findings)
    return wanted


def _charges(computed: Computed) -> list[Charge]:
    """What the asset is due up to its disposal, by period. Raises InvalidInput where something blocks it."""
    reason = int(computed.reasons[0])
    if reason != CHARGEABLE and REASONS[reason - 1].status is OutcomeStatus.BLOCKED:
        raise refuse([finding(REASONS[reason - 1].code, REASONS[reason - 1].field)])
    columns = (getattr(computed.charges, name).tolist() for name in ("effective", "posting", "amount_minor", "tag_set"))
    known = [one.period for one in computed.periods]
    return [
        (known[effective], known[posting], amount, tag_set or None)
        for effective, posting, amount, tag_set in zip(*columns, strict=True)
    ]


_PART_FIELDS: Mapping[Part, tuple[str, str]] = {
    Part.STUB_EXPENSE: (ASSET_FIELD[Slot.EXPENSE], "expense_account_missing"),
    Part.STUB_ACCUMULATED: (ASSET_FIELD[Slot.ACCUMULATED], "accumulated_account_missing"),
    Part.ASSET: (ASSET_FIELD[Slot.ASSET], "ledger_account_missing"),
    Part.ACCUMULATED: (ASSET_FIELD[Slot.ACCUMULATED], "accumulated_account_missing"),
    Part.IMPAIRMENT: (ASSET_FIELD[Slot.IMPAIRMENT], "ledger_account_missing"),
}
_NAMED_FIELDS: Mapping[Part, str] = {
    Part.PROCEEDS: "proceeds_account",
    Part.GAIN: "gain_account",
    Part.LOSS: "loss_account",
    Part.CAPITAL_GAIN: "capital_gain_account",
}


def _accounts(asset: AssetAtHand, wanted: DisposalSpec, amounts: Mapping[Part, int]) -> dict[Part, tuple[UUID, int]]:
    """The account of each part: the asset's, else the one that the disposal or the business names. Raises InvalidInput
    for those that are not there."""
    found: dict[Part, KeptAccount] = {}
    findings: dict[str, Finding] = {}
    for part in amounts:
        if part in _PART_FIELDS:
            field, code = _PART_FIELDS[part]
            account, missing = asset.account(field), finding(code, field)
        else:
            field = _NAMED_FIELDS[part]
            name = getattr(wanted, field) or getattr(asset.register.business.value, field)
            account, missing = asset.register.chart.called(name), finding("unknown_account", field, name)
        if account is None:
            findings[field] = missing
        else:
            found[part] = account
    if findings:
        raise refuse(list(findings.values()))
    return {part: (account.id, account.ordinal) for part, account in found.items()}


def _as_posting(asset: AssetAtHand, charge: Charge) -> Posting:
    """What is due for another period than the disposal's, or under other tags: posted as a close would."""
    effective, posting, amount, tag_set = charge
    expense, accumulated = (asset.account(ASSET_FIELD[slot]) for slot in (Slot.EXPENSE, Slot.ACCUMULATED))
    assert expense is not None  # an asset that is due something has both, or was blocked
    assert accumulated is not None
    return Posting(
        asset,
        Placement(posting.end, effective, posting),  # a close's entries have the period's last day
        UpdateType.DEPRECIATION_AMORTIZATION,
        amount,
        (expense, accumulated),
        tag_set,
        EntryKind.DEPRECIATION,
    )


def _first_day(asset: AssetAtHand, placement: Placement, charges: list[Charge]) -> date:
    """The first day on which a charge may differ by the disposal: rules of half years count from the year's start."""
    year = asset.register.business.value.fiscal_calendar.year_start(placement.day)
    return min([year, *(effective.start for effective, *_ in charges)])


def _tell(
    connection: Connection,
    asset: AssetAtHand,
    disposal_id: UUID,
    placement: Placement,
    wanted: DisposalSpec,
    actor: str,
) -> None:
    """One audit row and one event."""
    body = {
        "disposal_id": str(disposal_id),
        "asset_id": str(asset.id),
        "date": placement.day.isoformat(),
        "reason": wanted.reason.value,
        "effective_period": placement.effective.name,
        "posting_period": placement.posting.name,
    }
    business_id, subject = asset.register.business.id, f"asset/{asset.id}"
    audit.record(connection, business_id, actor=actor, action="asset.disposed", subject=subject, details=body)
    audit.announce(connection, business_id, "asset.disposed", body)
