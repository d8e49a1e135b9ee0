"""Rows that a person's own act writes, as they would be right: value updates, records, disposals."""

from typing import Any
from uuid import UUID, uuid4

from storage.ledger_rows import (
    NOVEMBER,
    Statement,
    Tenant,
    entry_row,
    insert,
    line_rows,
    take_number,
    update_row,
)

_GIVEN_BY_NOBODY = ("run_id",)  # the API may not name it


def without_run(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the API writes it: it has no privilege to name a run."""
    return {name: value for name, value in row.items() if name not in _GIVEN_BY_NOBODY}


def hand_entry(of: Tenant, number: int = 1, *amounts: int, **changed: Any) -> list[Statement]:
    """The entry with the `number`th next number of the feed, of an asset; of 500, debit line 1 and credit line 2."""
    header = entry_row(
        of, **{"kind": "value_update", "asset_id": of.asset, "feed_seq": of.last_seq + number, **changed}
    )
    lines = line_rows(of, header["id"], *(amounts or (500, -500)))
    return [take_number(of), insert("journal_entry", without_run(header)), insert("journal_line", *lines)]


def entry_of(statements: list[Statement]) -> UUID:
    """The id of the entry among statements of these functions."""
    return UUID(str(next(values["id_0"] for sql, values in statements if "journal_entry" in sql)))


def named_update(of: Tenant, entry: UUID | None, **changed: Any) -> dict[str, Any]:
    """An improvement of 500 in November that this entry posts; None: it is booked elsewhere."""
    lines: dict[str, Any] = {} if entry is None else {"entry_id": entry, "debit_line": 1, "credit_line": 2}
    row = update_row(of, **{"update_type": "IMPROVEMENT", "date": NOVEMBER, "reversal_of": None, **lines, **changed})
    return without_run(row)


def hand_update(of: Tenant, number: int = 1, **changed: Any) -> list[Statement]:
    """A value update with its own entry."""
    entry = hand_entry(of, number, asset_id=changed.get("asset_id", of.asset))
    return [*entry, insert("value_update", named_update(of, entry_of(entry), **changed))]


def taken_back(of: Tenant, first: list[Statement], **changed: Any) -> list[Statement]:
    """The mirror image of a `hand_update`: second entry, second row of its asset and period."""
    entry = hand_entry(of, 2, -500, 500, kind="reversal", reversal_of=entry_of(first))
    lines = {"debit_line": 2, "credit_line": 1}
    row = named_update(
        of, entry_of(entry), **{"sequence": 1, "amount_minor": -500, "reversal_of": 0, **lines, **changed}
    )
    return [*entry, insert("value_update", row)]


def record_row(of: Tenant, **changed: Any) -> dict[str, Any]:
    """What was said of the first value update of the asset in November."""
    return {
        "business_id": of.id,
        "id": uuid4(),
        "book_id": of.book,
        "effective_period": NOVEMBER,
        "asset_id": of.asset,
        "sequence": 0,
        "external_id": None,
        "at": NOVEMBER,
        "counter_account_id": of.account,
        "fingerprint": "x",
        "archives": None,
        "actor": "test",
        **changed,
    }


def disposal_row(of: Tenant, **changed: Any) -> dict[str, Any]:
    """A scrapped asset, fully depreciated: 500 of both against each other, as `hand_entry` posts."""
    return {
        "business_id": of.id,
        "book_id": of.book,
        "asset_id": of.asset,
        "sequence": 0,
        "id": uuid4(),
        "reverses": None,
        "date": NOVEMBER,
        "given_date": NOVEMBER,
        "reason": "out_of_use",
        "proceeds_minor": None,
        "cost_minor": 500,
        "accumulated_minor": 500,
        "gain_or_loss_minor": 0,
        "capital_gain_minor": 0,
        "effective_period": NOVEMBER,
        "posting_period": NOVEMBER,
        "entry_id": None,
        "asset_line": 2,
        "accumulated_line": 1,
        "actor": "test",
        **changed,
    }


def hand_disposal(of: Tenant, number: int = 1, *amounts: int, **changed: Any) -> list[Statement]:
    """A disposal with its own entry."""
    entry = hand_entry(of, number, *amounts, kind="disposal", asset_id=changed.get("asset_id", of.asset))
    return [*entry, insert("disposal", disposal_row(of, entry_id=entry_of(entry), **changed))]


_AMOUNTS = ("cost_minor", "accumulated_minor", "proceeds_minor", "gain_or_loss_minor", "capital_gain_minor")


def reinstated(of: Tenant, first: list[Statement], **changed: Any) -> list[Statement]:
    """The mirror image of a `hand_disposal`: each amount negative."""
    entry = hand_entry(of, 2, -500, 500, kind="reversal", reversal_of=entry_of(first))
    row = disposal_row(of, sequence=1, reverses=0, entry_id=entry_of(entry))
    back = {name: -row[name] if row[name] else row[name] for name in _AMOUNTS}
    # the lines stand in the order of their accounts: the asset's is a debit now
    return [*entry, insert("disposal", {**row, **back, **changed})]


def tags(of: Tenant) -> list[Statement]:
    """A dimension with a value, which an asset has, and the set of it."""
    dimension, definition = uuid4(), uuid4()
    return [
        insert("tag_dimension", {"business_id": of.id, "id": dimension, "key": "site"}),
        insert("tag_definition", {"business_id": of.id, "id": definition, "dimension_id": dimension, "value": "dock"}),
        insert("asset_tag", {"business_id": of.id, "id": uuid4(), "asset_id": of.assets[-1],
                             "dimension_id": dimension, "definition_id": definition}),
        insert("tag_set", {"business_id": of.id, "id": 1, "definition_ids": [definition]}),
    ]  # fmt: skip


def sources(of: Tenant) -> list[Statement]:
    """An invoice line, which is an asset's source."""
    detail = uuid4()
    return [
        insert("ledger_detail", {"business_id": of.id, "id": detail, "external_id": "INV-1/1", "amount_minor": 500,
                                 "account_id": of.account, "date": NOVEMBER}),
        insert("asset_source", {"business_id": of.id, "id": uuid4(), "asset_id": of.assets[-1], "detail_id": detail}),
    ]  # fmt: skip


def recorded(of: Tenant) -> list[Statement]:
    """What a person posted in November: an improvement of one asset, and another one disposed of."""
    improved, disposed = of.assets[-1], of.assets[-2]
    record = insert("value_update_record", record_row(of, asset_id=improved))
    return [*hand_update(of, asset_id=improved), record, *hand_disposal(of, 2, asset_id=disposed)]
