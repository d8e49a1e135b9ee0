"""A business behind the API: its register from CSV lines, its runs worked on here, its routes asked over HTTP."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, Row, text

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.close_due import close_due
from bookvalue.services.import_register import import_register
from bookvalue.services.post_run import Closed

NOW = "2026-11-20T12:00:00Z"
_BUSINESS = "business,name,currency,time_zone,books_start,auto,grain"
_ASSET = (
    "business,external_id,name,kind,depreciation_start_date,cost,method,life_months,"
    "accumulated_depreciation_account,depreciation_expense_account"
)


def at(text: str) -> datetime:
    """Noon of a day, UTC."""
    return datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC)


def add_businesses(engine: Engine, keys: Sequence[str], *, auto: str = "close", grain: str = "account") -> list[UUID]:
    """Businesses in EUR and UTC whose books start in 2026-08; their ids in the order of the keys."""
    lines = [_BUSINESS, *(f"{key},{key},EUR,UTC,2026-08-01,{auto},{grain}" for key in keys)]
    import_register(engine, [RegisterFile("businesses.csv", "\n".join(lines).encode())], actor="test")
    with engine.connect() as connection:
        found = dict(connection.execute(text("SELECT key, id FROM business")).all())
    return [found[key] for key in keys]


def asset(external_id: str, *, key: str = "bakery", start: str = "2026-08-01", cost: str = "1200.00",
          expense: str = "DEPRECIATION") -> str:  # fmt: skip
    """A line of assets.csv: straight line over 12 months, 100.00 a month unless said otherwise."""
    return (
        f"{key},{external_id},Asset {external_id},EQUIPMENT,{start},{cost},straight_line,12,"
        f"ACCUMULATED_DEPRECIATION_EQUIPMENT,{expense}"
    )


def put_assets(engine: Engine, *lines: str) -> None:
    """Imports assets."""
    import_register(engine, [RegisterFile("assets.csv", "\n".join([_ASSET, *lines]).encode())], actor="test")


class House:
    """One business, `bakery`, with an API whose clock stands at NOW."""

    def __init__(
        self, app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], **business: str
    ) -> None:
        app.state.settings = app.state.settings.model_copy(update={"clock": NOW})
        self.app, self.client, self.engine, self._token = app, client, engine, token
        (self.id,) = add_businesses(engine, ["bakery"], **business)
        self.headers = token(self.id)
        self.place = f"/v1/businesses/{self.id}"

    def only(self, *scopes: str) -> dict[str, str]:
        """The headers of a caller with these scopes alone."""
        return self._token(self.id, *scopes)

    def get(self, path: str, status: int = 200, headers: dict[str, str] | None = None, /, **query: Any) -> Any:
        """What a GET below the business answers; its body, where that status was expected."""
        place = path if path.startswith("/v1") else self.place + path
        answer = self.client.get(place, params=query, headers=headers or self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> Any:
        """What a POST below the business answers; its body, where that status was expected."""
        answer = self.client.post(self.place + path, json=body, headers=headers or self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def request(self, period: str, status: int = 202, kind: str = "on_demand", **more: Any) -> Any:
        """The run that answers a request."""
        answer = self.post("/runs", {"kind": kind, "period": period, **more}, status)
        return answer.get("data", answer)

    def put(self, *lines: str) -> None:
        """Imports assets."""
        put_assets(self.engine, *lines)

    def work(self, until: str = "2026-08-02") -> list[Closed]:
        """Works on what was asked for, and on what is due by a day."""
        return close_due(self.engine, now=at(until), owner="tester", business_id=self.id)

    def pages(self, path: str, limit: int, **query: Any) -> list[Any]:
        """All members of a list, by its cursors."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=limit, **query, **cursor)
            assert len(page["data"]) <= limit
            found += page["data"]
            if page["next"] is None:
                return found
            assert len(page["data"]) == limit
            cursor = {"cursor": page["next"]}

    def sql(self, query: str, **values: Any) -> Sequence[Row[Any]]:
        """Rows, as the superuser; what the query changes is kept."""
        with self.engine.begin() as connection:
            done = connection.execute(text(query), values)
            return done.all() if done.returns_rows else []


def codes(problem: Any) -> list[tuple[str, str | None]]:
    """The findings of a problem, as (field, code)."""
    return [(one["field"], one["code"]) for one in problem["errors"]]
