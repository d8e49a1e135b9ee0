"""The journal as a close writes it: numbers of the feed, and what moved on each account. Reading it is feed.py's."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.ledger.tie_out import AccountMovement

# The lines of a posting period. Identifiers of entries ascend in time, so that between the first and the last of a
# period lie few others: the range keeps this from reading the lines of all history. Also used by period_content.
LINES_OF_PERIOD = """
    FROM journal_entry e JOIN journal_line l ON l.business_id = e.business_id AND l.entry_id = e.id
    WHERE e.business_id = :business AND e.book_id = :book AND e.posting_period = :start AND l.entry_id BETWEEN
        (SELECT id FROM journal_entry WHERE business_id = :business AND book_id = :book AND posting_period = :start
         ORDER BY id LIMIT 1) AND
        (SELECT id FROM journal_entry WHERE business_id = :business AND book_id = :book AND posting_period = :start
         ORDER BY id DESC LIMIT 1)
"""

_MOVEMENTS = text(f"""
    WITH lines AS MATERIALIZED (
        SELECT l.entry_id, l.line_no, l.account_id, l.debit_minor, l.credit_minor {LINES_OF_PERIOD}
    ), updates AS MATERIALIZED (
        SELECT entry_id, debit_line, credit_line, sum(abs(amount_minor))::bigint AS amount
        FROM (SELECT entry_id, debit_line, credit_line, amount_minor FROM value_update
              WHERE business_id = :business AND book_id = :book AND effective_period = :start
                AND posting_period = :start AND entry_id IS NOT NULL
              UNION ALL
              SELECT entry_id, debit_line, credit_line, amount_minor FROM value_update
              WHERE business_id = :business AND book_id = :book AND posting_period = :start
                AND posting_period <> effective_period AND entry_id IS NOT NULL) v
        GROUP BY entry_id, debit_line, credit_line
    ), sides AS (
        SELECT entry_id, debit_line AS line_no, amount AS debit, 0::bigint AS credit FROM updates
        UNION ALL SELECT entry_id, credit_line, 0, amount FROM updates
        UNION ALL
        SELECT entry_id, line_no, greatest(amount, 0), greatest(-amount, 0)
        FROM disposal d, LATERAL (VALUES (asset_line, -cost_minor - impairment_minor),
            (accumulated_line, accumulated_minor), (impairment_line, impairment_minor),
            (proceeds_line, proceeds_minor), (result_line, -gain_or_loss_minor),
            (capital_gain_line, -capital_gain_minor)) part(line_no, amount)
        WHERE d.business_id = :business AND d.book_id = :book AND d.posting_period = :start AND line_no IS NOT NULL
    ), stated AS (
        SELECT l.account_id, sum(s.debit) AS stated_debit, sum(s.credit) AS stated_credit
        FROM sides s LEFT JOIN lines l USING (entry_id, line_no) GROUP BY l.account_id
    ), by_line AS (
        SELECT account_id, sum(debit_minor) AS debit, sum(credit_minor) AS credit FROM lines GROUP BY account_id
    ), moved AS (
        SELECT account_id, debit, credit, stated_debit, stated_credit
        FROM by_line FULL JOIN stated USING (account_id)
    ), before AS (
        SELECT b.account_id, b.closing_minor FROM period_balance b JOIN period p
            ON p.business_id = b.business_id AND p.book_id = b.book_id AND p.period_start = b.period_start
            AND p.generation = b.generation
        WHERE b.business_id = :business AND b.book_id = :book AND b.period_start = (
            SELECT max(period_start) FROM period
            WHERE business_id = :business AND book_id = :book AND period_start < :start)
    )
    SELECT account_id, coalesce(b.closing_minor, 0)::bigint AS opening, coalesce(m.debit, 0)::bigint AS debit,
           coalesce(m.credit, 0)::bigint AS credit, coalesce(m.stated_debit, 0)::bigint AS stated_debit,
           coalesce(m.stated_credit, 0)::bigint AS stated_credit
    FROM moved m FULL JOIN before b USING (account_id) ORDER BY account_id
""")  # noqa: S608 - made of constants


def take_numbers(connection: Connection, business_id: UUID, count: int) -> int:
    """Takes `count` numbers from the business's feed and returns the first; held by its row until the commit, so that
    the order of the numbers is the order of the commits."""
    statement = text(
        "UPDATE feed_counter SET last_seq = last_seq + :count WHERE business_id = :business RETURNING last_seq"
    )
    return int(connection.execute(statement, {"count": count, "business": business_id}).scalar_one()) - count + 1


def movements(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> list[AccountMovement]:
    """What the accounts of a book opened with and what moved on them in a posting period; a value update or a disposal
    that names a line that is not there shows as a movement on no account (a nil id)."""
    rows = connection.execute(_MOVEMENTS, {"business": business_id, "book": book_id, "start": start})
    return [AccountMovement(row.account_id or UUID(int=0), *row[1:]) for row in rows]


def keep_balances(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    generation: int,
    moved: Sequence[AccountMovement],
) -> None:
    """Stores what each account stood at when the period closed."""
    columns = {
        "account": [m.account_id for m in moved],
        "opening": [m.opening_minor for m in moved],
        "debit": [m.debit_minor for m in moved],
        "credit": [m.credit_minor for m in moved],
        "closing": [m.closing_minor for m in moved],
    }
    connection.execute(
        text("""
        INSERT INTO period_balance (business_id, book_id, period_start, generation, account_id, opening_minor,
            debit_minor, credit_minor, closing_minor)
        SELECT :business, :book, :start, :generation, moved.* FROM unnest(CAST(:account AS uuid[]),
            CAST(:opening AS bigint[]), CAST(:debit AS bigint[]), CAST(:credit AS bigint[]),
            CAST(:closing AS bigint[])) moved
    """),
        {"business": business_id, "book": book_id, "start": start, "generation": generation, **columns},
    )
