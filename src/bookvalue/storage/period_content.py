"""What lies in a posting period: how much of it is charged, by whom, and the hash that a close keeps and a lock checks.

Reads the database's rows alone, never what a run believes that it wrote.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.storage.journals import LINES_OF_PERIOD


@dataclass(frozen=True, slots=True)
class Content:
    """A posting period as it is: depreciation in minor units, entries, the hash, and of one run the value updates."""

    content_hash: str
    entry_count: int
    charged_minor: int
    run_updates: int
    run_minor: int


# Each value update says which asset it is of: who moves an amount from one asset to another changes the hash as well.
# In the order of the key, which is how the index hands the rows over; those caught up, of earlier periods, come apart.
_UPDATES = """
    SELECT count(*) FILTER (WHERE run_id = CAST(:run AS uuid)) AS run_updates,
           sum(amount_minor) FILTER (WHERE run_id = CAST(:run AS uuid)) AS run_minor,
           sum(amount_minor) FILTER (WHERE update_type = 'DEPRECIATION_AMORTIZATION') AS charged_minor,
           sha256(coalesce(string_agg(date_send(effective_period) || uuid_send(asset_id) || int2send(sequence)
                                      || int8send(amount_minor) || CASE update_type
                                          WHEN 'DEPRECIATION_AMORTIZATION' THEN '' ELSE update_type::bytea END,
                                      '' ORDER BY effective_period, asset_id, sequence), '')) AS digest
    FROM value_update WHERE business_id = :business AND book_id = :book AND posting_period = :start AND """
# A line without tags says nothing of them, nor a disposal of no impairment. Each disposal is in it; a period without
# any has no digest of them.
_CONTENT = text(f"""
    WITH own AS ({_UPDATES} effective_period = :start), late AS ({_UPDATES} posting_period <> effective_period),
    lines AS (
        SELECT sha256(convert_to(coalesce(string_agg(
                   concat_ws('|', l.feed_seq, l.id, l.entry_date, l.line_no, l.account_id,
                             l.debit_minor, l.credit_minor, array_to_string(t.definition_ids, ',')),
                   E'\\n' ORDER BY l.feed_seq, l.line_no), ''), 'UTF8')) AS digest
        FROM (SELECT e.feed_seq, e.id, e.entry_date, l.line_no, l.account_id, l.debit_minor, l.credit_minor, l.tag_set
              {LINES_OF_PERIOD}) l
        LEFT JOIN tag_set t ON t.business_id = :business AND t.id = l.tag_set
    ), gone AS (
        SELECT sha256(string_agg(
                   uuid_send(asset_id) || int2send(sequence) || date_send(date) || date_send(effective_period)
                   || int8send(coalesce(proceeds_minor, 0)) || int8send(cost_minor) || int8send(accumulated_minor)
                   || int8send(gain_or_loss_minor) || int8send(capital_gain_minor)
                   || CASE impairment_minor WHEN 0 THEN '' ELSE int8send(impairment_minor) END,
                   '' ORDER BY asset_id, sequence)) AS digest
        FROM disposal WHERE business_id = :business AND book_id = :book AND posting_period = :start
    ), entries AS (
        SELECT count(*) AS entry_count FROM journal_entry
        WHERE business_id = :business AND book_id = :book AND posting_period = :start
    ), before AS (
        SELECT coalesce((SELECT q.content_hash FROM period q WHERE q.business_id = :business AND q.book_id = :book
                         AND q.period_start < :start ORDER BY q.period_start DESC LIMIT 1), '') AS hash
    )
    SELECT encode(sha256(convert_to(before.hash, 'UTF8') || lines.digest || own.digest || late.digest
                         || coalesce(gone.digest, '')), 'hex'),
           entries.entry_count, coalesce(own.charged_minor, 0)::bigint + coalesce(late.charged_minor, 0)::bigint,
           own.run_updates + late.run_updates,
           coalesce(own.run_minor, 0)::bigint + coalesce(late.run_minor, 0)::bigint
    FROM before, entries, lines, own, late, gone
""")  # noqa: S608 - made of constants


def content(
    connection: Connection, business_id: UUID, book_id: UUID, start: date, run_id: UUID | None = None
) -> Content:
    """What lies in a period, and what of it is the run's; its hash chains on that of the period before it."""
    parameters = {"business": business_id, "book": book_id, "start": start, "run": run_id}
    row = connection.execute(_CONTENT, parameters).one()
    return Content(row[0], *(int(value) for value in row[1:]))
