"""A close posts T(t) less what is posted, to the minor unit, in balanced entries, and closes the period with it."""

import hashlib
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bookvalue.domain.asset import Asset
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.register_csv import RegisterFile, read_register
from bookvalue.domain.settings_spec import KEPT_AS, PLACES, SETTINGS_READERS
from bookvalue.services.import_register import import_register
from faults.checker import content_hash
from oracle import accumulated
from services.conftest import ACCUMULATED, EXPENSE, Books, asset, asset_type, business

SAMPLE_FILES = ("businesses", "accounts", "asset_types", "assets")


def months(first: str, count: int) -> list[str]:
    """Names of so many months from one on."""
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02d}" for n in range(count)]


def test_seed_002_over_its_whole_life_in_both_grains(books: Books) -> None:
    """40,000.00 over 60 months: 666.67 first, 40,000.00 in all, and month 61 posts nothing."""
    for grain in ("account", "asset"):
        books.put(
            business(grain, currency="USD", grain=grain), asset("seed-002", grain, cost="40000.00", life_months=60)
        )
    assert books.charges("account") == [], "a new asset starts with a zero balance"
    books.close("2031-09-02")
    expected = [4_000_000 * n // 60 + (4_000_000 * n % 60 >= 30) for n in range(61)]
    for grain in ("account", "asset"):
        charged = books.charged("seed-002", grain)
        assert list(charged) == months("2026-08", 60)
        assert list(charged.values()) == [after - before for before, after in pairwise(expected)]
        assert charged["2026-08"] == 66_667
        assert sum(charged.values()) == 4_000_000
        lines = books.lines(grain)
        assert lines[:2] == [("2026-08", "2026-08", EXPENSE, 66_667, 0), ("2026-08", "2026-08", ACCUMULATED, 0, 66_667)]
        assert len(lines) == 120
        assert list(books.periods(grain).values()) == ["closed"] * 61 + ["open"]
        last = books.sql(
            """SELECT r.* FROM run r JOIN business b ON b.id = r.business_id
                            WHERE b.key = :key AND r.period_start = '2031-08-01'""",
            key=grain,
        )[0]
        assert (last.status, last.posted_minor, last.entry_count, last.nothing_due_assets) == ("posted", 0, 0, 1)


def spec_of(value: Asset, calendar: FiscalCalendar) -> dict[str, Any]:
    """An asset as the oracle reads it: as the schedule format has it."""
    settings = {
        name: getattr(value.settings, KEPT_AS.get(name, name)) for name in SETTINGS_READERS if name != "profile"
    }
    decimals = {name: f"{Decimal(settings[name]).scaleb(-at):f}" for name, at in PLACES.items() if settings[name]}
    spec: dict[str, Any] = {
        "cost": value.cost_minor,
        "residual_value": value.residual_minor,
        "depreciation_start_date": str(value.depreciation_start_date or date(2200, 1, 1)),
        "fiscal_year_start": str(calendar),
        "settings": {name: given for name, given in (settings | decimals).items() if given is not None},
    }
    if value.cost_limit_minor is not None:
        spec["cost_limit"] = value.cost_limit_minor
    if value.opening is not None:
        as_of, accumulated_minor, current_year_minor = astuple(value.opening)
        spec["opening"] = {
            "as_of": str(as_of), "accumulated": accumulated_minor, "current_year": current_year_minor
        }  # fmt: skip
    return spec


def shuffled(content: bytes, random: Random) -> bytes:
    """The same register under other keys, its lines in another order."""
    header, *lines = content.splitlines(keepends=True)
    random.shuffle(lines)
    return header + b"".join(b"other-" + line for line in lines)


def test_the_sample_register_is_the_oracles_amount_for_amount_in_any_order(books: Books, sample: Path) -> None:
    files = [RegisterFile(name, (sample / f"{name}.csv").read_bytes()) for name in SAMPLE_FILES]
    others = [RegisterFile(f"other-{file.name}", shuffled(file.content, Random(7))) for file in files]
    import_register(books.engine, files, actor="tester")
    import_register(books.engine, others, actor="tester")
    mend = (sample / "mend.csv").read_bytes()
    for content in (mend, shuffled(mend, Random(7))):
        import_register(books.engine, [RegisterFile("mend", content)], actor="tester")
    books.close("2026-11-20")

    register = read_register(files)
    calendars = {line.business_key: line.value.fiscal_calendar for line in register.businesses}
    wanted, count = set(), 0
    for line in register.assets:
        calendar = calendars[line.business_key]
        spec = spec_of(line.value, calendar)
        reached = spec["opening"]["accumulated"] if "opening" in spec else 0
        period = calendar.period_of(date(2026, 8, 10))
        for _ in range(3):
            now = accumulated(spec, period.end) if line.value.status == "registered" else reached
            if now != reached:
                wanted.add((line.business_key, line.value.external_id, period.name, now - reached))
            reached = now
            count += 1
            period = calendar.next_period(period)
    found = {(key, name, effective, amount) for key in calendars for name, effective, _, amount in books.charges(key)}
    assert found == wanted
    assert count > 3000
    assert len(wanted) > 2500

    def output(key: str) -> str:
        return hashlib.sha256(repr(books.charges(key)).encode()).hexdigest()

    for key in calendars:
        assert all(status == "closed" for name, status in books.periods(key).items() if name <= "2026-10"), key
        assert output(key) == output(f"other-{key}")
        assert books.periods(key) == books.periods(f"other-{key}")
        assert sorted(books.lines(key)) == sorted(books.lines(f"other-{key}"))


def test_a_close_by_asset_and_a_close_by_account_move_the_accounts_alike(books: Books) -> None:
    machines = [asset(f"m{n}", cost=f"{1000 + n}.37", life_months=7 + n) for n in range(9)]
    vans = [asset(f"v{n}", cost=f"{2000 + n}.11", life_months=13, ledger_account="VEHICLES",
                  accumulated_depreciation_account="1610") for n in range(4)]  # fmt: skip
    for grain in ("account", "asset"):
        books.put(business(grain, grain=grain), *[{**line, "business": grain} for line in (*machines, *vans)])
    books.close("2026-11-02")
    assert books.charges("account") == books.charges("asset")
    assert len(books.lines("account")) == 3 * 3  # a month: one debit, two credits
    assert len(books.lines("asset")) == 3 * 13 * 2

    def moved(grain: str) -> list[tuple[str, str, int, int]]:
        ordered = sorted((posting, code, debit, credit) for posting, _, code, debit, credit in books.lines(grain))
        return [
            (*key, sum(line[2] for line in of), sum(line[3] for line in of))
            for key, group in groupby(ordered, key=lambda line: line[:2])
            for of in [list(group)]
        ]

    assert moved("account") == moved("asset")
    named = books.sql(
        "SELECT count(*) AS n, count(asset_id) AS named FROM journal_entry e JOIN business b "
        "ON b.id = e.business_id WHERE b.key = 'asset'"
    )[0]
    assert (named.n, named.named) == (39, 39)


def test_the_run_row_says_what_it_did(bakery: Books) -> None:
    bakery.put(
        asset("plain"),
        asset("land", method="none", life_months=""),
        asset("later", depreciation_start_date="2026-09-01"),
        asset("draft", status="draft"),
        asset("gone", status="disposed"),
        asset("free", cost="0"),
        asset("bare", depreciation_expense_account=""),
    )
    bakery.uncharged = {"bare"}
    (done,) = bakery.close("2026-09-02")
    row = bakery.run(done.run_id)
    assert (row.assets, row.posted_assets, row.nothing_due_assets) == (7, 1, 2)
    assert (row.skipped_assets, row.blocked_assets) == (3, 1)
    assert (row.status, row.posted_minor, row.entry_count) == ("posted_with_exceptions", 10_000, 1)
    assert (done.posted_minor, done.entries, done.blocked, done.closed_periods) == (10_000, 1, 1, ())
    assert bakery.outcomes(done.run_id) == {
        "land": ("skipped", "not_depreciable", "depreciation.method"),
        "draft": ("skipped", "draft", "status"),
        "gone": ("skipped", "disposed", "status"),
        "bare": ("blocked", "expense_account_missing", "depreciation_expense_account"),
    }
    assert set(row.timings) == {"read_and_compute_s", "write_s", "check_s"}
    assert all(seconds >= 0 for seconds in row.timings.values())
    assert (row.attempts, row.lease_owner, row.lease_until, row.error_code) == (1, "tester", None, None)
    assert row.created_at <= row.started_at <= row.finished_at
    assert len(row.input_hash) == len(row.output_hash) == 64
    assert row.input_hash != row.output_hash


def test_audit_and_events_of_run_and_close(bakery: Books) -> None:
    bakery.put(asset("a"))
    (done,) = bakery.close("2026-09-02")
    told = bakery.sql("SELECT actor, action, subject FROM audit WHERE action <> 'register.imported' ORDER BY id")
    assert [tuple(row) for row in told] == [
        ("worker", "run.posted", f"run/{done.run_id}"),
        ("worker", "period.closed", "period/2026-08"),
    ]
    events = {row.event: row.body for row in bakery.sql("SELECT event, body FROM outbox")}
    assert events["period.closed"] == {"period": "2026-08", "run_id": str(done.run_id)}
    assert events["run.posted"] == {
        "run_id": str(done.run_id),
        "period": "2026-08",
        "status": "posted",
        "posted_minor": 10_000,
        "entries": 1,
        "first_feed_seq": 1,
        "blocked": 0,
    }


def test_closed_periods_chain_and_balances_carry_on(bakery: Books) -> None:
    bakery.put(asset("a"), asset("b", cost="500.00", life_months=3, depreciation_start_date="2026-09-01"))
    bakery.close("2027-02-02")
    closed = bakery.sql("SELECT * FROM period WHERE status = 'closed' ORDER BY period_start")
    assert len(closed) == 6
    before, reached = "", {EXPENSE: 0, ACCUMULATED: 0}
    for period in closed:
        rows = bakery.sql(
            """
            SELECT e.feed_seq, e.id, e.entry_date, l.line_no, l.account_id, l.debit_minor, l.credit_minor, a.code
            FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id JOIN account a ON a.id = l.account_id
            WHERE e.posting_period = :start ORDER BY e.feed_seq, l.line_no""",
            start=period.period_start,
        )
        lines = ["|".join(map(str, row[:-1])) for row in rows]
        updates = bakery.sql("SELECT * FROM value_update WHERE posting_period = :start", start=period.period_start)
        assert period.content_hash == content_hash(before, lines, list(updates), period.period_start)
        assert {row.entry_date for row in rows} == {period.period_end}
        before = period.content_hash
        for balance in bakery.sql(
            """SELECT p.*, a.code FROM period_balance p
        JOIN account a ON a.id = p.account_id
                                     WHERE p.period_start = :start""",
            start=period.period_start,
        ):
            debit = sum(row.debit_minor for row in rows if row.code == balance.code)
            credit = sum(row.credit_minor for row in rows if row.code == balance.code)
            assert balance.opening_minor == reached[balance.code]
            assert (balance.debit_minor, balance.credit_minor) == (debit, credit)
            assert balance.closing_minor == balance.opening_minor + debit - credit
            reached[balance.code] = balance.closing_minor
    assert reached == {EXPENSE: 6 * 10_000 + 50_000, ACCUMULATED: -(6 * 10_000 + 50_000)}
    assert [period.charged_minor for period in closed] == [10_000, 26_667, 26_666, 26_667, 10_000, 10_000]


def test_an_account_that_does_not_move_keeps_its_balance(bakery: Books) -> None:
    bakery.put(asset("short", life_months=1, cost="12.34"))
    bakery.close("2026-12-02")
    balances = bakery.sql(
        """
        SELECT p.period_start, p.opening_minor, p.debit_minor, p.closing_minor FROM period_balance p
        JOIN account a ON a.id = p.account_id WHERE a.code = :code ORDER BY 1""",
        code=EXPENSE,
    )
    assert [tuple(row)[1:] for row in balances] == [(0, 1234, 1234)] + [(1234, 0, 1234)] * 3


@pytest.mark.parametrize(("columns", "reason"), [
    ({"status": "draft"}, "draft"), ({"status": "disposed"}, "disposed"),
    ({"method": "none", "life_months": ""}, "not_depreciable"),
])  # fmt: skip
def test_what_is_not_to_be_charged_holds_nothing_up(bakery: Books, columns: dict[str, str], reason: str) -> None:
    bakery.put(asset("a", accumulated_depreciation_account="", **columns))
    (done,) = bakery.close("2026-09-02")
    assert [code for _, code, _ in bakery.outcomes(done.run_id).values()] == [reason]
    assert bakery.charges() == []
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "open"}


