"""The bulk paths say what plain SQL says: the register read by COPY, postings written by COPY, with and without RLS."""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.asset import BookAsset, DepreciationSettings
from bookvalue.domain.asset_facts import (
    NO_FACTS,
    AssetFacts,
    EstimateChange,
    ManualAmount,
    Suspension,
    UnitsUsed,
    ValueChange,
)
from bookvalue.domain.errors import IntegrityViolation
from bookvalue.domain.tag_spec import Tag
from bookvalue.domain.terms import AssetStatus, Method, UpdateType
from bookvalue.engine.register import NEVER, NO_DAY, NO_LIMIT, columns_of
from bookvalue.ledger.outcomes import REASONS
from bookvalue.ledger.posting import build_posting
from bookvalue.services.compute_charges import Computed, compute_charges
from bookvalue.storage import businesses, journals, posting_writer, tags
from bookvalue.storage.ids import uuid7, uuid7_block
from bookvalue.storage.packed import Packed
from bookvalue.storage.posted_positions import posted_by_period
from bookvalue.storage.posting_writer import Places
from bookvalue.storage.register_reader import STATUS_CODES, Positions, read_positions
from bookvalue.storage.unit_of_work import Role, transaction
from storage.ledger_rows import (
    AUGUST,
    NOVEMBER,
    OCTOBER,
    Statement,
    Tenant,
    execute,
    insert,
    running_run,
    tenant,
    update_row,
)

EPOCH = date(1970, 1, 1)
_PLAIN = text("""
    SELECT d.*, d.asset_id AS id, to_jsonb(s) - 'business_id' - 'id' AS settings,
           coalesce(d.accumulated_account, (SELECT ordinal FROM account c WHERE c.business_id = d.business_id
            AND c.id = t.accumulated_account_id)) AS accumulated,
           coalesce(d.expense_account, (SELECT ordinal FROM account c WHERE c.business_id = d.business_id
            AND c.id = t.expense_account_id)) AS expense
    FROM asset_book d JOIN depreciation_settings s ON s.business_id = d.business_id AND s.id = d.settings_id
    LEFT JOIN asset_type t ON t.business_id = d.business_id AND t.ordinal = d.asset_type
    WHERE d.business_id = :b AND d.book_id = :k ORDER BY d.asset_id""")


def _day(value: date | None) -> int:
    return NO_DAY if value is None else (value - EPOCH).days


def _expected(connection: Connection, business: UUID, book: UUID, period: date) -> list[dict[str, Any]]:
    updates: dict[UUID, list[Any]] = {}
    for row in connection.execute(
        text("SELECT * FROM value_update WHERE business_id = :b AND book_id = :k"), {"b": business, "k": book}
    ):
        updates.setdefault(row.asset_id, []).append(row)
    expected = []
    for row in connection.execute(_PLAIN, {"b": business, "k": book}):
        posted = updates.get(row.id, [])
        expected.append(
            {
                "asset_id": row.id,
                "settings": row.settings,
                "cost_minor": row.cost_minor,
                "cost_limit_minor": NO_LIMIT if row.cost_limit_minor is None else row.cost_limit_minor,
                "residual_minor": row.residual_minor,
                "start_day": _day(row.depreciation_start_date),
                "disposal_day": NEVER if row.disposal_date is None else _day(row.disposal_date),
                "units_total_micro": row.units_total_micro or 0,
                "opening_day": _day(row.opening_as_of),
                "opening_accumulated_minor": row.opening_accumulated_minor,
                "opening_current_year_minor": row.opening_current_year_minor,
                "status": STATUS_CODES[AssetStatus(row.status)],
                "asset_type": row.asset_type or 0,
                "accumulated_account": row.accumulated or 0,
                "expense_account": row.expense or 0,
                "before_minor": sum(u.amount_minor for u in posted if u.effective_period < period),
                "through_minor": sum(u.amount_minor for u in posted if u.effective_period <= period),
                "lying_minor": sum(u.amount_minor for u in posted if u.posting_period <= period),
                "here": sum(u.effective_period == period for u in posted),
            }
        )
    return expected


