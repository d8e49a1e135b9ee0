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
from bookvalue.storage import entries
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.entries import EntryHead, UpdateRow
from bookvalue.storage.unit_of_work import Connection

Moved = UpdateType | CostMovement


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a value update went: its sequence in its effective period, and its entry."""

    sequence: int
    entry_id: UUID


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
    accounts: tuple[KeptAccount, KeptAccount],
    *,
    kind: EntryKind = EntryKind.VALUE_UPDATE,
    memo: str | None = None,
    reverses: Any = None,
    **changes: int | None,
) -> Posted:
    """Writes the entry and the row of a value update of `amount_minor` > 0, debit and credit account in this order.

    reverses: the kept row of the update that this takes back; the accounts are then those of its mirror image.
    changes: remaining_life_months, residual_minor.
    """
    business = asset.register.business
    debit, credit = accounts
    made = lines_of([Side(debit.id, debit.ordinal, amount_minor), Side(credit.id, credit.ordinal, -amount_minor)])
    head = EntryHead(
        kind,
        placement.effective.start,
        placement.posting.start,
        placement.entry_date,
        business.value.currency,
        asset.id,
        reverses and reverses.entry_id,
        memo,
    )
    entry_id = entries.write_entry(connection, business.id, business.book_id, head, made)
    debit_line, credit_line = made.line_of
    row = UpdateRow(
        asset.id,
        placement.effective.start,
        placement.posting.start,
        update_type,
        -amount_minor if reverses else amount_minor,
        entry_id,
        debit_line,
        credit_line,
        None if update_type is UpdateType.DEPRECIATION_AMORTIZATION else placement.day,
        reversal_of=reverses and reverses.sequence,
        **changes,
    )
    return Posted(entries.write_update(connection, business.id, business.book_id, row), entry_id)
