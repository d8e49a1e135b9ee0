"""ADD and CHANGE accounts of a business's chart. What an account is called by, no other account is called by."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from bookvalue.domain.business_spec import read_account
from bookvalue.domain.chart import Account
from bookvalue.domain.errors import Duplicate, NotFound
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import AccountType
from bookvalue.services.findings import refuse
from bookvalue.storage import accounts, audit, businesses
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, KeptAccount], None]
_CHANGEABLE = ("name", "type")


def page_of_accounts(
    engine: Engine,
    business_id: UUID,
    *,
    of_type: AccountType | None,
    stable_name: str | None,
    after: int,
    limit: int,
) -> tuple[list[KeptAccount], int | None]:
    """Up to `limit` accounts in the chart's order, and the ordinal to go on after, None at the end."""
    with transaction(engine, Role.API, business_id) as connection:
        found = accounts.page(
            connection, business_id, after=after, limit=limit + 1, of_type=of_type, stable_name=stable_name
        )
    return found[:limit], found[limit - 1].ordinal if len(found) > limit else None


def read_one_account(engine: Engine, business_id: UUID, account_id: UUID) -> KeptAccount:
    """One account. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        return _one(connection, business_id, account_id)


def add_account(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    keep: Keep = lambda _connection, _made: None,
) -> KeptAccount:
    """Adds an account. Raises NotFound, InvalidInput, Duplicate for a code or stable name in use."""
    value, findings = read_account(raw)
    if value is None:
        raise refuse(findings)
    with transaction(engine, Role.API, business_id) as connection:
        businesses.hold(connection, business_id)
        taken = {name for _, _, other in businesses.accounts(connection, business_id) for name in other.references}
        clash = sorted(taken.intersection(value.references))
        if clash or len(set(value.references)) < len(value.references):
            raise Duplicate(f"an account is called {(clash or value.references)[0]!r} already")
        made = accounts.add(connection, business_id, value)
        _record(connection, business_id, made.id, "account.added", value, actor)
        keep(connection, made)
        connection.commit()
    return made


def change_account(
    engine: Engine, business_id: UUID, account_id: UUID, given: Mapping[str, Any], *, actor: str
) -> KeptAccount:
    """Changes an account's name and type; what it is called by stays. Raises NotFound, InvalidInput."""
    with transaction(engine, Role.API, business_id) as connection:
        businesses.hold(connection, business_id)
        kept = _one(connection, business_id, account_id)
        unknown = [
            finding("unknown_field", str(shown(name)), shown(given[name])) for name in given if name not in _CHANGEABLE
        ]
        before = {"code": kept.value.code, "name": kept.value.name, "type": kept.value.type.value}
        value, findings = read_account(before | {name: given[name] for name in given if name in _CHANGEABLE})
        if value is None or unknown:
            raise refuse(unknown + findings)
        wanted = Account(kept.value.code, kept.value.stable_name, value.name, value.type)
        if wanted != kept.value:
            accounts.change(connection, business_id, account_id, wanted)
            _record(connection, business_id, account_id, "account.changed", wanted, actor)
            connection.commit()
    return KeptAccount(kept.id, kept.ordinal, wanted, kept.parent_id)


def _one(connection: Connection, business_id: UUID, account_id: UUID) -> KeptAccount:
    found = accounts.one(connection, business_id, account_id)
    if found is None:
        raise NotFound("no such account")
    return found


def _record(
    connection: Connection, business_id: UUID, account_id: UUID, action: str, value: Account, actor: str
) -> None:
    details = {"code": value.code, "name": value.name, "type": value.type.value}
    audit.record(connection, business_id, actor=actor, action=action, subject=f"account/{account_id}", details=details)