def _decoded(positions: Positions) -> list[dict[str, Any]]:
    columns = {
        name: getattr(source, name)
        for source in (positions.register, positions, positions.posted)
        for name in source.__dataclass_fields__
        if isinstance(getattr(source, name), np.ndarray)
    }
    ids = [UUID(bytes=value.tobytes()) for value in columns.pop("asset_id")]
    settings = [asdict(positions.register.settings[place]) for place in columns.pop("setting")]
    return [
        {"asset_id": id_, "settings": settings[row], **{name: int(values[row]) for name, values in columns.items()}}
        for row, id_ in enumerate(ids)
    ]


@pytest.mark.parametrize("period", [AUGUST, OCTOBER, NOVEMBER, date(2025, 1, 1)], ids=str)
def test_the_register_by_copy_is_the_register_by_select(shared: Engine, period: date) -> None:
    rows = 0
    with transaction(shared, Role.PLANNER) as connection:
        ids = businesses.ids_by_key(connection).values()
    for business in ids:
        with transaction(shared, Role.WORKER, business, snapshot=True) as connection:
            kept = businesses.get(connection, business)
            expected = _expected(connection, business, kept.book_id, period)
            found = _decoded(read_positions(connection, business, kept.book_id, period, kept.value.fiscal_calendar))
        assert found == expected
        rows += len(found)
    assert rows == 1190


def test_every_column_has_more_than_one_value_in_the_sample(shared: Engine) -> None:
    """Else the comparison above would show nothing of it."""
    seen: dict[str, set[Any]] = {}
    with shared.connect() as connection:
        for business, book in connection.execute(text("SELECT business_id, id FROM book")).all():
            for row in _expected(connection, business, book, OCTOBER):
                for name, value in row.items():
                    seen.setdefault(name, set()).add(str(value))
    rare = {"cost_limit_minor", "disposal_day", "units_total_micro"}  # the test of the bounds is about these
    assert {name for name, values in seen.items() if len(values) < 2} <= rare


def test_the_bounds_of_every_column_come_through(ledger: Engine, ours: Tenant) -> None:
    with transaction(ledger, Role.API, ours.id) as connection:
        connection.execute(
            text("""UPDATE asset_book SET cost_minor = 1000000000000000, cost_limit_minor = 999999999999999,
            residual_minor = 1, opening_as_of = '9999-12-31', opening_accumulated_minor = 999999999999998,
            opening_current_year_minor = 999999999999998, depreciation_start_date = '0001-01-01', asset_type = NULL,
            accumulated_account = 2, expense_account = 1, disposal_date = '9999-12-31', status = 'disposed',
            units_total_micro = 9223372036854775807
            WHERE asset_id = :id"""),
            {"id": ours.asset},
        )
        kept = businesses.get(connection, ours.id)
        expected = _expected(connection, ours.id, ours.book, NOVEMBER)
        # As the API the same rows come through row-level security.
        assert (
            _decoded(read_positions(connection, ours.id, ours.book, NOVEMBER, kept.value.fiscal_calendar)) == expected
        )


def test_an_empty_book_is_read_as_no_rows(shared: Engine, ours: Tenant) -> None:
    with transaction(shared, Role.WORKER, ours.id) as connection:
        calendar = businesses.get(connection, ours.id).value.fiscal_calendar
        assert len(read_positions(connection, ours.id, uuid4(), NOVEMBER, calendar)) == 0


def test_a_row_that_would_be_lost_stops_the_read(shared: Engine, ours: Tenant) -> None:
    lossy = Packed({"asset_id": ("id", "asset_id"), "life": ("int", "cost_limit_minor::integer")})
    with transaction(shared, Role.WORKER, ours.id) as connection:
        value = connection.scalar(text("SELECT " + lossy.select("asset_book WHERE business_id = :b")), {"b": ours.id})
        with pytest.raises(IntegrityViolation, match="lost rows"):
            lossy.rows(value)


