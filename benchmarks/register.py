"""Registers to measure with: businesses, and N assets in a realistic mix, made on the server in one statement a table.

70 % straight line, 26 % declining balance, 2 % full, 2 % none; one asset in six by a rate, one in five by days;
85 % bought before the books start, with an opening balance; the rest starts in the course of the first year.
The same N gives the same register in every run.
"""

from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
from sqlalchemy import Engine

from bookvalue.domain.business import AssetType, Business
from bookvalue.domain.calendar import FiscalCalendar, due_at
from bookvalue.domain.chart import DEFAULT_CHART
from bookvalue.domain.terms import AssetKind, JournalGrain
from bookvalue.storage import asset_types, businesses, periods
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Role, bind, transaction

LONG_AFTER = datetime(2035, 1, 1, tzinfo=UTC)
"""A planner's clock by which every period of these businesses is due."""

_TYPES = tuple(
    AssetType("", name, kind, ledger, f"ACCUMULATED_DEPRECIATION_{ledger}", expense)
    for name, kind, ledger, expense in (
        ("Vehicles", AssetKind.VEHICLE, "VEHICLES", "DEPRECIATION"),
        ("Equipment", AssetKind.EQUIPMENT, "EQUIPMENT", "DEPRECIATION"),
        ("Computers", AssetKind.EQUIPMENT, "COMPUTERS", "DEPRECIATION"),
        ("Furniture", AssetKind.EQUIPMENT, "FURNITURE", "DEPRECIATION"),
        ("Leases", AssetKind.RIGHT_OF_USE_ASSET, "RIGHT_OF_USE_ASSETS", "AMORTIZATION"),
    )
)

# g: the asset's number in its business. A life is 3 to 12 years; what was bought before has been held 1 to 7 of them.
_ASSETS = """
    CREATE TEMPORARY TABLE made AS
    SELECT b.id AS business_id, k.id AS book_id, ('00000001-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid AS id,
        g, t.kind, t.ordinal AS asset_type, start, cost,
        CASE WHEN bought_before THEN b.books_start - 1 END AS opening_as_of,
        CASE WHEN bought_before THEN (cost - cost / 20) * months_held / (life + 24) ELSE 0 END AS opening_accumulated,
        method, CASE WHEN g %% 5 = 3 THEN 'actual_days' ELSE 'full_month' END AS averaging,
        CASE WHEN timed AND g %% 6 <> 1 THEN life END AS life_months,
        CASE WHEN timed AND g %% 6 = 1 THEN 15_000_000_000 END::bigint AS rate_nanopercent
    FROM business b
    JOIN book k ON k.business_id = b.id
    CROSS JOIN generate_series(1, %(assets)s) g
    JOIN (SELECT *, row_number() OVER (PARTITION BY business_id ORDER BY name) - 1 AS place FROM asset_type) t
        ON t.business_id = b.id AND t.place = g %% 5
    CROSS JOIN LATERAL (SELECT 36 + g * 7 %% 109 AS life, 10_000 + g * 104_729::bigint %% 4_990_001 AS cost,
                               g %% 20 < 17 AS bought_before, 12 + g * 11 %% 24 AS months_held) v
    CROSS JOIN LATERAL (SELECT CASE WHEN bought_before THEN (b.books_start - months_held * interval '1 month')::date
                                    ELSE b.books_start + g * 13 %% 350 END AS start) s
    CROSS JOIN LATERAL (SELECT g * 37 %% 100 AS draw) d
    CROSS JOIN LATERAL (SELECT CASE WHEN draw < 70 THEN 'straight_line' WHEN draw < 96 THEN 'declining_balance'
                                    WHEN draw < 98 THEN 'full' ELSE 'none' END AS method, draw < 96 AS timed) m
    WHERE b.id = ANY (%(businesses)s)
"""
_ROWS = (
    """INSERT INTO asset (business_id, id, external_id, number, name, kind, purchase_date)
       SELECT business_id, id, 'E' || g, 'FA-' || g, 'Asset number ' || g, kind, start FROM made
       ORDER BY business_id, id""",
    """INSERT INTO depreciation_settings
       SELECT business_id, row_number() OVER (PARTITION BY business_id ORDER BY method, averaging, life_months),
              method, life_months, rate_nanopercent, 2_000_000, averaging, '365', 9, 'gross', 'even', 'leave', false,
              'depreciable', 'cumulative', 'remaining_life'
       FROM (SELECT DISTINCT business_id, method, life_months, rate_nanopercent, averaging FROM made) s""",
    """INSERT INTO asset_book (business_id, book_id, asset_id, cost_minor, residual_minor, opening_accumulated_minor,
              settings_id, depreciation_start_date, opening_as_of, asset_type, status)
       SELECT m.business_id, m.book_id, m.id, cost, cost / 20, opening_accumulated, s.id, start, opening_as_of,
              asset_type, 'registered'
       FROM made m JOIN depreciation_settings s ON s.business_id = m.business_id AND s.method = m.method
           AND s.averaging = m.averaging AND s.life_months IS NOT DISTINCT FROM m.life_months
           AND s.rate_nanopercent IS NOT DISTINCT FROM m.rate_nanopercent
       ORDER BY m.business_id, m.id""",
    "DROP TABLE made",
)


def make_businesses(engine: Engine, count: int, assets: int, grain: JournalGrain) -> list[UUID]:
    """Businesses with chart, asset types and a first period, January 2025, that expects `assets` assets."""
    made = [uuid7() for _ in range(count)]
    with transaction(engine, Role.API) as connection:
        for number, business_id in enumerate(made):
            value = Business(
                f"bench-{number:06d}",
                "Benchmark",
                "EUR",
                "Europe/Berlin",
                FiscalCalendar(),
                date(2025, 1, 1),
                grain=grain,
            )
            bind(connection, business_id)
            book_id = businesses.create(connection, business_id, value)
            businesses.put_accounts(connection, business_id, DEFAULT_CHART)
            chart = businesses.accounts(connection, business_id)
            ids = {name: id_ for id_, _, account in chart for name in account.references}
            asset_types.put(connection, business_id, _TYPES, ids)
            first = value.fiscal_calendar.period_of(value.books_start)
            due = due_at(first, value.time_zone, value.close_after_days, value.close_at)
            periods.open_next(connection, business_id, book_id, first, due_at=due, expected_assets=assets)
        connection.commit()
    return made


def add_assets(connection: psycopg.Connection, business_ids: list[UUID], assets: int) -> None:
    """`assets` assets for each of the businesses, as a superuser; leaves the tables as a nightly vacuum would."""
    parameters = {"businesses": business_ids, "assets": assets}
    connection.execute(_ASSETS, parameters)
    for statement in _ROWS:
        connection.execute(statement)
    connection.execute("VACUUM (ANALYZE)")
