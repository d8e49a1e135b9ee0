"""The posting of value updates by themselves: each has its entry, and its row.

Runs in the caller's transaction, with the business held and the periods placed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import CostMovement, EntryKind, UpdateType
from bookvalue.ledger.account_rules import ASSET_FIELD, INSTEAD, RULES, Slot
from bookvalue.ledger.entry import EntryLines, Side, lines_of
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.late_facts import Placement
from bookvalue.storage import entries
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.entries import EntryHead, UpdateRow
from bookvalue.storage.unit_of_work import Connection

Moved = UpdateType | CostMovement
Accounts = tuple[KeptAccount, KeptAccount]
"""The accounts that a value update debits and credits."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a value update went: its sequence in its effective period, and its entry, if it has one."""

    sequence: int
    entry_id: UUID | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A value update to post; amounts in minor units.

    accounts: what the type debits and credits, the other way round for an amount below zero; None for what is booked
    elsewhere, which has no entry. tag_set: what its lines are tagged with.
    reversal_of: the sequence of the value update that it takes back; reverses_entry: the entry that it takes back as a
    whole.
    """

    asset: AssetAtHand
    placement: Placement
    update_type: Moved
    amount_minor: int
    accounts: Accounts | None
    tag_set: int | None
    kind: EntryKind = EntryKind.VALUE_UPDATE
    memo: str | None = None
    reversal_of: int | None = None
    reverses_entry: UUID | None = None
    remaining_life_months: int | None = None
    residual_minor: int | None = None
    beside_plan: bool = False


def accounts_for(asset: AssetAtHand, update_type: Moved, counter: KeptAccount) -> tuple[Accounts | None, list[Finding]]:
    """The accounts that an update debits and credits; or what the asset lacks for it."""
    rule, found, findings = RULES[update_type], [], []
    for slot in (rule.debit, rule.credit):
        # Whoever records a depreciation names the expense as the counter account.
        account = counter if slot in (Slot.COUNTER, Slot.EXPENSE) else asset.account_of(slot)
        if account is None:
            code = "accumulated_account_missing" if slot is Slot.ACCUMULATED else "ledger_account_missing"
            findings.append(finding(code, ASSET_FIELD[INSTEAD.get(slot, slot)]))
        else:
            found.append(account)
    if findings:
        return None, findings
    debit, credit = found
    if debit.id == credit.id:
        return None, [finding("same_account", "counter_account", counter.value.code)]
    return (debit, credit), []


def post(connection: Connection, postings: Sequence[Posting]) -> list[Posted]:
    """Writes the entries and the rows of value updates of one business."""
    if not postings:
        return []
    business = postings[0].asset.register.business
    made = [None if one.accounts is None else _entry(one, one.accounts) for one in postings]
    booked = [one for one in made if one is not None]
    ids = iter(entries.write_entries(connection, business.id, business.book_id, booked))
    entry_ids = [None if one is None else next(ids) for one in made]
    rows = [
        _row(posting, entry_id, one and one[1])
        for posting, entry_id, one in zip(postings, entry_ids, made, strict=True)
    ]
    sequences = entries.write_updates(connection, business.id, business.book_id, rows)
    return [Posted(*one) for one in zip(sequences, entry_ids, strict=True)]


def _entry(posting: Posting, accounts: Accounts) -> tuple[EntryHead, EntryLines]:
    placement, size = posting.placement, abs(posting.amount_minor)
    debit, credit = accounts if posting.amount_minor > 0 else accounts[::-1]
    head = EntryHead(
        posting.kind,
        placement.effective.start,
        placement.posting.start,
        placement.entry_date,
        posting.asset.register.business.value.currency,
        posting.asset.id,
        posting.reverses_entry,
        posting.memo,
        posting.tag_set,
    )
    return head, lines_of([Side(debit.id, debit.ordinal, size), Side(credit.id, credit.ordinal, -size)])


def _row(posting: Posting, entry_id: UUID | None, made: EntryLines | None) -> UpdateRow:
    placement = posting.placement
    debit_line, credit_line = made.line_of if made else (None, None)
    return UpdateRow(
        posting.asset.id,
        placement.effective.start,
        placement.posting.start,
        posting.update_type,
        posting.amount_minor,
        entry_id,
        debit_line,
        credit_line,
        None if posting.update_type is UpdateType.DEPRECIATION_AMORTIZATION else placement.day,
        posting.remaining_life_months,
        posting.residual_minor,
        posting.reversal_of,
        posting.beside_plan,
    )
