"""The bulk paths say what plain SQL says: the register read by COPY, postings written by COPY, with and without RLS."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.terms import AssetStatus
from bookvalue.engine.register import AVERAGING_CODES, METHOD_CODES, NO_DAY, NO_LIMIT
from bookvalue.ledger.outcomes import REASONS
from bookvalue.ledger.posting import build_posting
from bookvalue.services.compute_charges import Computed, compute_charges
from bookvalue.storage import businesses, journals, posting_writer
from bookvalue.storage.ids import uuid7, uuid7_block
from bookvalue.storage.posting_writer import Places
from bookvalue.storage.register_reader import _ROW, STATUS_CODES, Positions, _pieces, posted_by_period, read_positions
from bookvalue.storage.unit_of_work import Role, transaction
from storage.ledger_rows import AUGUST, NOVEMBER, OCTOBER, Tenant, running_run, tenant

EPOCH = date(1970, 1, 1)
_PLAIN = text("""
    SELECT a.*, d.method, d.averaging, d.life_months, d.rate_micropercent, d.declining_factor_micro,
           (SELECT ordinal FROM account c WHERE c.business_id = a.business_id
            AND c.id = coalesce(a.accumulated_account_id, t.accumulated_account_id)) AS accumulated,
           (SELECT ordinal FROM account c WHERE c.business_id = a.business_id
            AND c.id = coalesce(a.expense_account_id, t.expense_account_id)) AS expense
    FROM asset_book d JOIN asset a ON a.business_id = d.business_id AND a.id = d.asset_id
    LEFT JOIN asset_type t ON t.business_id = a.business_id AND t.id = a.asset_type_id
    WHERE d.business_id = :b AND d.book_id = :k ORDER BY a.id""")


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
                "method": {str(m): c for m, c in METHOD_CODES.items()}[row.method],
                "averaging": {str(a): c for a, c in AVERAGING_CODES.items()}[row.averaging],
                "cost_minor": row.cost_minor,
                "cost_limit_minor": NO_LIMIT if row.cost_limit_minor is None else row.cost_limit_minor,
                "residual_minor": row.residual_minor,
                "start_day": _day(row.depreciation_start_date),
                "life_months": row.life_months or 0,
                "rate_micropercent": row.rate_micropercent or 0,
                "declining_factor_micro": row.declining_factor_micro,
                "opening_day": _day(row.opening_as_of),
                "opening_accumulated_minor": row.opening_accumulated_minor,
                "opening_current_year_minor": row.opening_current_year_minor,
                "status": STATUS_CODES[AssetStatus(row.status)],
                "accumulated_account": row.accumulated or 0,
                "expense_account": row.expense or 0,
                "posted_before_minor": sum(u.amount_minor for u in posted if u.effective_period < period),
                "posted_minor": sum(u.amount_minor for u in posted if u.effective_period <= period),
                "sequence": sum(u.effective_period == period for u in posted),
            }
        )
    return expected


def _decoded(positions: Positions) -> list[dict[str, Any]]:
    columns = {
        name: getattr(source, name)
        for source in (positions.register, positions)
        for name in source.__dataclass_fields__
        if isinstance(getattr(source, name), np.ndarray)
    }
    ids = [UUID(bytes=value.tobytes()) for value in columns.pop("asset_id")]
    return [
        {"asset_id": id_, **{name: int(values[row]) for name, values in columns.items()}} for row, id_ in enumerate(ids)
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
                    seen.setdefault(name, set()).add(value)
    assert {name for name, values in seen.items() if len(values) < 2} <= {"cost_limit_minor"}


def test_the_bounds_of_every_column_come_through(ledger: Engine, ours: Tenant) -> None:
    with transaction(ledger, Role.API, ours.id) as connection:
        connection.execute(
            text("""UPDATE asset SET cost_minor = 1000000000000000, cost_limit_minor = 999999999999999,
            residual_minor = 1, opening_as_of = '9999-12-31', opening_accumulated_minor = 999999999999998,
            opening_current_year_minor = 999999999999998, depreciation_start_date = '0001-01-01', asset_type_id = NULL
            WHERE id = :id"""),
            {"id": ours.asset},
        )
        connection.execute(
            text("""UPDATE asset_book SET life_months = NULL, rate_micropercent = 1000000000,
            declining_factor_micro = 100000000 WHERE asset_id = :id"""),
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


@pytest.mark.parametrize("size", [1, 7, 18, 19, 20, 4096, 5 << 20, 9 << 20])
def test_the_stream_decodes_however_it_is_cut(size: int) -> None:
    rows = np.zeros(40_000 if size > 4096 else 60, _ROW)
    rows["cost_minor"] = np.arange(len(rows))
    stream = b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"
    pieces = _pieces(stream[start : start + size] for start in range(0, len(stream), size))
    assert np.concatenate(list(pieces)).tolist() == rows.tolist()


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
    with transaction(engine, SimpleNamespace(value=role), of.id) as connection:  # type: ignore[arg-type]
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
            text("UPDATE asset SET status = 'draft' WHERE business_id = :b AND id = ANY (:ids)"),
            {"b": of.id, "ids": list(of.assets[:3])},
        )
        connection.execute(
            text("""UPDATE asset SET cost_minor = cost_minor + 120000 WHERE business_id = :b
                                   AND id = ANY (:ids)"""),
            {"b": of.id, "ids": list(of.assets[3:9])},
        )
        connection.execute(
            text("""UPDATE asset SET asset_type_id = NULL, expense_account_id = NULL WHERE business_id = :b
                                   AND id = ANY (:ids)"""),
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