def test_a_cash_basis_business_closes_with_nothing_posted(books: Books) -> None:
    books.put(
        business(accounting_basis="cash"),
        asset("a"),
        asset("bare", accumulated_depreciation_account=""),
        asset("draft", status="draft"),
    )
    books.uncharged = {"a", "bare"}
    (done,) = books.close("2026-09-02")
    assert {name: code for name, (_, code, _) in books.outcomes(done.run_id).items()} == {
        "a": "cash_basis",
        "bare": "cash_basis",
        "draft": "cash_basis",
    }
    assert (done.status, done.posted_minor, done.closed_periods) == ("posted", 0, ("2026-08",))
    closed = books.sql("SELECT charged_minor, entry_count FROM period WHERE status = 'closed'")
    assert [tuple(row) for row in closed] == [(0, 0)]


def test_an_empty_business_closes_and_its_hash_still_chains(bakery: Books) -> None:
    bakery.close("2026-11-02")
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    closed = bakery.sql("SELECT content_hash FROM period WHERE status = 'closed' ORDER BY period_start")
    hashes = [row.content_hash for row in closed]
    chain = [""]
    for _ in hashes:
        chain.append(content_hash(chain[-1], [], [], date(2026, 8, 1)))
    assert hashes == chain[1:]


def test_nothing_is_due_for_an_asset_that_costs_nothing_or_starts_later(bakery: Books) -> None:
    bakery.put(
        asset("free", cost="0", accumulated_depreciation_account=""),
        asset("residual", residual_value="1200.00", depreciation_expense_account=""),
        asset("later", depreciation_start_date="2026-09-01", depreciation_expense_account=""),
    )
    (done,) = bakery.close("2026-09-02")
    assert (done.status, done.blocked, bakery.outcomes(done.run_id)) == ("posted", 0, {})
    assert bakery.run(done.run_id).nothing_due_assets == 3