def test_what_happens_to_an_asset_is_read_as_the_engine_orders_it(ledger: Engine, ours: Tenant) -> None:
    """The tables beside the register are those of `columns_of` over the same facts."""
    facts = {
        ours.assets[3]: AssetFacts(
            value_changes=(
                ValueChange(date(2026, 9, 7), UpdateType.IMPAIRMENT, amount_minor=100),
                ValueChange(date(2026, 9, 7), UpdateType.IMPROVEMENT, amount_minor=700, remaining_life_months=9),
                ValueChange(date(2026, 8, 9), UpdateType.REVALUATION_DOWN, new_book_value_minor=900, residual_minor=3),
            ),
            estimate_changes=(
                EstimateChange(date(2026, 9, 7), rate_nanopercent=7, method=Method.STRAIGHT_LINE),
                EstimateChange(date(2026, 9, 6), residual_minor=0),
            ),
            suspensions=(Suspension(date(2026, 10, 1), date(2026, 10, 9), False), Suspension(AUGUST, AUGUST)),
            units_used=(UnitsUsed(OCTOBER, 5), UnitsUsed(AUGUST, 7)),
        ),
        ours.assets[1]: AssetFacts(manual_amounts=(ManualAmount(OCTOBER, 4), ManualAmount(AUGUST, 9))),
    }
    with ledger.begin() as connection:
        connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(ours.id)})
        for asset, of_it in facts.items():
            execute(connection, *_recorded(ours, asset, of_it))
    with transaction(ledger, Role.WORKER, ours.id) as connection:
        calendar = businesses.get(connection, ours.id).value.fiscal_calendar
        found = read_positions(connection, ours.id, ours.book, NOVEMBER, calendar)
    plain = BookAsset(DepreciationSettings(Method.NONE), 1, None)
    ids = [UUID(bytes=value.tobytes()) for value in found.asset_id]
    expected = columns_of(calendar, [replace(plain, facts=facts.get(id_, NO_FACTS)) for id_ in ids])
    for name in ("changes", "suspensions", "units", "manual"):
        table, same = getattr(found.register, name), getattr(expected, name)
        for column in table.__dataclass_fields__:
            assert getattr(table, column).tolist() == getattr(same, column).tolist(), (name, column)
        assert len(table) >= 2
    # A change of value is not depreciation: it counts as a value update of its period, and not as posted.
    before = _posted(ledger, ours, "update_type = 'DEPRECIATION_AMORTIZATION'")
    assert {id_: int(found.posted.through_minor[row]) for row, id_ in enumerate(ids)} == {
        id_: before.get(id_, 0) for id_ in ids
    }


def _posted(engine: Engine, of: Tenant, condition: str) -> dict[UUID, int]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                f"""SELECT asset_id, sum(amount_minor) FROM value_update
                    WHERE business_id = :b AND {condition} GROUP BY 1"""
            ),
            {"b": of.id},
        )
        return {row[0]: int(row[1]) for row in rows}


def _recorded(of: Tenant, asset: UUID, facts: AssetFacts) -> list[Statement]:
    """The facts as rows, the last of each kind first; one change taken back, and one estimate archived, as well."""
    key = {"business_id": of.id, "book_id": of.book, "asset_id": asset}
    statements: list[Statement] = []
    for number, change in enumerate(reversed(facts.value_changes)):
        row = update_row(of, asset_id=asset, sequence=number, update_type=change.update_type,
                         amount_minor=change.amount_minor or 50)  # fmt: skip
        more = {"date": change.date, "new_book_value_minor": change.new_book_value_minor,
                "residual_minor": change.residual_minor, "reversal_of": None, "beside_plan": False,
                "remaining_life_months": change.remaining_life_months}  # fmt: skip
        statements.append(insert("value_update", row | more))
        if number == 2:
            taken_back = row | more | {"sequence": 3, "amount_minor": 8, "date": AUGUST}
            reversal = taken_back | {"sequence": 4, "amount_minor": -8, "reversal_of": 3}
            statements += [insert("value_update", taken_back), insert("value_update", reversal)]
    for estimate in reversed(facts.estimate_changes):
        statements.append(insert("estimate_change", {**key, "id": uuid7(), **asdict(estimate)}))
    for suspension in facts.suspensions:
        statements.append(insert("suspension", {**key, "id": uuid7(), **asdict(suspension)}))
    for used in facts.units_used:
        statements.append(insert("units_used", {**key, "id": uuid7(), **asdict(used)}))
    for manual in facts.manual_amounts:
        statements.append(insert("manual_amount", {**key, "id": uuid7(), **asdict(manual)}))
    return statements


