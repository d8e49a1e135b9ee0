"""What assets look like. Amounts are minor units of the business's currency."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Out, Page
from bookvalue.api.schemas.depreciation import (
    CalculationMethod,
    DepreciationOut,
    calculation_method,
    decimal_out,
    depreciation_out,
    settings_field,
)
from bookvalue.api.schemas.disposals import DisposalIn, DisposalOut, disposal_out
from bookvalue.api.schemas.raw import Raw, account, amount, day, described, text, words
from bookvalue.api.schemas.sources import SourceOut, source_out
from bookvalue.api.schemas.tags import AssetTagOut, tag_out, tags_field
from bookvalue.api.schemas.value_changes import PlanOut, ValueChangeOut, plan_out, value_change_out
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.fact_spec import UNITS_PLACES
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import AssetKind, AssetStatus
from bookvalue.services.add_disposed_asset import FIELDS as DISPOSAL_FIELDS
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
_DISPOSAL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["date"],
    "properties": {name: DisposalIn.model_json_schema()["properties"][name] for name in DISPOSAL_FIELDS},
}
_DISPOSAL_EXAMPLE = {"date": "2026-10-15", "proceeds": 1_500_000, "proceeds_account": "CASH"}


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
    accumulated_impairment_account: Any = account(
        "Credited by its impairments; its type's if left out, and without either the ledger account.",
        "ACCUMULATED_IMPAIRMENT",
    )
    description: Any = text("Free text.", "White, 3.5 t")
    serial_number: Any = text("The maker's.", "WV1ZZZ")
    warranty_expiry_date: Any = day("When its warranty ends.", "2029-01-15")
    tags: Any = tags_field("One value a key; these and no others.")
    tags_from: Any = day(
        "From when it has these tags: the first day of the first open period if left out, from ever for a new asset. "
        "Charges and entries of its days before keep the tags that it had.",
        "2026-09-11",
    )
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

    disposal: Any = described(
        "It has been disposed of already: it is registered and disposed of in one step. The reason, if left out, is "
        "`sold` where it brings anything, else `out_of_use`.",
        _DISPOSAL_EXAMPLE,
        **_DISPOSAL,
    )
    acquisition_counter_account: Any = account(
        "What paid for it: registering the asset then posts its cost. Left out, its cost is posted elsewhere.", "CASH"
    )


class OpeningOut(Out):
    """What had been depreciated elsewhere by the end of a day."""

    as_of: date
    accumulated: int
    current_year: int


class MetaData(Out):
    """What can be done to the asset (seed 004)."""

    book_depreciation_details_can_change: bool = Field(
        description="Nothing is posted to it: what its charges are computed from can still be changed outright."
    )


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
    accumulated_impairment_account: AccountRef | None = Field(
        description="The account in force; null: its impairments credit the ledger account."
    )
    description: str | None
    serial_number: str | None
    warranty_expiry_date: date | None
    tags: list[AssetTagOut] = Field(description="Its last ones; charges are for those of their own days.")
    metadata: dict[str, Any]
    acquisition_counter_account: AccountRef | None = Field(description="What paid for it, where its cost was posted.")
    archived_at: datetime | None
    book_value: int
    accumulated_depreciation: int
    prior_accumulated_depreciation: int = Field(description="Before the fiscal year of the last posted period.")
    current_accumulated_depreciation: int = Field(description="In the fiscal year of the last posted period.")
    can_roll_back: bool = Field(description="Something is posted to it, the newest of it in no locked period.")
    depreciation_calculation_method: CalculationMethod = Field(description="What a charge is computed from.")
    is_delete_enabled: bool = Field(description="Nothing was ever posted to it, so that it can be deleted.")
    meta_data: MetaData
    disposal: DisposalOut | None = Field(description="The one in force, of a disposed asset.")
    disposal_date: date | None = Field(description="Of the disposal in force.")
    disposal_price: int | None = Field(description="The proceeds of the disposal in force, if it names any.")
    capital_gain: int | None = Field(description="Of the disposal in force: proceeds above the cost with increases.")
    gain_or_loss: int | None = Field(description="Of the disposal in force, positive for a gain; without capital_gain.")
    value_changes: list[ValueChangeOut] | None = Field(description="Oldest first; null unless `include` asks for it.")
    sources: list[SourceOut] | None = Field(description="What it was bought with; null unless `include` asks for it.")
    value_change_plan: PlanOut | None = Field(description="What runs will charge; null unless `include` asks for it.")


def asset_out(view: AssetView) -> AssetOut:
    """The asset as it is shown."""
    value, opening, members = view.value, view.value.opening, view.members
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
        depreciation_calculation_method=calculation_method(value.settings),
        is_delete_enabled=view.is_untouched,
        meta_data=MetaData(book_depreciation_details_can_change=view.is_untouched),
        disposal=view.disposal and disposal_out(view.disposal),
        disposal_date=view.disposal and view.disposal.day,
        disposal_price=view.disposal and view.disposal.proceeds_minor,
        capital_gain=view.disposal and view.disposal.capital_gain_minor,
        gain_or_loss=view.disposal and view.disposal.gain_or_loss_minor,
        value_changes=None if members.value_changes is None else list(map(value_change_out, members.value_changes)),
        sources=None if members.sources is None else list(map(source_out, members.sources)),
        value_change_plan=members.plan and plan_out(members.plan),
        **{name: account_ref(view.accounts[name]) for name in (*ACCOUNT_FIELDS, COUNTER_FIELD)},
    )


class PageLinks(Out):
    """Where other pages of the same list are, as paths; null where there is none."""

    first: str
    prev: str | None
    next: str | None
    last: str


class Pagination(Out):
    """Which of the numbered pages this is."""

    page: int
    per_page: int
    page_count: int
    item_count: int
    links: PageLinks


class AssetPage(Page[AssetOut]):
    """One page of assets."""

    pagination: Pagination | None = Field(description="Where a page was asked for by its number.")


def pagination(page: int, per_page: int, item_count: int, link: Callable[[int], str]) -> Pagination:
    """link: the path of the page with a number. Without any item there is a first page, and it is empty."""
    last = max(1, -(-item_count // per_page))
    return Pagination(
        page=page,
        per_page=per_page,
        page_count=last if item_count else 0,
        item_count=item_count,
        links=PageLinks(
            first=link(1),
            prev=link(min(page - 1, last)) if page > 1 else None,
            next=link(page + 1) if page < last else None,
            last=link(last),
        ),
    )
