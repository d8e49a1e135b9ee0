"""KEEP ledger details, and make them SOURCES of assets (seed 003): what an asset was bought with.

A detail must be on the ledger account of the asset when it is added. One detail can be a source of several assets: an
invoice line for ten laptops is. Nothing is posted, and no figure depends on any of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import Duplicate, NotFound
from bookvalue.domain.finding import finding
from bookvalue.domain.ledger_detail import read_ledger_detail
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code, read_chart
from bookvalue.services.findings import refuse, with_unknown
from bookvalue.storage import assets, audit, businesses, sources
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.ids import uuid7
from bookvalue.storage.sources import KeptDetail, KeptSource
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class DetailView:
    """A ledger detail and its account."""

    kept: KeptDetail
    account: KeptAccount


def add_detail(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    keep: Callable[[Connection, DetailView], None] = lambda _connection, _made: None,
) -> DetailView:
    """The ledger detail; the same external id with the same content is answered with what is there.

    One without an external id is called by its own id. Raises NotFound, InvalidInput with every finding, Duplicate for
    an external id with other content.
    """
    with transaction(engine, Role.API, business_id) as connection:
        businesses.hold(connection, business_id)
        chart = read_chart(connection, business_id)
        new_id = uuid7()
        named = {**raw, "external_id": str(new_id) if raw.get("external_id") is None else raw["external_id"]}
        given, unknown = by_code(named, ("account",), chart)
        value, findings = read_ledger_detail(given)
        findings = with_unknown(unknown, findings)
        if value is None or findings:
            raise refuse(findings)
        account = chart.by_code[value.account]
        kept = sources.detail_by_external_id(connection, business_id, value.external_id)
        if kept is None:
            kept = sources.add_detail(connection, business_id, new_id, value, account.id)
            _tell(connection, business_id, actor, "ledger_detail.added", f"ledger-detail/{new_id}", value.external_id)
        elif kept.value != value:
            raise Duplicate(f"a ledger detail {value.external_id} with other content is there")
        view = DetailView(kept, account)
        keep(connection, view)
        connection.commit()
    return view


def page_of_details(
    engine: Engine, business_id: UUID, *, after: UUID | None, limit: int
) -> tuple[list[DetailView], UUID | None]:
    """Up to `limit` ledger details in the order in which they were added; the id to go on after, None at the end."""
    with transaction(engine, Role.API, business_id) as connection:
        found = sources.page_of_details(connection, business_id, after=after, limit=limit + 1)
        views = _views(connection, business_id, found[:limit])
    return views, found[limit - 1].id if len(found) > limit else None


def read_one_detail(engine: Engine, business_id: UUID, detail_id: UUID) -> DetailView:
    """One ledger detail. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        return _views(connection, business_id, [_detail(connection, business_id, detail_id)])[0]


def find_detail(engine: Engine, business_id: UUID, reference: str) -> UUID:
    """The id of the ledger detail with this external id, else with this id. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        found = sources.detail_by_external_id(connection, business_id, reference)
        try:
            found = found or sources.detail(connection, business_id, UUID(reference))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"no ledger detail {reference!r} in this business")
    return found.id


def add_source(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    detail_id: UUID,
    *,
    actor: str,
    keep: Callable[[Connection, KeptSource], None] = lambda _connection, _made: None,
) -> KeptSource:
    """The detail as a source of the asset; where it is that already, the same source.

    Raises NotFound for an unknown asset; InvalidInput for an unknown detail (`unknown_ledger_detail`) or one on
    another ledger account (`other_ledger_account`).
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        detail = sources.detail(connection, business_id, detail_id)
        if detail is None:
            raise refuse([finding("unknown_ledger_detail", "detail_id", str(detail_id))])
        there = sources.sources_of(connection, business_id, [asset_id], detail_id).get(asset_id)
        if there:
            source = there[0]
        else:
            account = asset.account(ASSET_FIELD[Slot.ASSET])
            if account is None or account.value.code != detail.value.account:
                raise refuse([finding("other_ledger_account", "detail_id", detail.value.account)])
            source = sources.add_source(connection, business_id, asset_id, detail)
            _tell(connection, business_id, actor, "source.added", f"asset/{asset_id}", str(detail_id))
        keep(connection, source)
        connection.commit()
    return source


def list_sources(engine: Engine, business_id: UUID, asset_id: UUID) -> list[KeptSource]:
    """The sources of an asset in the order in which they were added. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        _require_asset(connection, business_id, asset_id)
        return sources.sources_of(connection, business_id, [asset_id]).get(asset_id, [])


def remove_source(engine: Engine, business_id: UUID, asset_id: UUID, detail_id: UUID, *, actor: str) -> None:
    """Takes a source off the asset; neither the detail nor the asset changes. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        businesses.hold(connection, business_id)
        _require_asset(connection, business_id, asset_id)
        found = sources.sources_of(connection, business_id, [asset_id], detail_id).get(asset_id)
        if not found:
            raise NotFound("no such source of this asset")
        sources.remove_source(connection, business_id, found[0].id)
        _tell(connection, business_id, actor, "source.removed", f"asset/{asset_id}", str(detail_id))
        connection.commit()


def _views(connection: Connection, business_id: UUID, found: Sequence[KeptDetail]) -> list[DetailView]:
    chart = read_chart(connection, business_id)
    return [DetailView(kept, chart.by_code[kept.value.account]) for kept in found]


def _detail(connection: Connection, business_id: UUID, detail_id: UUID) -> KeptDetail:
    found = sources.detail(connection, business_id, detail_id)
    if found is None:
        raise NotFound("no such ledger detail")
    return found


def _require_asset(connection: Connection, business_id: UUID, asset_id: UUID) -> None:
    if not assets.exists(connection, business_id, asset_id):
        raise NotFound("no such asset")


def _tell(connection: Connection, business_id: UUID, actor: str, action: str, subject: str, what: str) -> None:
    details = {"external_id" if action == "ledger_detail.added" else "detail_id": what}
    audit.record(connection, business_id, actor=actor, action=action, subject=subject, details=details)
