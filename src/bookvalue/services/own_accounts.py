"""An account for each new asset that names none, where a business carries assets so (SEMANTICS section 5, seed 002).

Runs in the caller's transaction, under the business's hold.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.chart import Account
from bookvalue.domain.terms import AccountType, AssetAccounts
from bookvalue.storage import accounts, businesses
from bookvalue.storage.assets import References
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection

_PARENT = "FIXED_ASSETS"


def give_own_accounts(
    connection: Connection, kept: KeptBusiness, new: Sequence[tuple[UUID, Asset]], references: References
) -> tuple[list[tuple[UUID, Asset]], References]:
    """New assets with an account each, under Fixed Assets and called as the asset is; and all accounts that there are.

    An account's code is its parent's with the asset's number, which is unique; where that is taken, with one more.
    """
    bare = [value for _, value in new if value.ledger_account is None]
    if kept.value.asset_accounts is not AssetAccounts.PER_ASSET or not bare:
        return list(new), references
    chart = businesses.accounts(connection, kept.id)
    parent_id, parent = next(((id_, one) for id_, _, one in chart if one.stable_name == _PARENT), (None, None))
    taken = {name for _, _, one in chart for name in one.references}
    codes: dict[str, str] = {}
    for value in bare:
        stem = f"{parent.code}-{value.number}" if parent else str(value.number)
        code, count = stem, 1
        while code in taken:
            count += 1
            code = f"{stem}-{count}"
        taken.add(code)
        codes[value.external_id] = code
    made = [Account(codes[value.external_id], None, value.name, AccountType.ASSET) for value in bare]
    ids = accounts.add_many(connection, kept.id, made, parent_id=parent_id)
    given = [
        (id_, replace(value, ledger_account=codes.get(value.external_id, value.ledger_account))) for id_, value in new
    ]
    return given, References({**references.accounts, **ids}, references.asset_types)