def test_without_positions_the_same_is_read(ledger: Engine, ours: Tenant) -> None:
    def read() -> tuple[list[dict[str, Any]], bytes, int]:
        with transaction(ledger, Role.WORKER, ours.id) as connection:
            calendar = businesses.get(connection, ours.id).value.fiscal_calendar
            found = read_positions(connection, ours.id, ours.book, NOVEMBER, calendar)
        return _decoded(found), found.digest, found.posted.summed

    with_position, digest, summed = read()
    assert summed == 0, "October's position says it all"
    with ledger.begin() as connection:
        connection.execute(text("ALTER TABLE posted_position DISABLE TRIGGER append_only"))
        connection.execute(text("DELETE FROM posted_position WHERE period_start > '2026-08-01'"))
    from_august, _, after_august = read()
    with ledger.begin() as connection:
        connection.execute(text("UPDATE posted_position SET generation = 7"))  # as after a reopening
    from_nothing, same_digest, of_all = read()
    assert with_position == from_august == from_nothing
    assert digest == same_digest
    assert 0 < after_august < of_all


def test_what_is_posted_by_period_is_what_select_says(shared: Engine, ours: Tenant) -> None:
    starts = [AUGUST, date(2026, 9, 1), OCTOBER]
    assets = np.frombuffer(b"".join(a.bytes for a in ours.assets), "V16")
    with transaction(shared, Role.WORKER, ours.id) as connection:
        amounts, counts = posted_by_period(connection, ours.id, ours.book, assets, starts)
        rows = connection.execute(
            text("SELECT asset_id, effective_period, amount_minor FROM value_update WHERE business_id = :b"),
            {"b": ours.id},
        ).all()
    expected = np.zeros((len(assets), 3), np.int64)
    for asset, start, amount in rows:
        expected[ours.assets.index(asset), starts.index(start)] += amount
    assert amounts.tolist() == expected.tolist()
    assert counts.sum() == len(rows) > 0


# ------------------------------------------------------------------------------------------------------- writing


@pytest.fixture
def scratch_worker(ledger: Engine) -> Iterator[str]:
    """A role with what the worker is granted and no BYPASSRLS, as where a managed Postgres gives none."""
    name = f"scratch_{uuid4().hex[:8]}"
    with ledger.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} NOLOGIN"))
        connection.execute(text(f"GRANT bookvalue_worker TO {name}"))
        connection.execute(text(f"GRANT {name} TO CURRENT_USER"))
    yield name
    with ledger.begin() as connection:
        connection.execute(text(f"DROP ROLE {name}"))


