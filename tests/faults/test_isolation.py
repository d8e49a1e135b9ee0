"""What is broken stays where it is broken: an asset, or a whole business."""

from .house import House
from .register import BOOKS_START, add_businesses, asset_file, asset_line, import_files
from .waiting import until

BROKEN = 4  # an asset that owes something in every month


def test_a_broken_asset_stops_neither_its_neighbours_nor_a_later_month(own_house: House) -> None:
    house = own_house
    (key,) = add_businesses(house.engine, "asset", 1, assets=9, broken_assets=[BROKEN])
    broken = f"{key}-a{BROKEN}"
    house.finish()
    house.check(blocked=[broken])
    ended = house.sql("SELECT r.* FROM run r ORDER BY period_start")
    assert [(run.status, run.kind) for run in ended] == [("posted_with_exceptions", "scheduled")] * 2
    assert (
        house.one("SELECT count(*) FROM run_outcome WHERE code = 'expense_account_missing' AND status = 'blocked'") == 2
    )

    house.set_clock("2026-11-02T12:00:00Z")
    house.finish()
    house.check(blocked=[broken])
    assert house.one("SELECT count(*) FROM run WHERE status = 'posted_with_exceptions'") == 3

    import_files(house.engine, assets=asset_file([asset_line(key, BROKEN, BOOKS_START, "EUR")]))
    until(lambda: house.one("SELECT count(*) FROM run WHERE kind = 'rerun' AND finished_at IS NOT NULL"), 30, "a rerun")
    house.finish()
    house.check()
    assert house.one("SELECT count(*) FROM run WHERE kind = 'rerun' AND status = 'posted'") == 1
    assert house.one("SELECT count(*) FROM period WHERE status = 'closed'") == 3


def test_a_broken_business_delays_no_other(house: House) -> None:
    alone = add_businesses(house.engine, "alone", 20)
    house.finish()
    usual = _slowest(house, "alone")

    house.set_clock("2026-07-01T00:00:00Z")
    broken = add_businesses(house.engine, "broken", 5)
    beside = add_businesses(house.engine, "beside", len(alone))
    feed, zone, amount, factor, late = (
        house.one("SELECT id FROM business WHERE key = :key", key=key) for key in broken
    )
    house.sql("DELETE FROM feed_counter WHERE business_id = :id", id=feed)
    house.sql("UPDATE business SET time_zone = 'Nowhere/At_All' WHERE id = :id", id=zone)
    house.sql("ALTER TABLE asset_book DROP CONSTRAINT asset_book_cost_minor_check")
    house.sql(
        """UPDATE asset_book SET cost_minor = 4500000000000000000, residual_minor = 0, opening_as_of = NULL,
                     opening_accumulated_minor = 0, depreciation_start_date = '2026-08-01' WHERE business_id = :id""",
        id=amount,
    )
    house.sql(
        """UPDATE asset_book SET settings_id = (SELECT id FROM depreciation_settings s
               WHERE s.business_id = asset_book.business_id AND s.method = 'full') WHERE business_id = :id""",
        id=amount,
    )
    house.sql("ALTER TABLE depreciation_settings DROP CONSTRAINT depreciation_settings_declining_factor_micro_check")
    house.sql("ALTER TABLE depreciation_settings DISABLE TRIGGER append_only")
    house.sql(
        "UPDATE depreciation_settings SET declining_factor_micro = -7000000 - id WHERE business_id = :id", id=factor
    )
    house.sql("UPDATE book SET close_at = '24:00' WHERE business_id = :id", id=late)
    house.set_clock("2026-11-02T12:00:00Z")
    house.finish()
    house.stopped += broken
    house.check()

    assert (
        house.one("""SELECT max(attempts) FROM run r JOIN business b ON b.id = r.business_id
                        WHERE b.key LIKE 'beside-%'""")
        == 1
    )
    assert _slowest(house, "beside") < 3 * usual + 2, "the others waited"
    for key in broken:
        runs = house.sql(
            """SELECT r.* FROM run r JOIN business b ON b.id = r.business_id WHERE b.key = :key
                            ORDER BY r.period_start DESC""",
            key=key,
        )
        assert runs[0].status in ("failed", "blocked"), (key, runs[0])
        assert all((runs[0].error_code, runs[0].error_message))
        assert (
            house.one(
                "SELECT count(*) FROM audit WHERE subject = :run AND action = :action AND reason IS NOT NULL",
                run=f"run/{runs[0].id}",
                action=f"run.{runs[0].status}",
            )
            == 1
        )
        if runs[0].status == "failed":
            assert runs[0].attempts <= 2, "a defect is not tried again and again"
    assert len(beside) == len(alone)


def _slowest(house: House, prefix: str) -> float:
    """The longest time that a business's runs took from being planned to their end, in seconds."""
    return float(
        house.one(
            """SELECT max(extract(epoch FROM finished_at - r.created_at)) FROM run r
                              JOIN business b ON b.id = r.business_id WHERE b.key LIKE :prefix""",
            prefix=f"{prefix}-%",
        )
    )
