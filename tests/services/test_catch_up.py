"""What comes late is charged by the next run for each period it missed, in the first period that is still open."""

from services.conftest import Books, asset
from services.disposing import dispose

LATE = asset("late", cost="2400.00")


def test_an_asset_registered_after_the_close_is_charged_for_each_missed_period(bakery: Books) -> None:
    bakery.put(asset("good"))
    bakery.close("2026-10-02")
    bakery.put(LATE)
    assert bakery.close("2026-10-03") == [], "August and September are closed, October has not ended"
    (done,) = bakery.close("2026-11-02")
    assert [charge for charge in bakery.charges() if charge[0] == "late"] == [
        ("late", "2026-08", "2026-10", 20_000), ("late", "2026-09", "2026-10", 20_000),
        ("late", "2026-10", "2026-10", 20_000)]  # fmt: skip
    assert (done.posted_minor, done.entries, done.closed_periods) == (70_000, 3, ("2026-10",))
    assert [line[:2] + line[3:] for line in bakery.lines()[-6:]] == [
        ("2026-10", "2026-08", 20_000, 0),
        ("2026-10", "2026-08", 0, 20_000),
        ("2026-10", "2026-09", 20_000, 0),
        ("2026-10", "2026-09", 0, 20_000),
        ("2026-10", "2026-10", 30_000, 0),
        ("2026-10", "2026-10", 0, 30_000),
    ]
    dated = bakery.sql("SELECT DISTINCT entry_date FROM journal_entry WHERE posting_period = '2026-10-01'")
    assert [f"{row.entry_date}" for row in dated] == ["2026-10-31"], "an entry is dated where it lies"


def test_never_into_a_locked_or_closed_period(bakery: Books) -> None:
    bakery.put(asset("good"))
    bakery.close("2026-10-02")
    bakery.lock("2026-08-01")
    kept = bakery.sql("SELECT * FROM period WHERE status <> 'open' ORDER BY period_start")
    bakery.put(LATE)
    bakery.close("2026-11-02")
    assert {posting for name, _, posting, _ in bakery.charges() if name == "late"} == {"2026-10"}
    after = bakery.sql("SELECT * FROM period WHERE period_start < '2026-10-01' ORDER BY period_start")
    for old, new in zip(kept, after, strict=True):
        assert (old.status, old.content_hash, old.charged_minor, old.entry_count, old.closed_at) == (
            new.status,
            new.content_hash,
            new.charged_minor,
            new.entry_count,
            new.closed_at,
        )
    assert bakery.lock("2026-09-01"), "its content is still what it was closed with"


def test_own_period_where_that_is_open_else_the_first_open_one(bakery: Books) -> None:
    """August is closed, September and October stand open for a blocked asset: each period is told apart."""
    bakery.put(asset("good"), asset("bare", depreciation_start_date="2026-09-01", depreciation_expense_account=""))
    bakery.close("2026-11-02")
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "open", "2026-10": "open", "2026-11": "open"}
    bakery.uncharged = {"bare"}
    bakery.put(LATE)
    bakery.close("2026-11-03")
    assert [charge[1:] for charge in bakery.charges() if charge[0] == "late"] == [
        ("2026-08", "2026-09", 20_000),
        ("2026-09", "2026-09", 20_000),
        ("2026-10", "2026-10", 20_000),
    ]


def test_a_draft_registered_late_is_charged_from_its_start(bakery: Books) -> None:
    bakery.put(asset("good"), asset("slow", status="draft"))
    bakery.close("2026-10-02")
    bakery.put(asset("slow"))
    bakery.close("2026-11-02")
    assert [charge[1:] for charge in bakery.charges() if charge[0] == "slow"] == [
        ("2026-08", "2026-10", 10_000),
        ("2026-09", "2026-10", 10_000),
        ("2026-10", "2026-10", 10_000),
    ]


def test_an_asset_that_had_all_its_life_in_closed_periods(bakery: Books) -> None:
    bakery.close("2026-11-02")
    bakery.put(asset("short", cost="100.00", life_months=3))
    bakery.close("2026-12-02")
    assert [charge[1:] for charge in bakery.charges()] == [
        ("2026-08", "2026-11", 3_333),
        ("2026-09", "2026-11", 3_334),
        ("2026-10", "2026-11", 3_333),
    ]


def test_a_run_over_unchanged_facts_posts_nothing(bakery: Books) -> None:
    """A rerun of a period that is posted but not closed: the same charges are due, and all are posted already."""
    bakery.put(asset("good"), asset("bare", accumulated_depreciation_account=""))
    bakery.uncharged = {"bare"}
    (first,) = bakery.close("2026-09-02")
    before, counts = bakery.charges(), bakery.counts()
    assert bakery.request("2026-08", "2026-09-03") == first.run_id, "it would come out the same again"
    assert bakery.counts() == counts
    done = bakery.work(bakery.add_run("2026-08-01"))
    assert done is not None
    assert (done.status, done.posted_minor, done.entries) == ("posted_with_exceptions", 0, 0)
    assert bakery.charges() == before
    after = bakery.counts()
    assert {name for name in counts if counts[name] != after[name]} == {"run", "run_outcome", "audit", "outbox"}
    empty = bakery.run(done.run_id).output_hash
    assert empty != bakery.run(first.run_id).output_hash
    again = bakery.work(bakery.add_run("2026-08-01"))
    assert again is not None
    assert bakery.run(again.run_id).output_hash == empty
    assert bakery.run(again.run_id).input_hash == bakery.run(done.run_id).input_hash


def test_periods_that_a_fact_has_opened_ahead_are_closed_one_after_the_other(bakery: Books) -> None:
    """As without the fact: no run finds its period closed by the run of a later one."""
    bakery.put(asset("good"))
    dispose(bakery, "good", "2026-10-10", proceeds=0, part={"percent": "50"})
    assert len(bakery.plan("2026-11-02")) == 1, "August alone; September waits for it"
    assert [done.closed_periods for done in bakery.close("2026-11-02")] == [("2026-08",), ("2026-09",), ("2026-10",)]
    assert [status for *_, status in bakery.runs()] == ["posted"] * 3
