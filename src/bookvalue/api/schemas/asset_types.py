"""What asset types look like."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.depreciation import (
    CalculationMethod,
    DepreciationOut,
    calculation_method,
    depreciation_out,
    settings_field,
)
from bookvalue.api.schemas.raw import Raw, account, text, words
from bookvalue.domain.business_spec import ACCOUNT_FIELDS
from bookvalue.domain.terms import AssetKind
from bookvalue.services.keep_asset_types import AssetTypeView


class AssetTypeChange(Raw):
    """A change of an asset type: its accounts are its assets' accounts, its settings are for new assets."""

    name: Any = text("Unique in the business.", "Delivery vans")
    kind: Any = words("What its assets are, unless they say so.", AssetKind)
    ledger_account: Any = account("Where cost is carried.", "VEHICLES")
    accumulated_depreciation_account: Any = account("Credited by charges.", "ACCUMULATED_DEPRECIATION_VEHICLES")
    depreciation_expense_account: Any = account("Debited by charges.", "DEPRECIATION")
    accumulated_impairment_account: Any = account(
        "Credited by impairments; without one the ledger account.", "ACCUMULATED_IMPAIRMENT"
    )
    depreciation: Any = settings_field("What new assets of this type start from.")


class AssetTypeIn(AssetTypeChange):
    """A new asset type."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False, "required": ["name", "kind", "depreciation"]}
    )


class AssetTypeOut(Out):
    """An asset type."""

    id: UUID
    name: str
    kind: AssetKind
    ledger_account: AccountRef | None
    accumulated_depreciation_account: AccountRef | None
    depreciation_expense_account: AccountRef | None
    accumulated_impairment_account: AccountRef | None
    depreciation: DepreciationOut | None
    depreciation_calculation_method: CalculationMethod | None = Field(description="What a charge is computed from.")
    locks: int = Field(description="How many of its assets have depreciated; with any it is not to be deleted.")


def asset_type_out(view: AssetTypeView) -> AssetTypeOut:
    """The asset type as it is shown."""
    value = view.value
    return AssetTypeOut(
        id=view.id,
        name=value.name,
        kind=value.kind,
        locks=view.locks,
        depreciation=None if value.settings is None else depreciation_out(value.settings),
        depreciation_calculation_method=None if value.settings is None else calculation_method(value.settings),
        **{name: account_ref(view.accounts[name]) for name in ACCOUNT_FIELDS},
    )
