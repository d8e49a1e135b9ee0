"""The services post exactly the entries of tests/golden/entries, which were written before them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from bookvalue.services.list_assets import read_one_asset
from golden.entries_format import FILES, read
from golden.entries_scenario import Scenario
from services.conftest import Books
from services.scenario_player import Player
from services.shared_books import shared_books

SCENARIOS = [read(path) for path in FILES]


@pytest.fixture(scope="module")
def shelf(emptied: Engine) -> Iterator[Books]:
    """The books of all scenarios, a business each."""
    with shared_books(emptied) as made:
        yield made


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_the_services_post_what_is_written(shelf: Books, scenario: Scenario) -> None:
    player = Player(shelf, scenario)
    player.play()
    assert player.posted == list(scenario.entries)
    assert player.figures() == scenario.figures
    shown = read_one_asset(shelf.engine, player.business_id, player.asset_id)
    assert shown.book_value_minor == scenario.figures["book value"]