def test_the_whole_cost_at_once_by_the_method_full(bakery: Books) -> None:
    bakery.put(asset("small", method="full", life_months="", cost="99.99", residual_value="9.99"))
    bakery.close("2026-10-02")
    assert bakery.charged("small") == {"2026-08": 9_000}


def test_opening_depreciation_is_not_charged_again(bakery: Books) -> None:
    bakery.put(asset("old", depreciation_start_date="2026-01-01", opening_as_of="2026-07-31",
                     opening_accumulated="700.00", opening_current_year="700.00"),
               asset("behind", depreciation_start_date="2026-01-01", opening_as_of="2026-07-31",
                     opening_accumulated="200.00"),
               asset("done", depreciation_start_date="2020-01-01", opening_as_of="2026-07-31",
                     opening_accumulated="1200.00"))  # fmt: skip
    bakery.close("2027-02-02")
    assert bakery.charged("old") == dict.fromkeys(months("2026-08", 5), 10_000)
    assert bakery.charged("behind") == dict.fromkeys(months("2026-08", 5), 20_000), "the rest over the remaining life"
    assert bakery.charged("done") == {}


def test_currencies_without_and_with_three_decimals(books: Books) -> None:
    for key, currency, cost in (("tokyo", "JPY", "100000"), ("kuwait", "KWD", "100.000")):
        books.put(business(key, currency=currency), asset("a", key, cost=cost, life_months=3))
    books.close("2026-11-02")
    for key in ("tokyo", "kuwait"):
        assert list(books.charged("a", key).values()) == [33_333, 33_334, 33_333]
    assert {row.currency for row in books.sql("SELECT currency FROM journal_entry")} == {"JPY", "KWD"}


