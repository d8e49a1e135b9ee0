"""The business clock moves while worker and beat run: each business closes when its own month has ended, in order."""

from datetime import UTC, date, datetime, timedelta

from bookvalue.services.plan_runs import plan_runs

from .house import House, ended
from .register import add_businesses

# The end of October 2026 in each zone, worked out by hand: offset in force at that midnight.
MIDNIGHTS = {
    "Pacific/Kiritimati": datetime(2026, 10, 31, 10, 0, tzinfo=UTC),  # +14:00
    "Pacific/Chatham": datetime(2026, 10, 31, 10, 15, tzinfo=UTC),  # +13:45, summer
    "Australia/Lord_Howe": datetime(2026, 10, 31, 13, 0, tzinfo=UTC),  # +11:00, summer by half an hour
    "Antarctica/Troll": datetime(2026, 11, 1, 0, 0, tzinfo=UTC),  # +00:00, winter since 25 October (+02:00 before)
    "America/St_Johns": datetime(2026, 11, 1, 2, 30, tzinfo=UTC),  # -02:30: summer ends on this very day, at two
    "America/Santiago": datetime(2026, 11, 1, 3, 0, tzinfo=UTC),  # -03:00, summer
    "Pacific/Pago_Pago": datetime(2026, 11, 1, 11, 0, tzinfo=UTC),  # -11:00
}


def test_each_zone_closes_october_when_it_has_ended_there(own_house: House) -> None:
    house = own_house
    house.set_clock("2026-10-31T09:00:00Z")
    with ended(house, house.beat()):
        keys = add_businesses(house.engine, "zone", len(MIDNIGHTS), zones=list(MIDNIGHTS), assets=3)
        house.finish()
        assert _closed(house, date(2026, 10, 1)) == []
        for number, (zone, midnight) in enumerate(MIDNIGHTS.items()):
            assert plan_runs(house.engine, midnight - timedelta(seconds=1)) == [], f"{zone} is due too early"
            house.set_clock(midnight.isoformat())
            house.finish()
            assert _closed(house, date(2026, 10, 1)) == keys[: number + 1]
        house.set_clock("2026-10-31T09:00:00Z")  # a clock that goes back changes nothing
        house.finish()
        house.set_clock("2026-11-01T12:00:00Z")
        house.finish()
        house.check()


def test_a_quarter_later_everything_is_caught_up_in_order(own_house: House) -> None:
    house = own_house
    with ended(house, house.beat()):
        add_businesses(house.engine, "quarter", 10, zones=list(MIDNIGHTS), assets=4)
        house.finish()
        house.set_clock("2027-02-03T00:00:00Z")  # across the year's end
        house.finish()
    house.check()
    out_of_order = house.sql("""
        SELECT b.key, earlier.period_start, later.period_start FROM period earlier
        JOIN period later ON later.business_id = earlier.business_id AND later.period_start > earlier.period_start
        JOIN business b ON b.id = earlier.business_id
        WHERE later.status = 'closed' AND (earlier.status <> 'closed' OR earlier.closed_at >= later.closed_at)""")
    assert not out_of_order
    assert (
        house.one(
            "SELECT min(n) FROM (SELECT count(*) AS n FROM period WHERE status = 'closed' GROUP BY business_id) c"
        )
        == 6
    )
    assert house.one("SELECT count(*) FROM value_update WHERE posting_period <> effective_period") == 0, (
        "a month was caught up late"
    )


def _closed(house: House, start: date) -> list[str]:
    return [
        row.key
        for row in house.sql(
            """SELECT b.key FROM period p JOIN business b ON b.id = p.business_id
                                            WHERE p.period_start = :start AND p.status = 'closed' ORDER BY b.key""",
            start=start,
        )
    ]
