"""Ledger details, and which of them are sources of which assets. One that is taken off an asset is archived."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, text, update

from bookvalue.domain.ledger_detail import LedgerDetail
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import account, asset_source, ledger_detail


@dataclass(frozen=True, slots=True)
class KeptDetail:
    """A ledger detail as it is kept."""

    id: UUID
    value: LedgerDetail
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSource:
    """A ledger detail as the source of an asset."""

    id: UUID
    asset_id: UUID
    detail: KeptDetail


_DETAILS = select(ledger_detail, account.c.code).join_from(
    ledger_detail,
    account,
    (account.c.business_id == ledger_detail.c.business_id) & (account.c.id == ledger_detail.c.account_id),
)


def add_detail(connection: Connection, business_id: UUID, detail_id: UUID, value: LedgerDetail, of: UUID) -> KeptDetail:
    """Keeps a ledger detail; `of` is the id of its account."""
    added = insert(ledger_detail).values(
        business_id=business_id,
        id=detail_id,
        external_id=value.external_id,
        account_id=of,
        date=value.day,
        amount_minor=value.amount_minor,
        kind=value.kind,
        description=value.description,
    )
    return KeptDetail(detail_id, value, connection.execute(added.returning(ledger_detail.c.created_at)).scalar_one())


def detail_by_external_id(connection: Connection, business_id: UUID, external_id: str) -> KeptDetail | None:
    """The ledger detail with this external id, or None."""
    found = connection.execute(
        _DETAILS.where(ledger_detail.c.business_id == business_id, ledger_detail.c.external_id == external_id)
    ).one_or_none()
    return None if found is None else _detail(found)


def detail(connection: Connection, business_id: UUID, detail_id: UUID) -> KeptDetail | None:
    """The ledger detail with this id, or None."""
    found = connection.execute(
        _DETAILS.where(ledger_detail.c.business_id == business_id, ledger_detail.c.id == detail_id)
    ).one_or_none()
    return None if found is None else _detail(found)


def page_of_details(connection: Connection, business_id: UUID, *, after: UUID | None, limit: int) -> list[KeptDetail]:
    """Up to `limit` ledger details in the order in which they were added, from the one after `after`."""
    wanted = _DETAILS.where(ledger_detail.c.business_id == business_id)
    if after is not None:
        wanted = wanted.where(ledger_detail.c.id > after)
    return [_detail(row) for row in connection.execute(wanted.order_by(ledger_detail.c.id).limit(limit))]


def sources_of(
    connection: Connection, business_id: UUID, asset_ids: Collection[UUID], detail_id: UUID | None = None
) -> dict[UUID, list[KeptSource]]:
    """The sources of each of the assets in the order in which they were added; only this detail's, if given.

    An asset without any is not in the answer.
    """
    rows = connection.execute(
        text("""SELECT d.*, a.code, s.id AS source_id, s.asset_id FROM asset_source s
                JOIN ledger_detail d ON d.business_id = s.business_id AND d.id = s.detail_id
                JOIN account a ON a.business_id = d.business_id AND a.id = d.account_id
                WHERE s.business_id = :business AND s.asset_id = ANY (:assets) AND s.archived_at IS NULL
                  AND (CAST(:detail AS uuid) IS NULL OR s.detail_id = :detail)
                ORDER BY s.id"""),
        {"business": business_id, "assets": list(asset_ids), "detail": detail_id},
    )
    found: dict[UUID, list[KeptSource]] = {}
    for row in rows:
        found.setdefault(row.asset_id, []).append(KeptSource(row.source_id, row.asset_id, _detail(row)))
    return found


def add_source(connection: Connection, business_id: UUID, asset_id: UUID, of: KeptDetail) -> KeptSource:
    """Makes a ledger detail a source of an asset."""
    source_id = uuid7()
    row = {"business_id": business_id, "id": source_id, "asset_id": asset_id, "detail_id": of.id}
    connection.execute(insert(asset_source).values(row))
    return KeptSource(source_id, asset_id, of)


def remove_source(connection: Connection, business_id: UUID, source_id: UUID) -> None:
    """Takes a source off its asset."""
    connection.execute(
        update(asset_source)
        .where(asset_source.c.business_id == business_id, asset_source.c.id == source_id)
        .values(archived_at=func.now())
    )


def _detail(row: Row[Any]) -> KeptDetail:
    value = LedgerDetail(row.external_id, row.code, row.date, row.amount_minor, row.kind, row.description)
    return KeptDetail(row.id, value, row.created_at)
