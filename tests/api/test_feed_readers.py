"""Readers of the feed beside eight writers, of whom one in ten rolls back: no gap, no repeat, no miss."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, text

from bookvalue.storage import journals
from bookvalue.storage.ids import uuid7_block
from bookvalue.storage.unit_of_work import Role, connect, transaction

from .conftest import MakeToken
from .house import House, asset

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
WRITERS, ENTRIES = 8, 10_000
AUGUST = date(2026, 8, 1)

_UPDATES = text("""
    INSERT INTO value_update (business_id, book_id, effective_period, asset_id, sequence, posting_period, update_type,
                              amount_minor, entry_id, debit_line, credit_line)
    SELECT :business, :book, :period, :asset, :sequence + n - 1, :period, 'DEPRECIATION_AMORTIZATION', 100 + n, id, 1, 2
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS made(id, n)""")
_ENTRIES = text("""
    INSERT INTO journal_entry (business_id, id, book_id, feed_seq, kind, effective_period, posting_period, entry_date,
                               currency, total_minor, line_count, asset_id)
    SELECT :business, id, :book, :first + n - 1, 'depreciation', :period, :period, '2026-08-31', 'EUR', 100 + n, 2,
           :asset
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS made(id, n)""")
_LINES = text("""
    INSERT INTO journal_line (business_id, entry_id, line_no, account_id, debit_minor, credit_minor)
    SELECT :business, id, side, CASE side WHEN 1 THEN CAST(:expense AS uuid) ELSE CAST(:accumulated AS uuid) END,
           CASE side WHEN 1 THEN 100 + n ELSE 0 END, CASE side WHEN 1 THEN 0 ELSE 100 + n END
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS made(id, n), generate_series(1, 2) AS side""")


class RolledBack(Exception):
    """This transaction is to come to nothing."""


class Writer:
    """Posts value updates of its own asset with an entry each, some to a transaction, as a worker would."""

    def __init__(self, house: House, number: int, places: dict[str, Any]) -> None:
        self.asset = house.sql("SELECT id FROM asset WHERE external_id = :id", id=f"w{number}")[0].id
        self._house, self._draw, self._places = house, random.Random(number), {**places, "asset": self.asset}
        self.posted: list[int] = []
        self.rolled_back = 0

    def post(self, engine: Engine) -> None:
        """Posts its share."""
        while len(self.posted) < ENTRIES // WRITERS:
            wanted = min(self._draw.randint(1, 60), ENTRIES // WRITERS - len(self.posted))
            try:
                with transaction(engine, Role.WORKER, self._house.id, lock_timeout="60s") as connection:
                    numbers = self._write(connection, wanted, fails=self._draw.random() < 0.1)
                    connection.commit()
                self.posted += numbers
            except RolledBack:
                self.rolled_back += 1

    def _write(self, connection: Connection, wanted: int, *, fails: bool) -> range:
        ids = [UUID(bytes=one.tobytes()) for one in uuid7_block(wanted)]
        given = {**self._places, "ids": ids, "sequence": len(self.posted)}
        connection.execute(_UPDATES, given)
        time.sleep(self._draw.random() / 200)
        first = journals.take_numbers(connection, self._house.id, wanted)
        steps = self._draw.randint(0, 2) if fails else 2
        for statement in (_ENTRIES, _LINES)[:steps]:
            connection.execute(statement, {**given, "first": first})
            time.sleep(self._draw.random() / 500)
        if fails:
            raise RolledBack
        return range(first, first + wanted)


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    made = House(app, client, engine, token, grain="asset")
    made.put(*(asset(f"w{number}", start="2026-12-01") for number in range(WRITERS)))
    return made


def follow(house: House, done: threading.Event, seed: int, **only: str) -> Iterator[int]:
    """The numbers that a consumer sees: polls with the ETag, goes on from `next_after`, until there is no more."""
    draw, after, tag = random.Random(seed), 0, None
    while True:
        over = done.is_set()  # asked before the page: all that was written is committed then
        headers = {**house.headers, **({"If-None-Match": tag} if tag else {})}
        query = {"after": str(after), "limit": "200" if seed else str(draw.choice((1, 7, 50, 1000))), **only}
        answer = house.client.get(f"{house.place}/journal-entries", params=query, headers=headers)
        if answer.status_code == 304:
            if over:
                return
            time.sleep(0.05)
            continue
        page = answer.json()
        assert answer.status_code == 200, page
        numbers = [entry["sequence"] for entry in page["data"]]
        assert numbers == sorted(set(numbers))
        assert not numbers or after < numbers[0] <= numbers[-1] <= page["next_after"]
        for entry in page["data"]:
            assert [line["debit_minor"] + line["credit_minor"] for line in entry["lines"]] == [entry["total_minor"]] * 2
        yield from numbers
        tag = answer.headers["ETag"] if page["next_after"] == after else None
        after = page["next_after"]
        if over and not page["has_more"]:
            return


@contextmanager
def engines(url: str) -> Iterator[Engine]:
    made = connect(url, pool_size=WRITERS)
    yield made
    made.dispose()


def test_readers_beside_writers_and_rollbacks(house: House, database_url: str) -> None:
    (book,) = house.sql("SELECT id FROM book WHERE business_id = :id", id=house.id)
    chart = dict(house.sql("SELECT stable_name, id FROM account WHERE business_id = :id", id=house.id))
    places = {"business": house.id, "book": book.id, "period": AUGUST, "expense": chart["DEPRECIATION"],
              "accumulated": chart["ACCUMULATED_DEPRECIATION_EQUIPMENT"]}  # fmt: skip
    writers = [Writer(house, number, places) for number in range(WRITERS)]
    done = threading.Event()
    with engines(database_url) as engine, ThreadPoolExecutor(WRITERS + 3) as pool:
        whole = pool.submit(lambda: list(follow(house, done, 0)))
        of_one = pool.submit(lambda: list(follow(house, done, 1, asset_id=str(writers[0].asset))))
        of_none = pool.submit(lambda: list(follow(house, done, 2, account="CASH")))
        try:
            for posting in [pool.submit(writer.post, engine) for writer in writers]:
                posting.result()
        finally:
            done.set()
        assert whole.result() == list(range(1, ENTRIES + 1))
        assert of_one.result() == sorted(writers[0].posted)
        assert of_none.result() == []
    assert sorted(number for writer in writers for number in writer.posted) == list(range(1, ENTRIES + 1))
    assert sum(writer.rolled_back for writer in writers) > 20
