"""Answers kept by idempotency key are forgotten when they are older than the setting says, in small batches."""

from datetime import timedelta
from uuid import UUID, uuid4

from bookvalue.services.forget_idempotency_keys import forget_idempotency_keys
from services.conftest import Books


def keep(books: Books, business_id: UUID, *ages: timedelta) -> None:
    """A kept answer of each age."""
    for age in ages:
        books.sql(
            """INSERT INTO idempotency_key (business_id, client, route, key, fingerprint, status, headers, created_at)
               VALUES (:business, 'ci', 'POST request_run', :key, 'x', 202, '{}', clock_timestamp() - :age)""",
            business=business_id,
            key=str(uuid4()),
            age=age,
        )


def ages(books: Books) -> list[int]:
    """How many days old each kept answer is."""
    rows = books.sql("SELECT extract(day FROM now() - created_at)::int AS days FROM idempotency_key ORDER BY 1")
    return [row.days for row in rows]


def test_what_is_older_than_the_setting_is_forgotten_of_every_business(bakery: Books) -> None:
    days = timedelta(days=1)
    keep(bakery, bakery.id(), 0 * days, 29 * days, 31 * days)
    keep(bakery, UUID(int=0), 5 * days, 400 * days)  # of no business: a POST that makes one
    assert forget_idempotency_keys(bakery.engine, days=30) == 2
    assert ages(bakery) == [0, 5, 29]
    assert forget_idempotency_keys(bakery.engine, days=30) == 0
    assert forget_idempotency_keys(bakery.engine, days=1) == 2
    assert ages(bakery) == [0]


def test_a_batch_takes_the_oldest(bakery: Books) -> None:
    keep(bakery, bakery.id(), *(timedelta(days=day) for day in range(40, 50)))
    assert forget_idempotency_keys(bakery.engine, days=30, most=4) == 4
    assert ages(bakery) == list(range(40, 46))
    assert forget_idempotency_keys(bakery.engine, days=30, most=100) == 6
