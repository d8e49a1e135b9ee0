"""The posting of one value update by itself: its entry, and its row.

Runs in the caller's transaction, with the business held and the period placed.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import CostMovement, EntryKind, UpdateType
from bookvalue.ledger.account_rules import ASSET_FIELD, RULES, Slot
from bookvalue.ledger.entry import Side, lines_of
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.late_facts import Placement
from bookvalue.storage import entries, tag_sets
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.entries import EntryHead, UpdateRow
from bookvalue.storage.unit_of_work import Connection

Moved = UpdateType | CostMovement


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a value update went: its sequence in its effective period, and its entry, if it has one."""

    sequence: int
    entry_id: UUID | None


@dataclass(frozen=True, slots=True)
class Reversed:
    """What is taken back: the sequence of the value update, and its entry where the whole of it is reversed."""

    sequence: int
    reverses_entry: UUID | None


def accounts_for(
    asset: AssetAtHand, update_type: Moved, counter: KeptAccount
) -> tuple[tuple[KeptAccount, KeptAccount] | None, list[Finding]]:
    """The accounts that an update debits and credits; or what the asset lacks for it."""
    rule, found, findings = RULES[update_type], [], []
    for slot in (rule.debit, rule.credit):
        # Whoever records a depreciation names the expense as the counter account.
        account = counter if slot in (Slot.COUNTER, Slot.EXPENSE) else asset.account(ASSET_FIELD[slot])
        if account is None:
            code = "accumulated_account_missing" if slot is Slot.ACCUMULATED else "ledger_account_missing"
            findings.append(finding(code, ASSET_FIELD[slot]))
        else:
            found.append(account)
    if findings:
        return None, findings
    debit, credit = found
    if debit.id == credit.id:
        return None, [finding("same_account", "counter_account", counter.value.code)]
    return (debit, credit), []


def post(
    connection: Connection,
    asset: AssetAtHand,
    placement: Placement,
    update_type: Moved,
    amount_minor: int,
    accounts: tuple[KeptAccount, KeptAccount] | None,
    *,
    kind: EntryKind = EntryKind.VALUE_UPDATE,
    memo: str | None = None,
    reverses: Reversed | None = None,
    **more: Any,
) -> Posted:
    """Writes the entry and the row of a value update.

    accounts: what the type debits and credits, the other way round for an amount below zero; None for what is booked
    elsewhere, which has no entry. reverses: what this takes back, by an amount of the other sign; its lines have the
    tags of those, others what the asset has on the day.
    more: remaining_life_months, residual_minor, beside_plan of the row.
    """
    business = asset.register.business
    entry_id, debit_line, credit_line = None, None, None
    if accounts is not None:
        debit, credit = accounts if amount_minor > 0 else accounts[::-1]
        size = abs(amount_minor)
        made = lines_of([Side(debit.id, debit.ordinal, size), Side(credit.id, credit.ordinal, -size)])
        head = EntryHead(
            kind,
            placement.effective.start,
            placement.posting.start,
            placement.entry_date,
            business.value.currency,
            asset.id,
            reverses.reverses_entry if reverses else None,
            memo,
            _tag_set(connection, asset, placement, reverses),
        )
        entry_id = entries.write_entry(connection, business.id, business.book_id, head, made)
        debit_line, credit_line = made.line_of
    row = UpdateRow(
        asset.id,
        placement.effective.start,
        placement.posting.start,
        update_type,
        amount_minor,
        entry_id,
        debit_line,
        credit_line,
        None if update_type is UpdateType.DEPRECIATION_AMORTIZATION else placement.day,
        reversal_of=reverses.sequence if reverses else None,
        **more,
    )
    return Posted(entries.write_update(connection, business.id, business.book_id, row), entry_id)


def _tag_set(connection: Connection, asset: AssetAtHand, placement: Placement, reverses: Reversed | None) -> int | None:
    business = asset.register.business
    if reverses is not None:
        effective = placement.effective.start
        return tag_sets.of_update(
            connection, business.id, business.book_id, asset.id, effective, reverses.sequence
        )  # fmt: skip
    key = asset.id, placement.day
    return tag_sets.on_days(connection, business.id, [key]).get(key)
