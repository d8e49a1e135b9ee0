"""Which accounts hold something that is posted to an asset and in force: read of its own lines, for some assets."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.ledger.account_rules import HOLDERS, Slot
from bookvalue.storage.bulk_plan import planned_without_loops


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """The accounts that an asset names itself, by the slots that hold a balance; None for those that its type gives."""

    asset_id: UUID
    of: dict[Slot, UUID | None]


Place = tuple[UUID, Slot, UUID]
"""An asset, a slot of it, and an account that may hold what is posted to that slot."""

# Every line of a value update is taken back by the negative of the amount, in the same period and of the same type: so
# the sum of a type is nothing where nothing of it is in force. Of disposals the same.
_HOLDING = text("""
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:assets AS uuid[]), CAST(:slots AS text[]), CAST(:accounts AS uuid[]))
            a(asset_id, slot, account_id)
    ), rule AS (
        SELECT * FROM unnest(CAST(:types AS text[]), CAST(:holders AS text[]), CAST(:debits AS boolean[]))
            r(update_type, slot, debits)
    )
    SELECT a.asset_id, a.slot, a.account_id FROM value_update v
    JOIN rule r ON r.update_type = v.update_type
    JOIN journal_line l ON l.business_id = :business AND l.entry_id = v.entry_id
        AND l.line_no = CASE WHEN (v.amount_minor > 0) = r.debits THEN v.debit_line ELSE v.credit_line END
    JOIN asked a ON a.asset_id = v.asset_id AND a.slot = r.slot AND a.account_id = l.account_id
    WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = ANY (:assets)
      AND v.effective_period = ANY (ARRAY(
          SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
    GROUP BY a.asset_id, a.slot, a.account_id, v.update_type HAVING sum(v.amount_minor) <> 0
    UNION
    SELECT a.asset_id, a.slot, a.account_id FROM asked a
    JOIN disposal d ON d.business_id = :business AND d.book_id = :book AND d.asset_id = a.asset_id
    CROSS JOIN LATERAL (VALUES (:asset_slot, d.asset_line, d.cost_minor + d.impairment_minor),
        (:accumulated_slot, d.accumulated_line, d.accumulated_minor),
        (:impairment_slot, d.impairment_line, d.impairment_minor)) part(slot, line_no, amount)
    JOIN journal_line l ON l.business_id = :business AND l.entry_id = d.entry_id AND l.account_id = a.account_id
        AND l.line_no = part.line_no AND part.slot = a.slot
    GROUP BY a.asset_id, a.slot, a.account_id HAVING sum(part.amount) <> 0""")


def holding(connection: Connection, business_id: UUID, book_id: UUID, asked: Collection[Place]) -> set[Place]:
    """Those of the places that hold something: depreciation that is not nothing on balance, or a change of value, an
    acquisition or a disposal that nothing has taken back. What has no entry here is on no account."""
    if not asked:
        return set()
    places = list(asked)
    rules = [(kind, slot, debits) for kind, (slot, debits) in HOLDERS.items()]
    parameters = {
        "business": business_id,
        "book": book_id,
        "assets": [asset_id for asset_id, _, _ in places],
        "slots": [slot.value for _, slot, _ in places],
        "accounts": [account_id for _, _, account_id in places],
        "types": [kind.value for kind, _, _ in rules],
        "holders": [slot.value for _, slot, _ in rules],
        "debits": [debits for _, _, debits in rules],
        "asset_slot": Slot.ASSET.value,
        "accumulated_slot": Slot.ACCUMULATED.value,
        "impairment_slot": Slot.IMPAIRMENT.value,
    }
    with planned_without_loops(connection):
        rows = connection.execute(_HOLDING, parameters).all()
    return {(row.asset_id, Slot(row.slot), row.account_id) for row in rows}


def of_type(connection: Connection, business_id: UUID, book_id: UUID, type_id: UUID) -> list[OwnAccounts]:
    """What each asset of a type names itself."""
    statement = text("""
        SELECT d.asset_id, a.ledger_account_id, a.impairment_account_id, acc.id AS accumulated_account_id
        FROM asset_type t
        JOIN asset_book d ON d.business_id = t.business_id AND d.asset_type = t.ordinal AND d.book_id = :book
        JOIN asset a ON a.business_id = d.business_id AND a.id = d.asset_id
        LEFT JOIN account acc ON acc.business_id = d.business_id AND acc.ordinal = d.accumulated_account
        WHERE t.business_id = :business AND t.id = :type""")
    rows = connection.execute(statement, {"business": business_id, "book": book_id, "type": type_id})
    return [
        OwnAccounts(
            row.asset_id,
            {
                Slot.ASSET: row.ledger_account_id,
                Slot.ACCUMULATED: row.accumulated_account_id,
                Slot.IMPAIRMENT: row.impairment_account_id,
            },
        )
        for row in rows
    ]
