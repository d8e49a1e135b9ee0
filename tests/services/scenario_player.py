"""Plays a scenario of tests/golden/entries on real books, through the services, and reads back what they posted.

Reads by plain SQL as the superuser, never through the code under test.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.create_business import create_business
from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.keep_asset import add_asset
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reinstate_asset import reinstate_asset
from golden import entries_scenario as told
from services.conftest import Books, at

TODAY = "2030-01-01"
EXTERNAL_ID = "asset"


class Player:
    """A scenario's business, which exists by now with the months closed that it wants closed, and its asset."""

    def __init__(self, books: Books, scenario: told.Scenario) -> None:
        self.books = books
        self.scenario = scenario
        self.key = scenario.name
        self.made: list[Any] = []  # what each step made, for the steps that refer to it
        self.posted: list[told.Entry] = []
        asked = scenario.business
        self.year_start: str = asked["fiscal year begins"]
        self.business_id = create_business(
            books.engine,
            {
                "key": self.key,
                "name": scenario.title,
                "currency": asked["currency"],
                "time_zone": "UTC",
                "fiscal_year_start": self.year_start,
                "books_start": self._first_day(asked["books begin"]),
                "lock_policy": asked["lock policy"],
                "auto": "off",  # the steps close
            },
            actor="ada",
        ).id
        for month in _months(asked["closed before"]):
            self._close(month)
        for month in _months(asked["locked before"]):
            assert books.lock(self._first_day(month), self.key)

    def play(self) -> None:
        """Takes every step in turn, and keeps what each of them posted."""
        for number, step in enumerate(self.scenario.steps, 1):
            self.made.append(self._take(step))
            self.posted += self._entries(number)

    def _take(self, step: told.Step) -> Any:
        engine, business_id, now = self.books.engine, self.business_id, at(TODAY)
        match step:
            case told.Register():
                return add_asset(engine, business_id, self._asset(), actor="ada")[0].id
            case told.Close(month):
                return self._close(month)
            case told.ValueUpdate(update_type, amount_minor, on, counter):
                raw = {
                    "asset_external_id": EXTERNAL_ID,
                    "update_type": update_type,
                    "amount": amount_minor,
                    "date": f"{on}T09:00:00Z",
                    "counter_account": {"type": "StableName", "stable_name": counter},
                }
                return record_value_update(engine, business_id, raw, actor="ada", now=now)[0].id
            case told.Archive(number):
                return archive_value_update(engine, business_id, self.made[number - 1], actor="ada", now=now)
            case told.Dispose(on, reason, proceeds_minor, account):
                raw = {"date": f"{on}", "reason": reason, "proceeds": proceeds_minor, "proceeds_account": account}
                return dispose_asset(engine, business_id, self.asset_id, raw, actor="ada", now=now).id
            case told.ValueChange(kind, amount, on):
                raw = {"date": f"{on}", "description": "golden"} | ({} if amount is None else {"amount": amount})
                way = ValueChangeType(kind.replace("-", "_"))
                return change_value(engine, business_id, self.asset_id, way, raw, actor="ada", now=now).id
            case told.Reinstate():
                return reinstate_asset(engine, business_id, self.asset_id, self._made_by(told.Dispose), actor="ada")

    @property
    def asset_id(self) -> UUID:
        """Of the asset that is registered by now."""
        return self._made_by(told.Register)

    def _made_by(self, kind: type) -> UUID:
        """The id of what the newest step of a kind made."""
        taken = zip(self.made, self.scenario.steps, strict=False)
        found: list[UUID] = [made for made, step in taken if isinstance(step, kind)]
        return found[-1]

    def _asset(self) -> dict[str, Any]:
        """The asset as the API takes it; what is written as none is left out, which is what it says."""
        asked = self.scenario.asset
        opening = asked["opening"]
        return {
            "external_id": EXTERNAL_ID,
            "name": self.scenario.title,
            "asset_type": "EQUIPMENT",
            "original_value": asked["cost"],
            "salvage_value": asked["residual value"],
            "purchase_date": f"{asked['start']}",
            "depreciation": {
                "method": asked["method"],
                "life_months": asked["life"],
                "averaging": asked["averaging"],
            },
            "opening": opening and {"accumulated": opening.accumulated_minor, "as_of": f"{opening.as_of}"},
            "ledger_account": asked["asset account"].stable_name,
            "accumulated_depreciation_account": _name(asked["accumulated account"]),
            "depreciation_expense_account": _name(asked["expense account"]),
            "acquisition_counter_account": _name(asked["acquisition counter"]),
            "accumulated_impairment_account": _name(asked["impairment account"]),
        }

    def _close(self, month: str) -> None:
        done = self.books.work(self.books.request(month, TODAY, self.key))
        assert done is not None
        assert (done.error, done.closed_periods) == (None, (month,))

    def _first_day(self, month: str) -> str:
        return f"{month}-{self.year_start[-2:]}"

    def _entries(self, step: int) -> Iterator[told.Entry]:
        """What was posted since the step before, in the order of the feed."""
        rows = self.books.sql(
            """SELECT e.feed_seq, e.kind, to_char(e.effective_period, 'YYYY-MM') AS effective,
                      to_char(e.posting_period, 'YYYY-MM') AS posting, e.entry_date, e.currency,
                      array_agg(CASE WHEN l.debit_minor > 0 THEN 'Dr' ELSE 'Cr' END ORDER BY l.line_no) AS sides,
                      array_agg(a.code ORDER BY l.line_no) AS codes,
                      array_agg(a.stable_name ORDER BY l.line_no) AS names,
                      array_agg(l.debit_minor + l.credit_minor ORDER BY l.line_no) AS amounts
               FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id JOIN account a ON a.id = l.account_id
               WHERE e.business_id = :business AND e.feed_seq > :known
               GROUP BY e.id, e.business_id ORDER BY e.feed_seq""",
            business=self.business_id,
            known=len(self.posted),
        )
        for row in rows:
            assert row.currency == self.scenario.business["currency"]
            lines = (
                told.Line(side, told.Account(code, name), amount)
                for side, code, name, amount in zip(row.sides, row.codes, row.names, row.amounts, strict=True)
            )
            yield told.Entry(step, row.kind, row.effective, row.posting, row.entry_date, tuple(lines))

    def figures(self) -> dict[str, int | None]:
        """What the asset stands at, under the labels of a file, from its rows."""
        (row,) = self.books.sql(
            """SELECT b.cost_minor, b.opening_accumulated_minor AS opening, b.status,
                      sum(CASE v.update_type WHEN 'DEPRECIATION_AMORTIZATION' THEN v.amount_minor ELSE 0 END)::bigint
                          AS depreciated,
                      sum(CASE WHEN v.update_type IN ('IMPROVEMENT', 'REVALUATION_UP') THEN v.amount_minor
                               WHEN v.update_type IN ('IMPAIRMENT', 'REVALUATION_DOWN') THEN -v.amount_minor
                               ELSE 0 END)::bigint AS changed
               FROM asset_book b LEFT JOIN value_update v USING (business_id, book_id, asset_id)
               WHERE b.business_id = :business GROUP BY b.business_id, b.book_id, b.asset_id""",
            business=self.business_id,
        )
        cost, accumulated = row.cost_minor + row.changed, row.opening + row.depreciated
        gone = self.books.sql(
            """SELECT d.* FROM disposal d WHERE d.business_id = :business AND d.reverses IS NULL AND NOT EXISTS (
                   SELECT FROM disposal r WHERE r.asset_id = d.asset_id AND r.reverses = d.sequence)""",
            business=self.business_id,
        )
        assert (row.status == "disposed") == bool(gone)
        if gone:
            (out,) = gone
            assert (out.cost_minor, out.accumulated_minor) == (cost, accumulated), "all of it goes out"
        return {
            "cost carried": 0 if gone else cost,
            "accumulated": 0 if gone else accumulated,
            "book value": 0 if gone else cost - accumulated,
            "book value disposed of": gone[0].cost_minor - gone[0].accumulated_minor if gone else None,
            "gain or loss": gone[0].gain_or_loss_minor if gone else None,
            "capital gain": gone[0].capital_gain_minor if gone else None,
        }


def _name(account: told.Account | None) -> str | None:
    return account and account.stable_name


def _months(span: told.Span | None) -> Sequence[str]:
    """The names of the months of a span, in order."""
    if span is None:
        return []
    first, last = (date.fromisoformat(f"{month}-01") for month in span)
    numbers = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]
