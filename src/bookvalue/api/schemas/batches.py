"""What batches look like: facts of assets, each with what became of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from bookvalue.api.errors import CODES, MOST_FINDINGS
from bookvalue.api.schemas.asset_facts import (
    EstimateChangeIn,
    EstimateChangeOut,
    ManualAmountIn,
    ManualAmountOut,
    SuspensionIn,
    SuspensionOut,
    UnitsUsedIn,
    UnitsUsedOut,
    fact_out,
)
from bookvalue.api.schemas.base import In, Out
from bookvalue.api.schemas.disposals import DisposalIn, DisposalOut, disposal_out
from bookvalue.api.schemas.raw import Raw
from bookvalue.api.schemas.value_updates import ValueUpdateIn, ValueUpdateOut, value_update_out
from bookvalue.domain.asset_fact_spec import FactType, type_of
from bookvalue.domain.errors import BookvalueError
from bookvalue.services.record_batch import Batch
from bookvalue.services.record_facts import AssetFactKind, Recorded, findings_of
from bookvalue.services.show_disposals import DisposalView
from bookvalue.services.show_value_updates import ValueUpdateView

MOST_ITEMS = 1_000
"""Of one request."""

_ANYTHING: dict[str, Any] = {"description": "Anything else is refused by itself."}
_BODIES: Mapping[AssetFactKind, type[Raw]] = {
    AssetFactKind.VALUE_UPDATE: ValueUpdateIn,
    AssetFactKind.DISPOSAL: DisposalIn,
    AssetFactKind.UNITS_USED: UnitsUsedIn,
    AssetFactKind.MANUAL_AMOUNT: ManualAmountIn,
    AssetFactKind.SUSPENSION: SuspensionIn,
    AssetFactKind.ESTIMATE_CHANGE: EstimateChangeIn,
}
_SHAPES: Mapping[FactType, type[Out]] = {
    FactType.UNITS_USED: UnitsUsedOut,
    FactType.MANUAL_AMOUNT: ManualAmountOut,
    FactType.SUSPENSION: SuspensionOut,
    FactType.ESTIMATE_CHANGE: EstimateChangeOut,
}
_UPDATE_SCHEMA = ValueUpdateIn.model_json_schema()
_REFERENCES = {name: _UPDATE_SCHEMA["properties"][name] for name in ("asset_id", "asset_external_id")}


def _of_kind(kind: AssetFactKind) -> dict[str, Any]:
    """The body that records one such fact by itself, with its kind and its asset."""
    schema = _BODIES[kind].model_json_schema()
    properties = {"kind": {"const": kind.value}, **_REFERENCES, **schema["properties"]}
    if kind is AssetFactKind.DISPOSAL:
        properties.pop("dry_run")
    required = ["kind", *schema["required"]]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _items(schemas: list[dict[str, Any]], example: Any) -> Any:
    return Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_ITEMS),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ITEMS,
                "items": {"anyOf": [*schemas, _ANYTHING]},
                "description": "Recorded and answered in this order.",
                "examples": [[example]],
            }
        ),
    ]


_UPDATE = {"asset_external_id": "ERP-1001", "amount": 250_000, "update_type": "IMPROVEMENT", "counter_account": "CASH",
           "date": "2026-10-15", "external_id": "VU-2026-10"}  # fmt: skip
_UNITS = {"kind": "units_used", "asset_external_id": "ERP-1001", "period_end": "2026-10-31", "quantity": "1200"}


class _BatchIn(In):
    atomic: bool = Field(default=False, description="Whether all stand or fall together: with a finding, 422.")


class ValueUpdatesIn(_BatchIn):
    """Value updates, each as it is recorded by itself."""

    items: _items([_UPDATE_SCHEMA], _UPDATE)  # type: ignore[valid-type]


class FactsIn(_BatchIn):
    """Facts of assets, each as it is recorded by itself, with its kind and its asset."""

    items: _items([_of_kind(kind) for kind in AssetFactKind], _UNITS)  # type: ignore[valid-type]


class FindingOut(Out):
    """What is wrong with one field of an item."""

    code: str
    field: str | None
    value: Any
    message: str
    remedy: str


class ItemProblem(Out):
    """Why an item was refused."""

    code: str
    detail: str
    errors: list[FindingOut]


class _ItemOut(Out):
    index: int = Field(description="Its place among the items, from 0.")
    status: int = Field(description="201 recorded, 200 there already, 409 or 422 refused.", examples=[201])
    problem: ItemProblem | None = Field(description="Why it was refused, or null.")


class ValueUpdateItem(_ItemOut):
    """What became of a value update."""

    data: ValueUpdateOut | None


class FactItem(_ItemOut):
    """What became of a fact."""

    data: ValueUpdateOut | DisposalOut | UnitsUsedOut | ManualAmountOut | SuspensionOut | EstimateChangeOut | None


class _BatchOut(Out):
    recorded: int = Field(description="How many are new.")
    unchanged: int = Field(description="How many were there already.")
    refused: int = Field(description="How many were refused.")


class ValueUpdatesOut(_BatchOut):
    """What became of each value update."""

    data: list[ValueUpdateItem]


class FactsOut(_BatchOut):
    """What became of each fact."""

    data: list[FactItem]


def value_updates_out(batch: Batch) -> ValueUpdatesOut:
    """The batch as it is answered."""
    return ValueUpdatesOut(**_counts(batch), data=[ValueUpdateItem(**one) for one in _results(batch)])


def facts_out(batch: Batch) -> FactsOut:
    """The batch as it is answered."""
    return FactsOut(**_counts(batch), data=[FactItem(**one) for one in _results(batch)])


def _counts(batch: Batch) -> dict[str, int]:
    return {"recorded": batch.recorded, "unchanged": batch.unchanged, "refused": batch.refused}


def _results(batch: Batch) -> list[dict[str, Any]]:
    return [
        {"index": index, **(_refused(result) if isinstance(result, BookvalueError) else _recorded(result))}
        for index, result in enumerate(batch.results)
    ]


def _recorded(result: Recorded) -> dict[str, Any]:
    view, new = result
    shown: Any
    if isinstance(view, ValueUpdateView):
        shown = value_update_out(view)
    elif isinstance(view, DisposalView):
        shown = disposal_out(view)
    else:
        shown = fact_out(_SHAPES[type_of(view.fact)], view)
    return {"status": 201 if new else 200, "data": shown, "problem": None}


def _refused(error: BookvalueError) -> dict[str, Any]:
    found = findings_of(error) if hasattr(error, "findings") else ()
    findings = [FindingOut(**{k: v for k, v in one.as_dict().items() if k != "line"}) for one in found]
    problem = ItemProblem(code=error.code, detail=error.message, errors=findings[:MOST_FINDINGS])
    return {"status": CODES[error.code].status, "data": None, "problem": problem}