def _post(engine: Engine, role: str, of: Tenant, run_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Posts November as this role by the bulk path, and reads back by plain SQL what it wrote; rolled back."""
    with transaction(engine, Role.API, of.id) as connection:
        tagged = {asset: [Tag("site", f"dock {number % 3}")] for number, asset in enumerate(of.assets[::2])}
        tags.put(connection, of.id, tagged, dict.fromkeys(of.assets[::4], NOVEMBER.replace(day=11)))
        connection.execute(text("SELECT set_config('role', :role, true)"), {"role": role})
        computed = compute_charges(connection, of.id, of.book, NOVEMBER)
        made = build_posting(computed.charges, computed.kept.value.grain)
        entry_ids = uuid7_block(len(made.entry_total_minor))
        places = _places(of, run_id, computed)
        posting_writer.write_value_updates(
            connection, places, computed.charges, made, computed.positions.asset_id, entry_ids
        )
        first = journals.take_numbers(connection, of.id, len(entry_ids))
        posting_writer.write_entries(connection, places, made, computed.positions.asset_id, entry_ids, first)
        posting_writer.write_lines(connection, places, made, entry_ids)
        posting_writer.write_outcomes(connection, of.id, run_id, computed.positions.asset_id, computed.reasons)
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        order = {id_.tobytes(): number for number, id_ in enumerate(entry_ids)}
        where = {"b": of.id, "r": run_id}
        written = {
            "value_update": connection.execute(
                text("SELECT * FROM value_update WHERE business_id = :b AND run_id = :r"), where
            ),
            "journal_entry": connection.execute(
                text("SELECT * FROM journal_entry WHERE business_id = :b AND run_id = :r"), where
            ),
            "journal_line": connection.execute(
                text(
                    """SELECT l.* FROM journal_line l JOIN journal_entry e ON e.business_id = l.business_id AND
                        e.id = l.entry_id
                   WHERE l.business_id = :b AND e.run_id = :r"""
                ),
                where,
            ),
            "run_outcome": connection.execute(
                text("SELECT * FROM run_outcome WHERE business_id = :b AND run_id = :r"), where
            ),
        }
        expected = _rows_of(of, run_id, computed, made, first)
        found: dict[str, list[dict[str, Any]]] = {}
        for table, result in written.items():
            rows = []
            for row in result.mappings():
                values = {k: v for k, v in row.items() if k != "created_at"}
                key = "id" if table == "journal_entry" else "entry_id"
                if key in values:
                    values[key] = order[values[key].bytes]
                rows.append(values)
            found[table] = sorted(rows, key=repr)
        assert found == expected
        return found


def _places(of: Tenant, run_id: UUID, computed: Computed) -> Places:
    return Places(
        of.id,
        of.book,
        run_id,
        of.currency,
        [p.period.start for p in computed.periods],
        [p.period.end for p in computed.periods],
        computed.account_ids,
    )


def _rows_of(of: Tenant, run_id: UUID, computed: Computed, made: Any, first: int) -> dict[str, list[dict[str, Any]]]:
    """What the arrays say, as rows, one Python object at a time."""
    charges, starts = computed.charges, [p.period.start for p in computed.periods]
    assets = [UUID(bytes=a.tobytes()) for a in computed.positions.asset_id]
    ends = [p.period.end for p in computed.periods]
    rows: dict[str, list[dict[str, Any]]] = {
        "value_update": [
            {
                "business_id": of.id,
                "book_id": of.book,
                "effective_period": starts[charges.effective[n]],
                "asset_id": assets[charges.row[n]],
                "sequence": int(charges.sequence[n]),
                "posting_period": starts[charges.posting[n]],
                "update_type": "DEPRECIATION_AMORTIZATION",
                "amount_minor": int(charges.amount_minor[n]),
                "run_id": run_id,
                "entry_id": int(made.charge_entry[n]),
                "debit_line": int(made.charge_debit_line[n]),
                "credit_line": int(made.charge_credit_line[n]),
                **dict.fromkeys(
                    ("date", "new_book_value_minor", "remaining_life_months", "residual_minor", "reversal_of")
                ),
                "beside_plan": False,
            }
            for n in range(len(charges))
        ]
    }
    rows["journal_entry"] = [
        {
            "business_id": of.id,
            "id": n,
            "book_id": of.book,
            "feed_seq": first + n,
            "kind": "depreciation",
            "effective_period": starts[made.entry_effective[n]],
            "posting_period": starts[made.entry_posting[n]],
            "entry_date": ends[made.entry_posting[n]],
            "currency": of.currency,
            "total_minor": int(made.entry_total_minor[n]),
            "line_count": int(made.entry_line_count[n]),
            "run_id": run_id,
            "asset_id": assets[made.entry_row[n]] if made.entry_row[n] >= 0 else None,
            "reversal_of": None,
            "memo": None,
        }
        for n in range(len(made.entry_total_minor))
    ]
    rows["journal_line"] = [
        {
            "business_id": of.id,
            "entry_id": int(made.line_entry[n]),
            "line_no": int(made.line_no[n]),
            "account_id": UUID(bytes=computed.account_ids[made.line_account[n]].tobytes()),
            "debit_minor": int(made.line_debit_minor[n]),
            "credit_minor": int(made.line_credit_minor[n]),
            "tag_set": int(made.line_tag_set[n]) or None,
        }
        for n in range(len(made.line_no))
    ]
    reasons = [(assets[row], REASONS[number - 1]) for row, number in enumerate(computed.reasons.tolist()) if number]
    rows["run_outcome"] = [
        {
            "business_id": of.id,
            "run_id": run_id,
            "asset_id": asset,
            "status": str(reason.status),
            "code": reason.code,
            "field": reason.field,
            "value": None,
        }
        for asset, reason in reasons
    ]
    return {table: sorted(of_table, key=repr) for table, of_table in rows.items()}


def _varied(engine: Engine, of: Tenant) -> UUID:
    """A running run of November, over assets some of which are blocked, skipped and behind."""
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(of.id)})
        connection.execute(
            text("UPDATE asset_book SET status = 'draft' WHERE business_id = :b AND asset_id = ANY (:ids)"),
            {"b": of.id, "ids": list(of.assets[:3])},
        )
        connection.execute(
            text("""UPDATE asset_book SET cost_minor = cost_minor + 120000 WHERE business_id = :b
                                   AND asset_id = ANY (:ids)"""),
            {"b": of.id, "ids": list(of.assets[3:9])},
        )
        connection.execute(
            text("""UPDATE asset_book SET asset_type = NULL, expense_account = NULL WHERE business_id = :b
                                   AND asset_id = ANY (:ids)"""),
            {"b": of.id, "ids": list(of.assets[9:14])},
        )
        return running_run(connection, of)


@pytest.mark.parametrize("key", ["portland-coffee", "osaka-tools"])  # an entry an asset, and one for all
def test_what_is_written_by_copy_is_what_was_computed(ledger: Engine, key: str) -> None:
    of = tenant(ledger, key)
    written = _post(ledger, Role.WORKER, of, _varied(ledger, of))
    assert len(written["value_update"]) > 50
    assert len({row["code"] for row in written["run_outcome"]}) >= 2
    assert len({row["effective_period"] for row in written["value_update"]}) > 1


@pytest.mark.parametrize("key", ["portland-coffee", "osaka-tools"])
def test_the_same_is_written_through_row_level_security(ledger: Engine, scratch_worker: str, key: str) -> None:
    of = tenant(ledger, key)
    run_id = _varied(ledger, of)
    with transaction(ledger, SimpleNamespace(value=scratch_worker), of.id) as connection:  # type: ignore[arg-type]
        assert connection.scalar(text("SELECT row_security_active('bookvalue.value_update')"))
    assert _post(ledger, scratch_worker, of, run_id)["value_update"]


# ---------------------------------------------------------------------------------------------------- identifiers


def test_a_block_of_identifiers_ascends_and_is_version_7() -> None:
    for count in (1, 2, 100_000):
        ids = [UUID(bytes=value.tobytes()) for value in uuid7_block(count)]
        assert ids == sorted(set(ids))
        assert len(ids) == count
        assert {(id_.version, id_.variant) for id_ in ids} == {(7, "specified in RFC 4122")}
    assert len(uuid7_block(0)) == 0


def test_identifiers_carry_the_time_and_differ() -> None:
    before = time.time_ns() // 1_000_000
    ids = [uuid7() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert before <= ids[0].int >> 80 <= ids[-1].int >> 80 <= time.time_ns() // 1_000_000
    assert timedelta(milliseconds=(ids[-1].int >> 80) - before) < timedelta(minutes=1)


@pytest.mark.parametrize("start", [0, 2**24 - 2, 2**30 - 5])
def test_a_block_stays_in_order_where_its_counter_carries(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    monkeypatch.setattr("os.urandom", lambda n: (start << 2).to_bytes(4, "big") if n == 4 else bytes(n))
    ids = [value.tobytes() for value in uuid7_block(5000)]
    assert ids == sorted(set(ids))
