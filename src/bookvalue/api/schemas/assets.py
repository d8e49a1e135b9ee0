"""What assets look like. Amounts are minor units of the business's currency."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.depreciation import DepreciationOut, decimal_out, depreciation_out, settings_field
from bookvalue.api.schemas.disposals import DisposalOut, disposal_out
from bookvalue.api.schemas.raw import Raw, account, amount, day, described, text, words
from bookvalue.api.schemas.tags import TagOut, tag_out, tags_field
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.fact_spec import UNITS_PLACES
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import AssetKind, AssetStatus
from bookvalue.services.list_assets import AssetView

_AMOUNT = {"type": "integer", "minimum": 0, "maximum": MAX_MINOR}
_OPENING: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "as_of": {"type": ["string", "null"], "format": "date"},
        "accumulated": {**_AMOUNT, "type": ["integer", "null"]},
        "current_year": {**_AMOUNT, "type": ["integer", "null"]},
    },
}
_OPENING_EXAMPLE = {"as_of": "2025-12-31", "accumulated": 800_000, "current_year": 200_000}


class _AssetFields(Raw):
    name: Any = text("Its name.", "Delivery van 1")
    number: Any = text("Unique in the business; drawn from its sequence if left out.", "FA-0001")
    asset_type: Any = words("Its kind; that of its type if left out.", AssetKind)
    asset_type_id: Any = described("One of the business's own asset types.", None, type="string", format="uuid")
    status: Any = words("Only registered assets depreciate; a draft can be registered.", AssetStatus)
    currency: Any = text("The business's, if given.", "EUR")
    purchase_date: Any = day("When it was bought.", "2026-01-15")
    depreciation_start_date: Any = day("When depreciation starts; the purchase date if left out.", "2026-01-15")
    original_value: Any = amount("Its cost.", 4_000_000)
    salvage_value: Any = amount("What is left at the end; 0 if left out.", 0)
    cost_limit: Any = amount("The most of the cost that depreciates.")
    units_total: Any = text("Units that it gives in its whole life, for units_of_production.", "100000")
    useful_life_months: Any = described(
        "Stands for depreciation.life_months.", 60, type="integer", minimum=1, maximum=1200
    )
    depreciation: Any = settings_field("Laid over the settings of its type.")
    opening: Any = described("What had been depreciated elsewhere.", _OPENING_EXAMPLE, **_OPENING)
    ledger_account: Any = account("Where its cost is carried; its type's if left out.", "VEHICLES")
    accumulated_depreciation_account: Any = account(
        "Credited by its charges; its type's if left out.", "ACCUMULATED_DEPRECIATION_VEHICLES"
    )
    depreciation_expense_account: Any = account("Debited by its charges; its type's if left out.", "DEPRECIATION")
    description: Any = text("Free text.", "White, 3.5 t")
    serial_number: Any = text("The maker's.", "WV1ZZZ")
    warranty_expiry_date: Any = day("When its warranty ends.", "2029-01-15")
    tags: Any = tags_field("One value a key; these and no others.")
    metadata: Any = described("Kept and given back unchanged.", {"site": "Lisbon"}, type="object")
    external_id: Any = text("The id in the caller's own system; never changed.", "ERP-1001")


class AssetChange(_AssetFields):
    """A change of an asset: what is left out stays, what is null is taken away."""

    effective_date: Any = day(
        "From when another life, rate, method or residual value counts, once something is posted; the first day of the "
        "first open period if left out. A life is one in all, from the start.",
        "2027-01-01",
    )


class AssetIn(_AssetFields):
    """An asset. One with an `external_id` that is known is given all these fields anew."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False, "required": ["name", "original_value"]})

    acquisition_counter_account: Any = account(
        "What paid for it: registering the asset then posts its cost. Left out, its cost is posted elsewhere.", "CASH"
    )


class OpeningOut(Out):
    """What had been depreciated elsewhere by the end of a day."""

    as_of: date
    accumulated: int
    current_year: int


class AssetOut(Out):
    """An asset with its figures in the posting book."""

    id: UUID
    external_id: str
    name: str
    number: str
    asset_type: AssetKind
    asset_type_id: UUID | None
    status: AssetStatus
    purchase_date: date | None
    depreciation_start_date: date | None
    original_value: int
    salvage_value: int
    useful_life_months: int | None
    cost_limit: int | None
    units_total: str | None = Field(description="Units that it gives in its whole life.")
    depreciation: DepreciationOut
    opening: OpeningOut | None
    ledger_account: AccountRef | None = Field(description="The account in force: its own, or its type's.")
    accumulated_depreciation_account: AccountRef | None = Field(description="The account in force.")
    depreciation_expense_account: AccountRef | None = Field(description="The account in force.")
    description: str | None
    serial_number: str | None
    warranty_expiry_date: date | None
    tags: list[TagOut]
    metadata: dict[str, Any]
    acquisition_counter_account: AccountRef | None = Field(description="What paid for it, where its cost was posted.")
    archived_at: datetime | None
    book_value: int
    accumulated_depreciation: int
    prior_accumulated_depreciation: int = Field(description="Before the fiscal year of the last posted period.")
    current_accumulated_depreciation: int = Field(description="In the fiscal year of the last posted period.")
    can_roll_back: bool = Field(description="Something is posted to it, the newest of it in no locked period.")
    disposal: DisposalOut | None = Field(description="The one in force, of a disposed asset.")


def asset_out(view: AssetView) -> AssetOut:
    """The asset as it is shown."""
    value, opening = view.value, view.value.opening
    return AssetOut(
        id=view.id,
        external_id=value.external_id,
        name=value.name,
        number=value.number or "",
        asset_type=value.kind,
        asset_type_id=view.asset_type_id,
        status=value.status,
        purchase_date=value.purchase_date,
        depreciation_start_date=value.depreciation_start_date,
        original_value=value.cost_minor,
        salvage_value=value.residual_minor,
        useful_life_months=value.settings.life_months,
        cost_limit=value.cost_limit_minor,
        units_total=decimal_out(value.units_total_micro, UNITS_PLACES),
        depreciation=depreciation_out(value.settings),
        opening=opening
        and OpeningOut(
            as_of=opening.as_of, accumulated=opening.accumulated_minor, current_year=opening.current_year_minor
        ),
        description=value.description,
        serial_number=value.serial_number,
        warranty_expiry_date=value.warranty_expiry_date,
        tags=[tag_out(tag) for tag in view.tags],
        metadata=value.metadata,
        archived_at=view.archived_at,
        book_value=view.book_value_minor,
        accumulated_depreciation=view.accumulated_minor,
        prior_accumulated_depreciation=view.prior_accumulated_minor,
        current_accumulated_depreciation=view.current_accumulated_minor,
        can_roll_back=view.can_roll_back,
        disposal=view.disposal and disposal_out(view.disposal),
        **{name: account_ref(view.accounts[name]) for name in (*ACCOUNT_FIELDS, COUNTER_FIELD)},
    )
