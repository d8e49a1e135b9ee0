"""Messages lost, repeated, forged or not to be had, and beats missing or doubled, change when work happens at most."""

import json
import random
from collections.abc import Callable
from uuid import uuid4

from .checker import problems
from .house import House, children, ended
from .register import add_businesses
from .waiting import until

ENDED = """SELECT r.id FROM run r JOIN business b ON b.id = r.business_id
           WHERE b.key LIKE 'tenfold-%' AND r.finished_at IS NOT NULL"""
CLOSE, TICK = "bookvalue.close_periods", "bookvalue.tick"


def test_two_workers_race_and_no_beat_is_there(house: House) -> None:
    add_businesses(house.engine, "race", 24)
    house.finish()
    house.check()
    owners = {row.lease_owner for row in house.sql("SELECT DISTINCT lease_owner FROM run")}
    assert len(owners) >= 3, "fewer children took part than race"


def test_two_beats_and_ticks_by_hand(house: House) -> None:
    add_businesses(house.engine, "beats", 20)
    beats = house.beat(), house.beat()
    with ended(house, *beats):
        until(lambda: all("Sending due task" in house.log_of(beat) for beat in beats), 20, "both beats to send a tick")
        add_businesses(house.engine, "ticks", 20)
        for _ in range(30):
            house.client.send_task(TICK)
        house.finish()
    house.check()
    assert house.all_logs().count("bookvalue.tick") >= 30


def test_every_message_ten_times_among_forged_ones(house: House) -> None:
    keys = add_businesses(house.engine, "tenfold", 24)
    draw, sent = random.Random(1), set()
    while len(sent) < 2 * len(keys):
        fresh = sorted(set(house.alive()) - sent)
        old = draw.sample(sorted(sent), min(len(sent), 3))
        for start in range(0, len(fresh), 8):
            known = [str(run_id) for run_id in (*fresh[start : start + 8], *old)]
            for _ in range(10):
                draw.shuffle(known)
                house.client.send_task(CLOSE, args=[known])
        if fresh:
            _send_forged(house)
        sent |= set(fresh) | {row.id for row in house.sql(ENDED)}
    house.finish()
    house.check()
    until(lambda: house.broker.client.llen("celery") == 0, 30, "every message to be taken")
    house.check()


def _send_forged(house: House) -> None:
    """What a worker must shrug off: unknown ids, ids of other things, and arguments of no sense."""
    foreign = house.sql("SELECT id FROM business UNION ALL SELECT id FROM asset LIMIT 3")
    for arguments in (
        [[str(uuid4())]],
        [[str(row.id) for row in foreign]],
        [None],
        [[None, 7, {}]],
        ["no list"],
        [{"run": "x"}],
        [5],
        [],
        [[], []],
        [["'; DROP TABLE run; --"]],
        [["0" * 5000]],
        [[["a"]]],
    ):
        house.client.send_task(CLOSE, args=arguments)
    house.client.send_task("bookvalue.unknown", args=[])
    house.client.send_task(CLOSE, kwargs={"business": "x"})


def test_pickle_is_refused(house: House) -> None:
    add_businesses(house.engine, "pickle", 4)
    body = {
        "body": "gASVIQAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAZ0b3VjaCB4lIWUUpQu",
        "content-type": "application/x-python-serialize",
        "content-encoding": "binary",
        "headers": {"task": CLOSE, "id": str(uuid4()), "lang": "py", "argsrepr": ""},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
            "delivery_info": {"exchange": "", "routing_key": "celery"},
        },
    }
    house.broker.client.lpush("celery", json.dumps(body))
    house.finish()
    house.check()
    until(lambda: "ContentDisallowed" in house.all_logs(), 10, "the worker to refuse pickle")


def test_garbage_on_the_queue(house: House) -> None:
    """Not even what is no message at all may take a worker away."""
    add_businesses(house.engine, "garbage", 8)
    workers = list(house.processes)
    for garbage in (b"\x00\xff\xfe", b"{", b"[]", b"null", b'"text"', b"{}", b'{"body": 1}', b"[" * 50_000):
        house.broker.client.lpush("celery", garbage)
    until(lambda: house.broker.client.llen("celery") == 0, 30, "the garbage to be taken")
    house.finish()
    house.check()
    assert [worker.poll() for worker in workers] == [None] * len(workers), house.all_logs()[-3000:]


