"""CHANGE a business's settings, or its book's policies, by merging what is given over what is kept.

A field that is left out stays; one that is null goes back to its default. What periods were made from never changes.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bookvalue.domain.business import Business
from bookvalue.domain.business_spec import (
    POLICY_FIELDS,
    RESULT_FIELDS,
    SETTINGS_FIELDS,
    business_as_raw,
    read_business,
    read_number_sequence,
)
from bookvalue.domain.errors import NotFound
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.services.account_references import by_code, read_chart
from bookvalue.services.findings import refuse
from bookvalue.services.read_businesses import SettingsView, settings_of
from bookvalue.services.set_up_business import change
from bookvalue.storage import audit, businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

_SEQUENCE = "number_sequence"
_SETTINGS = frozenset((*SETTINGS_FIELDS, *RESULT_FIELDS, _SEQUENCE))


def change_settings(engine: Engine, business_id: UUID, given: Mapping[str, Any], *, actor: str) -> SettingsView:
    """Changes settings. Raises NotFound, InvalidInput (with `business_in_use` for what periods were made from)."""
    return _change(engine, business_id, given, _SETTINGS, actor=actor, action="settings.changed")


def change_business(engine: Engine, business_id: UUID, given: Mapping[str, Any], *, actor: str) -> SettingsView:
    """Changes settings and policies of the book, all or nothing. Raises as change_settings does."""
    return _change(engine, business_id, given, {*_SETTINGS, *POLICY_FIELDS}, actor=actor, action="business.changed")


def _change(
    engine: Engine, business_id: UUID, given: Mapping[str, Any], allowed: Collection[str], *, actor: str, action: str
) -> SettingsView:
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        value, findings = _merged(kept, given, allowed)
        accounts, unknown = _accounts(connection, kept, given)
        number, out_of_range = read_number_sequence(given.get(_SEQUENCE)) if _SEQUENCE in given else (None, [])
        findings = [*findings, *unknown, *out_of_range]
        if value is None or findings:
            raise refuse(findings)
        value = replace(value, **accounts)
        _store(connection, kept, value, given, actor=actor, action=action, number=number)
        view = settings_of(connection, business_id)
        connection.commit()
    return view


def change_book(
    engine: Engine, business_id: UUID, book_id: UUID, given: Mapping[str, Any], *, actor: str
) -> KeptBusiness:
    """Changes a book's policies and when its open periods are due. Raises NotFound, InvalidInput."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        if kept.book_id != book_id:
            raise NotFound("no such book")
        value, findings = _merged(kept, given, POLICY_FIELDS)
        if value is None or findings:
            raise refuse(findings)
        _store(connection, kept, value, given, actor=actor, action="book.changed")
        changed = businesses.get(connection, business_id)
        connection.commit()
    return changed


def _merged(
    kept: KeptBusiness, given: Mapping[str, Any], allowed: Collection[str]
) -> tuple[Business | None, list[Finding]]:
    """The business with what is given over it, but for accounts; and what is wrong with what is given."""
    unknown = [finding("unknown_field", str(shown(name)), shown(given[name])) for name in given if name not in allowed]
    before = business_as_raw(kept.value)
    value, findings = read_business(before | {name: given[name] for name in given if name in allowed & before.keys()})
    if value is not None:
        value = replace(value, **{name: getattr(kept.value, name) for name in RESULT_FIELDS})
    return value, unknown + findings


def _accounts(
    connection: Connection, kept: KeptBusiness, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """The accounts that are given, by their code; null is the one of the default chart."""
    defaults = {name: Business.__dataclass_fields__[name].default for name in RESULT_FIELDS}
    wanted = {
        name: defaults[name] if given[name] in (None, "") else given[name] for name in RESULT_FIELDS if name in given
    }
    return by_code(wanted, wanted, read_chart(connection, kept.id)) if wanted else ({}, [])


def _store(
    connection: Connection,
    kept: KeptBusiness,
    value: Business,
    given: Mapping[str, Any],
    *,
    actor: str,
    action: str,
    number: int | None = None,
) -> None:
    """Writes the business where anything is new, with its audit row. Raises InvalidInput."""
    renumbered = number is not None and number != kept.next_number
    if value == kept.value and not renumbered:
        return
    refused = change(connection, kept, value) if value != kept.value else []
    if refused:
        raise refuse(refused)
    if number is not None and renumbered:
        businesses.set_next_number(connection, kept.id, number)
    now = business_as_raw(value) | {name: getattr(value, name) for name in RESULT_FIELDS} | {_SEQUENCE: number}
    audit.record(
        connection,
        kept.id,
        actor=actor,
        action=action,
        subject=f"business/{kept.id}",
        details={name: now[name] for name in given},
    )
