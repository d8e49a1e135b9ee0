"""Whether an account may give way to another: not while it holds what is posted to an asset and in force.

A disposal clears the account in force; were that another one, what the old one holds would stay there for ever. Runs in
the caller's transaction, under the business's hold, and after the facts were raised: a run at work has committed by
then, or computes again with the new account.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business import AssetType
from bookvalue.domain.finding import Finding, finding
from bookvalue.ledger.account_rules import ASSET_FIELD, HOLDERS, INSTEAD, Slot
from bookvalue.storage import asset_types, held_accounts
from bookvalue.storage.assets import References
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.held_accounts import Place
from bookvalue.storage.unit_of_work import Connection

CODE = "account_holds_balance"
Accounts = Mapping[Slot, UUID | None]
"""The account that is named in each slot that holds a balance, None for none."""

_SLOTS = tuple(sorted({slot for slot, _ in HOLDERS.values()}))


def kept_by_assets(
    connection: Connection,
    kept: KeptBusiness,
    changed: Sequence[tuple[UUID, Asset, Asset]],
    references: References,
) -> list[tuple[UUID, str, str]]:
    """Of assets as they are and as they are to be: those that lose an account which holds something, each with the
    field and the account's code. A change of the type is one of its accounts as well."""
    moved = [one for one in changed if one[1].asset_type != one[2].asset_type or _own(one[1]) != _own(one[2])]
    if not moved:
        return []
    types = {name: of for name, (_, of) in asset_types.by_name(connection, kept.id, kept.value.key).items()}

    def in_force(value: Asset) -> Accounts:
        of_type = types.get(value.asset_type or "")
        named = {slot: name or (of_type and _own(of_type)[slot]) for slot, name in _own(value).items()}
        return {slot: references.accounts.get(name or "") for slot, name in named.items()}

    lost = {place: field for id_, old, new in moved for place, field in _lost(id_, in_force(old), in_force(new))}
    held = held_accounts.holding(connection, kept.id, kept.book_id, lost)
    code_of = {id_: name for name, id_ in references.accounts.items()}
    found = [(place[0], field, code_of[place[2]]) for place, field in lost.items() if place in held]
    return list(dict.fromkeys(found))


def kept_by_type(
    connection: Connection,
    kept: KeptBusiness,
    type_id: UUID,
    before: AssetType,
    after: AssetType,
    account_ids: Mapping[str, UUID],
) -> list[Finding]:
    """A finding for each account that a type may not lose, as it holds something of an asset that has it from there."""
    then, now = ({slot: account_ids.get(name or "") for slot, name in _own(one).items()} for one in (before, after))
    if then == now:
        return []
    assets = held_accounts.of_type(connection, kept.id, kept.book_id, type_id)
    lost = {
        place: field
        for one in assets
        for place, field in _lost(one.asset_id, _laid_over(one.of, then), _laid_over(one.of, now))
    }
    held = held_accounts.holding(connection, kept.id, kept.book_id, lost)
    code_of = {id_: name for name, id_ in account_ids.items()}
    found = {(field, code_of[place[2]]) for place, field in lost.items() if place in held}
    return [finding(CODE, field, code) for field, code in sorted(found)]


def _own(value: Asset | AssetType) -> dict[Slot, str | None]:
    """What an asset or a type names itself."""
    return {slot: getattr(value, ASSET_FIELD[slot]) for slot in _SLOTS}


def _laid_over(own: Accounts, of_type: Accounts) -> Accounts:
    return {slot: own[slot] or of_type[slot] for slot in _SLOTS}


def _lost(asset_id: UUID, before: Accounts, after: Accounts) -> list[tuple[Place, str]]:
    """The accounts that an asset has and is to have no more, each with the field whose change that is."""
    found = []
    for slot in _SLOTS:
        substitute = INSTEAD.get(slot, slot)
        old, new = (one[slot] or one[substitute] for one in (before, after))
        if old is not None and old != new:
            named = before[slot] or after[slot]  # without either, it is the other slot's account that changes
            found.append(((asset_id, slot, old), ASSET_FIELD[slot if named else substitute]))
    return found
