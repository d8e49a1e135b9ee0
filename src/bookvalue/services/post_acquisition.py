"""The cost of assets that are registered with an account that paid for them: debit the asset, credit that account.

Runs in the caller's transaction, under the business's hold. An acquisition is placed before anything of the asset is
written: the period's lock comes first on every path.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business_spec import COUNTER_FIELD
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import CostMovement, EntryKind
from bookvalue.services.asset_at_hand import find
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Placement, place
from bookvalue.services.post_value_update import Posting, accounts_for, post
from bookvalue.services.register_of import read_register
from bookvalue.storage import tag_sets
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


def place_acquisitions(connection: Connection, kept: KeptBusiness, registered: Iterable[Asset]) -> dict[str, Placement]:
    """Where the cost of each of these assets goes that has something to post, by external id.

    On the day of the purchase, else on the first of depreciation. Raises InvalidInput for assets with neither and for
    days before the books, and what `place` raises: a late registration follows the lock policy (SEMANTICS section 7).
    """
    bought = [value for value in registered if value.acquisition_counter_account and value.cost_minor]
    dated = [(value, value.purchase_date or value.depreciation_start_date) for value in bought]
    missing = [finding("required", "purchase_date") for _, day in dated if day is None]
    if missing:
        raise refuse(missing)
    return {
        value.external_id: place(connection, kept, day, FactKind.ESTIMATED, field="purchase_date")
        for value, day in sorted(((value, day) for value, day in dated if day), key=lambda one: one[1])
    }


def post_acquisitions(
    connection: Connection, kept: KeptBusiness, ids: Mapping[str, UUID], placements: Mapping[str, Placement]
) -> None:
    """Posts what was placed, each with an entry of its own. Raises InvalidInput where an asset lacks an account."""
    if not placements:
        return
    register = read_register(connection, kept)
    tagged = tag_sets.on_days(connection, kept.id, [(ids[name], placed.day) for name, placed in placements.items()])
    postings = []
    for external_id, placement in placements.items():
        asset = find(connection, register, ids[external_id])
        counter = register.chart.by_code[asset.value.acquisition_counter_account or ""]
        accounts, findings = accounts_for(asset, CostMovement.ACQUISITION, counter)
        if accounts is None:
            raise refuse([replace(one, field=COUNTER_FIELD) if one.code == "same_account" else one for one in findings])
        postings.append(
            Posting(
                asset,
                placement,
                CostMovement.ACQUISITION,
                asset.value.cost_minor,
                accounts,
                tagged.get((asset.id, placement.day)),
                EntryKind.ACQUISITION,
            )
        )
    post(connection, postings)
