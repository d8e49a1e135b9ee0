"""CHANGE a business's settings, or its book's policies, by merging what is given over what is kept.

A field that is left out stays; one that is null goes back to its default. What periods were made from never changes.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bookvalue.domain.business_spec import POLICY_FIELDS, SETTINGS_FIELDS, business_as_raw, read_business
from bookvalue.domain.errors import NotFound
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import finding
from bookvalue.services.findings import refuse
from bookvalue.services.set_up_business import change
from bookvalue.storage import audit, businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


def change_settings(engine: Engine, business_id: UUID, given: Mapping[str, Any], *, actor: str) -> KeptBusiness:
    """Changes settings. Raises NotFound, InvalidInput (with `business_in_use` for what periods were made from)."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        changed = _merge(connection, kept, given, SETTINGS_FIELDS, actor=actor, action="settings.changed")
        connection.commit()
    return changed


def change_book(
    engine: Engine, business_id: UUID, book_id: UUID, given: Mapping[str, Any], *, actor: str
) -> KeptBusiness:
    """Changes a book's policies and when its open periods are due. Raises NotFound, InvalidInput."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        if kept.book_id != book_id:
            raise NotFound("no such book")
        changed = _merge(connection, kept, given, POLICY_FIELDS, actor=actor, action="book.changed")
        connection.commit()
    return changed


def _merge(
    connection: Connection,
    kept: KeptBusiness,
    given: Mapping[str, Any],
    allowed: Mapping[str, Any],
    *,
    actor: str,
    action: str,
) -> KeptBusiness:
    unknown = [finding("unknown_field", str(shown(name)), shown(given[name])) for name in given if name not in allowed]
    merged = business_as_raw(kept.value) | {name: given[name] for name in given if name in allowed}
    value, findings = read_business(merged)
    if value is None or unknown:
        raise refuse(unknown + findings)
    if value == kept.value:
        return kept
    refused = change(connection, kept, value)
    if refused:
        raise refuse(refused)
    audit.record(
        connection,
        kept.id,
        actor=actor,
        action=action,
        subject=f"business/{kept.id}",
        details={name: business_as_raw(value)[name] for name in given},
    )
    return businesses.get(connection, kept.id)
