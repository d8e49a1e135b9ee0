"""The checker's look at the ledger: entries against what names their lines, closed periods against their hashes.

Computes by itself and shares no code with what it checks. Rows are those of one business.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

DEPRECIATION = "DEPRECIATION_AMORTIZATION"


def parts_of(disposal: Any) -> list[tuple[int | None, int]]:
    """What a row of disposal does to each of its lines: (line, amount), above zero a debit; nothing is left out."""
    parts = [
        (disposal.asset_line, -disposal.cost_minor - disposal.impairment_minor),
        (disposal.impairment_line, disposal.impairment_minor),
        (disposal.accumulated_line, disposal.accumulated_minor),
        (disposal.proceeds_line, disposal.proceeds_minor or 0),
        (disposal.result_line, -disposal.gain_or_loss_minor),
        (disposal.capital_gain_line, -disposal.capital_gain_minor),
    ]
    return [(line, amount) for line, amount in parts if amount]


def sides_of(update: Any) -> list[tuple[int | None, int]]:
    """What a value update does to the two lines that it names: (line, amount), above zero a debit."""
    return [(update.debit_line, abs(update.amount_minor)), (update.credit_line, -abs(update.amount_minor))]


def journal(
    entries: Sequence[Any],
    lines: Sequence[Any],
    updates: Sequence[Any],
    disposals: Sequence[Any],
    records: Sequence[Any],
) -> Iterator[str]:
    """Every entry balances, and each line is, on its side, the sum of the value updates and disposals that name it."""
    of_entry: dict[UUID, list[Any]] = defaultdict(list)
    for line in lines:
        of_entry[line.entry_id].append(line)
    known = {entry.id: entry for entry in entries}
    said = {(r.book_id, r.effective_period, r.asset_id, r.sequence) for r in records if r.externally_booked}
    yield from _placed(known, updates, disposals, said)
    yield from _tagged(lines, updates)
    named: Counter[tuple[UUID, int, bool]] = Counter()
    for row in (row for row in (*updates, *disposals) if row.entry_id is not None):
        for number, amount in sides_of(row) if hasattr(row, "debit_line") else parts_of(row):
            named[row.entry_id, number, amount > 0] += abs(amount)
    for entry in entries:
        own = of_entry[entry.id]
        debit, credit = sum(line.debit_minor for line in own), sum(line.credit_minor for line in own)
        if not debit == credit == entry.total_minor or len(own) != entry.line_count or len(own) < 2:
            yield f"entry {entry.feed_seq} of {entry.total_minor}: debit {debit}, credit {credit}, {len(own)} lines"
        for line in own:
            for amount, is_debit in ((line.debit_minor, True), (line.credit_minor, False)):
                if amount != named.pop((entry.id, line.line_no, is_debit), 0):
                    yield f"line {line.line_no} of entry {entry.feed_seq} is not its value updates"
        if entry.reversal_of is not None and _sides(own) != _sides(of_entry[entry.reversal_of], mirrored=True):
            yield f"entry {entry.feed_seq} is not the mirror image of the one that it reverses"
    yield from (f"lines without an entry: {id_}" for id_ in of_entry.keys() - known.keys())
    yield from (f"value updates without their line: {key}" for key in named)


def _tagged(lines: Sequence[Any], updates: Sequence[Any]) -> Iterator[str]:
    """Tags of a line are there, and a value update, and what it takes back, is for the same tags on all their lines."""
    yield from (f"line {ln.line_no} has tags unknown" for ln in lines if ln.tag_set and not ln.definition_ids)
    set_of = {(line.entry_id, line.line_no): line.tag_set for line in lines}
    tags_of = {}
    for u in updates:
        key, sets = (u.book_id, u.effective_period, u.asset_id), {
            set_of.get((u.entry_id, line)) for line in (u.debit_line, u.credit_line)
        }  # fmt: skip
        tags_of[(*key, u.sequence)] = sets
        if len(sets) != 1 or (u.reversal_of is not None and sets != tags_of.get((*key, u.reversal_of), sets)):
            yield f"the lines of a value update of {u.effective_period} have other tags"


def _elsewhere(row: Any, said: Collection[Any], *, is_update: bool) -> bool:
    """Whether a row without an entry may have none: it says that it is booked elsewhere, or it is of nothing."""
    if not is_update:
        return bool(row.externally_booked) or not parts_of(row)
    sequence = row.sequence if row.reversal_of is None else row.reversal_of
    return row.run_id is None and (row.book_id, row.effective_period, row.asset_id, sequence) in said


def _sides(lines: Sequence[Any], *, mirrored: bool = False) -> Counter[tuple[UUID, int | None, int, int]]:
    return Counter(
        (line.account_id, line.tag_set, *((line.debit_minor, line.credit_minor)[:: -1 if mirrored else 1]))
        for line in lines
    )


def _placed(
    known: dict[UUID, Any], updates: Sequence[Any], disposals: Sequence[Any], said: Collection[Any]
) -> Iterator[str]:
    """Each row names an entry of its own book and periods, made by the same run or by none, of its kind."""
    for row in (*updates, *disposals):
        entry, is_update = known.get(row.entry_id), hasattr(row, "debit_line")
        if entry is None:
            if row.entry_id is not None or not _elsewhere(row, said, is_update=is_update):
                yield f"a {'value update' if is_update else 'disposal'} of {row.effective_period} names no entry"
            continue
        run_id = row.run_id if is_update else None
        of_asset = entry.asset_id in (None, row.asset_id)  # None: of many assets
        if not of_asset or (entry.book_id, entry.effective_period, entry.posting_period, entry.run_id) != (
            row.book_id,
            row.effective_period,
            row.posting_period,
            run_id,
        ):
            yield f"a {'value update' if is_update else 'disposal'} and its entry {entry.feed_seq} disagree"
        if entry.kind not in _kinds(row, is_update=is_update):
            yield f"entry {entry.feed_seq} says that it is a {entry.kind}"


def _kinds(row: Any, *, is_update: bool) -> tuple[str, ...]:
    """What the entry of a row may say that it is."""
    if not is_update:
        return ("disposal",) if row.reverses is None else ("reversal",)
    if row.reversal_of is not None:
        return ("reversal",)
    if row.update_type == "ACQUISITION":
        return ("acquisition",)
    if row.run_id is not None:
        return ("depreciation",)
    return ("value_update", "depreciation", "disposal") if row.update_type == DEPRECIATION else ("value_update",)


def content_hash(
    before: str, lines: list[str], updates: list[Any], start: date, disposals: Collection[Any] = ()
) -> str:
    """The hash of a period: that of the one before it, its lines, its value updates by key, those caught up apart, and
    its disposals, if there are any."""
    own = [u for u in updates if u.effective_period == start]
    late = [u for u in updates if u.effective_period != start]
    text_of_lines = hashlib.sha256("\n".join(lines).encode()).digest()
    gone = b"".join(_bytes_of_disposal(d) for d in disposals)
    of_gone = hashlib.sha256(gone).digest() if gone else b""
    content = before.encode() + text_of_lines + _hash_of_updates(own) + _hash_of_updates(late) + of_gone
    return hashlib.sha256(content).hexdigest()


def _hash_of_updates(some: list[Any]) -> bytes:
    digest = hashlib.sha256()
    for u in sorted(some, key=lambda u: (u.effective_period, u.asset_id, u.sequence)):
        digest.update(_bytes_of_day(u.effective_period) + u.asset_id.bytes + u.sequence.to_bytes(2, "big"))
        digest.update(u.amount_minor.to_bytes(8, "big", signed=True))
        digest.update(b"" if u.update_type == DEPRECIATION else u.update_type.encode())
    return digest.digest()


def _bytes_of_disposal(d: Any) -> bytes:
    head = d.asset_id.bytes + d.sequence.to_bytes(2, "big") + _bytes_of_day(d.date) + _bytes_of_day(d.effective_period)
    amounts = (d.proceeds_minor or 0, d.cost_minor, d.accumulated_minor, d.gain_or_loss_minor, d.capital_gain_minor)
    impaired = (d.impairment_minor,) if d.impairment_minor else ()
    return head + b"".join(amount.to_bytes(8, "big", signed=True) for amount in (*amounts, *impaired))


def _bytes_of_day(day: date) -> bytes:
    return (day - date(2000, 1, 1)).days.to_bytes(4, "big", signed=True)


def positions(said_of: Sequence[Any], updates: Sequence[Any]) -> Iterator[str]:
    """What a closed period says was posted to each asset is what lies in it and before it."""
    said: dict[date, Counter[UUID]] = defaultdict(Counter)
    for position in said_of:
        said[position.period_start][position.asset_id] += position.posted_minor
    for start, by_asset in said.items():
        lying: Counter[UUID] = Counter()
        for update in updates:
            if update.posting_period <= start and update.update_type == DEPRECIATION and not update.beside_plan:
                lying[update.asset_id] += update.amount_minor
        wrong = [asset for asset in by_asset.keys() | lying.keys() if by_asset[asset] != lying[asset]]
        if wrong:
            yield f"the position of {start} is wrong of {len(wrong)} assets"


def closed(
    periods: Sequence[Any],
    entries: Sequence[Any],
    lines: Sequence[Any],
    updates: Sequence[Any],
    balances: Sequence[Any],
    disposals: Sequence[Any],
) -> Iterator[str]:
    """A closed period still holds what it was closed with; balances carry on; closed and locked come in order."""
    order = {"locked": 0, "closed": 1, "closing": 2, "open": 2}
    ranks = [order[p.status] for p in periods]
    if ranks != sorted(ranks):
        yield f"periods closed or locked out of order: {[p.status for p in periods]}"
    yield from (f"period {p.period_start} is seen closing" for p in periods if p.status == "closing")
    line_of: dict[UUID, list[Any]] = defaultdict(list)
    for line in lines:
        line_of[line.entry_id].append(line)
    standing: dict[UUID, int] = {}
    before = ""
    for period in periods:
        if period.status not in ("closed", "locked"):
            continue
        own = [entry for entry in entries if entry.posting_period == period.period_start]
        rows = [(e, ln) for e in own for ln in line_of[e.id]]
        lying = [update for update in updates if update.posting_period == period.period_start]
        gone = [disposal for disposal in disposals if disposal.posting_period == period.period_start]
        content = content_hash(before, [_text_of_line(*row) for row in rows], lying, period.period_start, gone)
        before = period.content_hash
        charged = sum(update.amount_minor for update in lying if update.update_type == DEPRECIATION)
        if (content, len(own), charged) != (period.content_hash, period.entry_count, period.charged_minor):
            yield (
                f"period {period.period_start} is not what it was closed with: {len(own)} entries of {charged}, "
                f"closed with {period.entry_count} of {period.charged_minor}"
            )
        for entry in own:
            if entry.created_at > period.closed_at or not period.period_start <= entry.entry_date <= period.period_end:
                yield f"entry {entry.feed_seq} came into {period.period_start} after its close, or is dated outside"
        yield from _balances(period, [line for _, line in rows], balances, standing)


def _text_of_line(entry: Any, line: Any) -> str:
    parts = (entry.feed_seq, entry.id, entry.entry_date, line.line_no, line.account_id, line.debit_minor)
    tags = () if line.definition_ids is None else (",".join(map(str, line.definition_ids)),)
    return "|".join(map(str, (*parts, line.credit_minor, *tags)))


def _balances(period: Any, lines: Sequence[Any], balances: Sequence[Any], standing: dict[UUID, int]) -> Iterator[str]:
    """The accounts' balances at the end of a period; `standing` is what they stood at before it, and is moved on."""
    moved: Counter[UUID] = Counter()
    for line in lines:
        moved[line.account_id] += line.debit_minor - line.credit_minor
    of_period = (period.period_start, period.generation)
    kept = {b.account_id: b for b in balances if (b.period_start, b.generation) == of_period}
    for account in {*moved, *standing, *kept}:
        row = kept.get(account)
        closing = standing.get(account, 0) + moved[account]
        if row is None or (row.opening_minor, row.closing_minor) != (standing.get(account, 0), closing):
            yield f"the balance of an account at {period.period_start} does not carry on"
        standing[account] = closing
