"""The business, and the asset, that a command is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from bookvalue.storage.businesses import KeptBusiness
    from bookvalue.storage.unit_of_work import Engine


@contextmanager
def one_business(key: str, as_json: bool) -> "Iterator[tuple[Engine, KeptBusiness]]":
    """An engine and the business, while the block lasts; an error in it ends the command with its message."""
    from bookvalue.cli.connection import database
    from bookvalue.cli.output import answering
    from bookvalue.services.list_businesses import list_businesses

    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [key])
        yield engine, kept


@contextmanager
def one_asset(key: str, asset: str, as_json: bool) -> "Iterator[tuple[Engine, KeptBusiness, UUID]]":
    """The same with the id of the asset that is called so: by its external id, number or id."""
    from bookvalue.services.find_asset import find_asset

    with one_business(key, as_json) as (engine, kept):
        yield engine, kept, find_asset(engine, kept.id, asset)
