"""Two businesses behind the API, A and B, and what the tests of the register ask of A's."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import Engine, Row, text

from bookvalue.services.close_due import close_due

VAN = {
    "name": "Van", "asset_type": "VEHICLE", "original_value": 120_000, "useful_life_months": 12,
    "depreciation_start_date": "2026-01-01", "ledger_account": "VEHICLES",
    "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
    "depreciation_expense_account": {"type": "StableName", "stable_name": "DEPRECIATION"},
}  # fmt: skip
TYPE = {
    "name": "Vans", "kind": "VEHICLE", "ledger_account": "VEHICLES",
    "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
    "depreciation_expense_account": "DEPRECIATION", "depreciation": {"method": "straight_line", "life_months": 12},
}  # fmt: skip


class Register:
    """A's register over HTTP; B's, where a test asks whether anything leaks."""

    def __init__(self, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], a: UUID, b: UUID):
        self.client, self.engine, self.token, self.a, self.b = client, engine, token, a, b

    def ask(self, method: str, path: str, status: int, body: Any = None, *, of: UUID | None = None, **more: Any) -> Any:
        """The body of an answer whose status was expected."""
        business = of or self.a
        answer = self.client.request(
            method, f"/v1/businesses/{business}{path}", json=body, headers=self.token(business), **more
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200, **more: Any) -> Any:
        return self.ask("GET", path, status, **more)

    def post(self, path: str, body: Any, status: int = 201, **more: Any) -> Any:
        answer = self.ask("POST", path, status, body, **more)
        return answer.get("data", answer)

    def patch(self, path: str, body: Any, status: int = 200, **more: Any) -> Any:
        answer = self.ask("PATCH", path, status, body, **more)
        return answer.get("data", answer)

    def pages(self, path: str, limit: int, **query: Any) -> list[Any]:
        """All members of a list, by its cursors."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, params={"limit": limit, **query, **cursor})
            found += page["data"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def close(self, day: str) -> None:
        """Closes what is due by noon of a day."""
        close_due(
            self.engine,
            now=datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC),
            owner="tester",
            business_id=self.a,
        )

    def sql(self, query: str, **values: Any) -> list[Row[Any]]:
        with self.engine.begin() as connection:
            return list(connection.execute(text(query), {"a": self.a, **values}))

    def facts(self) -> int:
        """The sum of A's fact versions."""
        return int(self.sql("SELECT sum(fact_version) AS n FROM period WHERE business_id = :a")[0].n)

    def audited(self) -> list[tuple[str, str]]:
        """(actor, action) of A's audit rows, oldest first."""
        return [(row.actor, row.action) for row in self.sql("SELECT * FROM audit WHERE business_id = :a ORDER BY id")]


def found(problem: Any) -> list[tuple[str, str | None]]:
    """The findings of a problem, as (field, code)."""
    return [(one["field"], one["code"]) for one in problem["errors"]]
