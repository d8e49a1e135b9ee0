"""The cost of assets that are registered with an account that paid for them: debit the asset, credit that account.

Runs in the caller's transaction, under the business's hold. An acquisition is placed before anything of the asset is
written: the period's lock comes first on every path.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business_spec import COUNTER_FIELD
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import AssetAccounts, CostMovement, EntryKind
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import Placement
from bookvalue.services.post_value_update import Accounts, Posting, accounts_for, post
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage import assets, tag_sets
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


def costs(value: Asset) -> bool:
    """Whether registering the asset posts its cost."""
    return bool(value.acquisition_counter_account and value.cost_minor)


def acquired_on(register: Register, value: Asset) -> date:
    """The day of the entry of an asset that costs something: of its purchase, else the first of its depreciation.

    Raises InvalidInput where it has neither, or lacks an account.
    """
    day = value.purchase_date or value.depreciation_start_date
    own = register.business.value.asset_accounts is AssetAccounts.PER_ASSET and value.ledger_account is None
    # an account of its own comes with the asset
    findings = [] if own else _accounts(AssetAtHand(register, UUID(int=0), value))[1]
    if day is None:
        findings.append(finding("required", "purchase_date"))
    if day is None or findings:
        raise refuse(findings)
    return day


def post_acquisitions(
    connection: Connection, kept: KeptBusiness, ids: Mapping[str, UUID], placements: Mapping[str, Placement]
) -> None:
    """Posts what was placed, each with an entry of its own."""
    if not placements:
        return
    register = read_register(connection, kept)
    days = {ids[name]: placement for name, placement in placements.items()}
    tagged = tag_sets.on_days(connection, kept.id, [(id_, placement.day) for id_, placement in days.items()])
    found = assets.by_id(connection, kept.id, list(days), register.references)
    postings = []
    for asset_id, placement in days.items():
        asset = AssetAtHand(register, asset_id, found[asset_id].value)
        accounts, _ = _accounts(asset)
        assert accounts is not None  # or it would not have been placed
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


def _accounts(asset: AssetAtHand) -> tuple[Accounts | None, list[Finding]]:
    """The accounts of the entry, or what the asset lacks for it."""
    counter = asset.register.chart.by_code[asset.value.acquisition_counter_account or ""]
    accounts, findings = accounts_for(asset, CostMovement.ACQUISITION, counter)
    return accounts, [replace(one, field=COUNTER_FIELD) if one.code == "same_account" else one for one in findings]