def test_flushall_in_mid_close(house: House) -> None:
    keys = add_businesses(house.engine, "flush", 40)
    before, goal, flushed = house.posted(), 2 * len(keys), 0
    for part in range(8):
        until(lambda wanted=before + goal * part // 8: house.posted() >= wanted, 60, "progress between two FLUSHALLs")
        known = [str(run_id) for run_id in house.alive()]
        for _ in range(20):
            house.client.send_task(CLOSE, args=[known])
        flushed += house.broker.client.pipeline().llen("celery").flushall().execute()[0] > 0
        assert not problems(house.engine)
    house.finish()
    house.check()
    assert flushed >= 4, "the queue was empty each time"


def test_redis_frozen_in_mid_close(house: House) -> None:
    keys = add_businesses(house.engine, "frozen", 24)
    before = house.posted()
    until(lambda: house.posted() > before + 4, 30, "the close to begin")
    house.broker.freeze()
    try:
        assert house.posted() < before + 2 * len(keys), "everything was done before Redis froze"
        house.finish(100)
    finally:
        house.broker.thaw()
    house.check()
    _works_by_messages(house, "thawed")


def test_redis_killed_in_mid_close(house: House) -> None:
    keys = add_businesses(house.engine, "killed", 24)
    before = house.posted()
    until(lambda: house.posted() > before + 4, 30, "the close to begin")
    house.broker.kill()
    assert house.posted() < before + 2 * len(keys), "everything was done before Redis died"
    house.finish()
    house.check()
    house.broker.start()
    _works_by_messages(house, "back")


def test_redis_that_takes_no_more(house: House) -> None:
    """Full: it answers every publication, and every worker that connects, with an error of its own kind."""
    house.broker.client.config_set("maxmemory", "1")
    try:
        house.broker.client.client_kill_filter(_type="normal", skipme=True)
        add_businesses(house.engine, "full", 8)
        house.finish()
        assert [worker.poll() for worker in house.processes] == [None] * len(house.processes), house.all_logs()[-3000:]
    finally:
        house.broker.client.config_set("maxmemory", "0")
    house.check()
    _works_by_messages(house, "emptied")


def _works_by_messages(house: House, prefix: str) -> None:
    """Children take part again: not only the maintenance thread of their parent."""
    parents = [f"/{worker.pid}" for worker in house.processes]
    number = iter(range(100))

    def one_by_a_child() -> bool:
        (key,) = add_businesses(house.engine, f"{prefix}{next(number)}", 1, assets=2)
        house.finish()
        owners = house.sql(
            "SELECT lease_owner FROM run r JOIN business b ON b.id = r.business_id WHERE b.key = :key", key=key
        )
        return any(not row.lease_owner.endswith(tuple(parents)) for row in owners)

    until(one_by_a_child, 60, "a child to work on a message")
    house.check()


def test_workers_forget_old_idempotency_keys(house: House) -> None:
    house.sql("""INSERT INTO idempotency_key (business_id, client, route, key, fingerprint, status, headers, created_at)
                 SELECT gen_random_uuid(), 'ci', 'POST request_run', n::text, 'x', 202, '{}',
                        now() - interval '31 days' * (n % 2) FROM generate_series(1, 3000) n""")
    until(lambda: house.one("SELECT count(*) FROM idempotency_key") == 1500, 30, "the old ones to be forgotten")
    assert house.one("SELECT count(*) FROM idempotency_key WHERE created_at < now() - interval '30 days'") == 0
    house.sql("DELETE FROM idempotency_key")


def test_redis_dead_from_the_start(build: Callable[[], House]) -> None:
    house = build()
    house.broker.kill()
    worker = house.worker(BOOKVALUE_CONCURRENCY="1")
    with ended(house, worker):
        add_businesses(house.engine, "dead", 12)
        house.finish()
        house.check()
        owners = {row.lease_owner for row in house.sql("SELECT DISTINCT lease_owner FROM run")}
        assert [owner.rpartition("/")[2] for owner in owners] == [str(worker.pid)]
        house.broker.start()
        until(lambda: children(worker), 30, "the pool")
        _works_by_messages(house, "alive")
