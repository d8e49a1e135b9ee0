"""Layer's own OpenAPI of the operation holds for ours: its example, our requests, our answers (tests/contract)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from .house import codes
from .register_house import VAN

DOCUMENT = yaml.safe_load(
    (Path(__file__).parents[1] / "contract" / "layer-asset-value-updates.yaml").read_text(encoding="utf-8")
)
PATH = "/v1/businesses/{businessId}/assets/value-updates"
OPERATION = DOCUMENT["paths"][PATH]["post"]
EXAMPLE_ID = "550e8400-e29b-41d4-a716-446655440000"
TYPES = DOCUMENT["components"]["schemas"]["AssetValueUpdateType"]["enum"]


def plain(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` is another type, references lead into the document."""
    if isinstance(schema, list):
        return [plain(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: plain(member) for name, member in schema.items() if name not in ("nullable", "example", "examples")}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def validator(schema: Any) -> Any:
    whole = {**plain(schema), "components": {"schemas": plain(DOCUMENT["components"]["schemas"])}}
    return jsonschema_rs.Draft7Validator(whole, validate_formats=True)


REQUEST = validator(OPERATION["requestBody"]["content"]["application/json"]["schema"])
ANSWER = validator(OPERATION["responses"]["201"]["content"]["application/json"]["schema"])
TAG = validator({"$ref": "#/components/schemas/ApiTag"})


@pytest.fixture
def post(client: TestClient, token: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    """Asks for an operation below a business whose books began in 2024, as those of the example had."""
    headers = token()
    body = {"key": "layer", "name": "Layer", "currency": "USD", "time_zone": "UTC", "books_start": "2024-01-01"}
    business = client.post("/v1/businesses", json=body, headers=headers).json()["data"]["id"]

    def ask(path: str, sent: Any, status: int = 201) -> Any:
        answer = client.post(f"/v1/businesses/{business}{path}", json=sent, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def asset(post: Callable[..., Any], **more: Any) -> str:
    dates = {"purchase_date": "2024-01-01", "depreciation_start_date": "2024-01-01"}
    return str(post("/assets", {**VAN, **dates, **more})["data"]["id"])


def test_the_documents_own_example_is_taken(post: Callable[..., Any], engine: Engine) -> None:
    example = OPERATION["requestBody"]["content"]["application/json"]["examples"]["depreciation"]["value"]
    with engine.begin() as connection:  # the asset has the example's id, as if Layer had given it
        made = asset(post)
        connection.execute(text("SET session_replication_role = replica"))
        for table, column in (("asset", "id"), ("asset_book", "asset_id")):
            statement = text(f"UPDATE {table} SET {column} = :wanted WHERE {column} = :made")
            connection.execute(statement, {"wanted": example["asset_id"], "made": made})
    answer = post("/assets/value-updates", example)
    ANSWER.validate(answer)
    shown = {name: answer["data"][name] for name in ("asset_id", "amount", "update_type", "date")}
    assert shown == {**{name: example[name] for name in ("asset_id", "amount", "update_type")},
                     "date": "2024-02-29T00:00:00Z"}  # fmt: skip


@pytest.mark.parametrize("update_type", TYPES)
def test_requests_of_the_documents_shape_are_taken_and_answered_in_its_shape(
    post: Callable[..., Any], update_type: str
) -> None:
    made = asset(post, external_id="ERP-1", tags=[{"key": "site", "value": "Lisbon"}])
    account = {"type": "StableName", "stable_name": "CASH"}
    least = {"amount": 1666, "update_type": update_type, "counter_account": account, "date": "2024-02-29T00:00:00Z"}
    whole = {
        **least, "asset_external_id": "ERP-1", "external_id": "VU-1", "memo": "a memo", "reference_number": "R-1",
        "metadata": {"nested": [1, {"deep": None}], "text": "x"}, "asset_id": None,
    }  # fmt: skip
    for sent in ({**least, "asset_id": made}, whole):
        REQUEST.validate(sent)
        answer = post("/assets/value-updates", sent)
        ANSWER.validate(answer)
        for name in ("external_id", "memo", "reference_number", "metadata"):
            assert answer["data"][name] == sent.get(name)
        (tag,) = answer["data"]["transaction_tags"]
        TAG.validate(tag)
        assert (tag["key"], tag["value"]) == ("site", "Lisbon")
    archived = post(f"/assets/value-updates/{answer['data']['id']}/archive", None, 200)
    ANSWER.validate(archived)
    assert archived["data"]["archived_at"] is not None


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"]["CreateAssetValueUpdateParams"]["required"])
def test_what_the_document_requires_is_required(post: Callable[..., Any], name: str) -> None:
    sent = {
        "asset_id": EXAMPLE_ID, "amount": 1, "update_type": "IMPROVEMENT", "date": "2024-02-29T00:00:00Z",
        "counter_account": {"type": "StableName", "stable_name": "CASH"},
    }  # fmt: skip
    REQUEST.validate(sent)
    del sent[name]
    assert not REQUEST.is_valid(sent)
    assert (name, "required") in codes(post("/assets/value-updates", sent, 422))


def test_the_validators_bite() -> None:
    assert not ANSWER.is_valid({"data": {"id": "x"}})
    assert not TAG.is_valid({"key": "site"})


def test_our_document_has_the_operations_fields_types_and_required_set(app: FastAPI) -> None:
    theirs = DOCUMENT["components"]["schemas"]["CreateAssetValueUpdateParams"]
    ours = app.openapi()["components"]["schemas"]["ValueUpdateIn"]
    assert set(theirs["required"]) == set(ours["required"])
    assert set(theirs["properties"]) <= set(ours["properties"])
    for name in ("amount", "update_type", "memo", "metadata", "date"):
        kind = theirs["properties"][name].get("type", "string")
        assert kind in ours["properties"][name]["type"], name