def test_an_asset_uses_its_own_accounts_before_its_types(bakery: Books) -> None:
    bakery.put(asset_type(method="straight_line", life_months=12),
               asset("typed", asset_type="Machines", accumulated_depreciation_account="",
                     depreciation_expense_account=""),
               asset("own", asset_type="Machines", accumulated_depreciation_account="1610",
                     depreciation_expense_account="6510"))  # fmt: skip
    bakery.close("2026-09-02")
    assert sorted(line[2:] for line in bakery.lines()) == sorted(
        [("6500", 10_000, 0), ("6510", 10_000, 0), ("1610", 0, 10_000), ("1620", 0, 10_000)]
    )


def test_the_largest_amounts_are_exact(books: Books) -> None:
    books.put(business(), *[asset(f"a{n}", cost="10000000000000.00", method="full", life_months="") for n in range(3)])
    (done,) = books.close("2026-09-02")
    assert (done.status, done.posted_minor) == ("posted", 3 * 10**15)
    assert books.lines()[0][3] == 3 * 10**15


def test_businesses_do_not_mix(books: Books) -> None:
    for key, cost in (("one", "1200.00"), ("two", "2400.00")):
        books.put(business(key), asset("same", key, cost=cost))
    books.close("2026-09-02", "one")
    assert books.charges("two") == []
    assert books.periods("two") == {"2026-08": "open"}
    books.close("2026-09-02")
    assert (books.charged("same", "one"), books.charged("same", "two")) == ({"2026-08": 10_000}, {"2026-08": 20_000})
    assert {row.n for row in books.sql("SELECT last_seq AS n FROM feed_counter")} == {1}


def test_nothing_is_due_before_the_month_has_ended(bakery: Books) -> None:
    bakery.put(asset("a"))
    assert bakery.close("2026-08-31T23:59:59") == []
    assert bakery.runs() == []
    assert len(bakery.close("2026-09-01T00:00:00")) == 1
