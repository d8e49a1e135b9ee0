"""The sample register: it reads without a finding, holds what it is meant to show, and is what its script writes."""

import runpy
from collections import Counter
from dataclasses import Field, fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.register_csv import KnownBusiness, Register, RegisterFile, read_register
from bookvalue.domain.terms import AssetStatus, Averaging, Method

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "src" / "bookvalue" / "sample"


def file(name: str) -> RegisterFile:
    return RegisterFile(name, (SAMPLE / name).read_bytes())


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register([file(f"{name}.csv") for name in ("assets", "asset_types", "accounts", "businesses")])


@pytest.fixture(scope="module")
def assets(register: Register) -> list[Asset]:
    return [line.value for line in register.assets]


def test_it_reads_without_a_finding(register: Register) -> None:
    assert register.findings == []
    assert len(register.businesses) == 9
    assert 1100 <= len(register.assets) <= 1300
    assert min(Counter(line.business_key for line in register.assets).values()) > 100


def test_the_script_writes_these_very_bytes() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "make_sample.py"))["contents"]()
    assert {path.name: path.read_bytes() for path in SAMPLE.glob("*.csv")} == {
        name: text.encode() for name, text in written.items()
    }


def test_the_businesses_are_spread_over_zones_currencies_and_years(register: Register) -> None:
    businesses = {line.business_key: line.value for line in register.businesses}
    assert {business.currency for business in businesses.values()} >= {"EUR", "AUD", "CAD", "JPY", "KWD", "USD", "GBP"}
    assert {str(business.fiscal_calendar) for business in businesses.values()} == {"01-01", "07-01", "04-01", "04-06"}
    for business in businesses.values():
        day = 6 if business.key == "london-advisers" else 1
        assert business.books_start == date(2026, 8, day)
        assert business.fiscal_calendar.period_of(business.books_start).start == business.books_start


def test_the_methods_and_averagings_and_all_states_are_there(assets: list[Asset]) -> None:
    with_a_table = {Method.UNITS_OF_PRODUCTION, Method.MANUAL}  # of units or amounts, which no register file holds
    assert {asset.settings.method for asset in assets} == set(Method) - with_a_table
    assert {asset.settings.averaging for asset in assets} == set(Averaging)
    assert {asset.status for asset in assets} == set(AssetStatus)
    assert {asset.settings.declining_factor_micro for asset in assets} == {2_000_000, 1_500_000}
    assert any(asset.settings.rate_nanopercent for asset in assets)
    assert len({asset.name for asset in assets}) > 900


@pytest.mark.parametrize("setting", fields(DepreciationSettings), ids=lambda setting: setting.name)
def test_every_setting_has_more_than_one_value(assets: list[Asset], setting: Field[Any]) -> None:
    assert len({getattr(asset.settings, setting.name) for asset in assets}) > 1


def test_the_awkward_ones_are_there(assets: list[Asset]) -> None:
    starts = [asset.depreciation_start_date for asset in assets if asset.depreciation_start_date]
    assert sum((start.month, start.day) == (2, 29) for start in starts) >= 9
    assert sum(start.day == 31 for start in starts) >= 9
    assert sum(date(2026, 8, 1) < start <= date(2026, 10, 31) for start in starts) >= 50
    assert sum(start > date(2026, 12, 31) for start in starts) >= 9
    assert sum(asset.cost_minor == 0 for asset in assets) >= 9
    assert sum(asset.cost_limit_minor is not None and asset.cost_limit_minor < asset.cost_minor for asset in assets) > 9
    assert sum(asset.residual_minor > 0 for asset in assets) > 50
    assert (
        sum(
            asset.opening is not None
            and asset.cost_minor > 0
            and asset.opening.accumulated_minor
            == min(asset.cost_minor, asset.cost_limit_minor or asset.cost_minor) - asset.residual_minor
            for asset in assets
        )
        > 20
    )  # fully depreciated elsewhere


def test_what_started_before_the_books_has_an_opening_on_the_day_before(register: Register) -> None:
    starts = {line.business_key: line.value.books_start for line in register.businesses}
    for line in register.assets:
        asset, books_start = line.value, starts[line.business_key]
        if asset.status is AssetStatus.DRAFT or asset.settings.method is Method.NONE:
            continue
        assert asset.depreciation_start_date is not None
        assert (asset.opening is not None) == (asset.depreciation_start_date < books_start), asset
        if asset.opening is not None:
            assert (books_start - asset.opening.as_of).days == 1


def test_seed_002_is_there(register: Register) -> None:
    (line,) = [line for line in register.assets if line.value.external_id == "seed-002"]
    asset = line.value
    assert (line.business_key, asset.name, asset.cost_minor) == ("portland-coffee", "Espresso roaster", 4_000_000)
    assert (asset.settings.method, asset.settings.life_months) == (Method.STRAIGHT_LINE, 60)
    assert asset.depreciation_start_date == date(2026, 8, 1)


def test_exactly_one_asset_lacks_its_accumulated_account_and_one_file_mends_it(register: Register) -> None:
    types = {(line.business_key, line.value.name): line.value for line in register.asset_types}

    def lacking(asset: Asset, business: str) -> bool:
        own = types.get((business, asset.asset_type or ""))
        return not (asset.accumulated_depreciation_account or (own and own.accumulated_depreciation_account))

    blocked = [
        (line.business_key, line.value)
        for line in register.assets
        if line.value.settings.method is not Method.NONE and lacking(line.value, line.business_key)
    ]
    ((business, asset),) = blocked
    assert (business, asset.asset_type, asset.status) == ("lisbon-studio", None, AssetStatus.REGISTERED)
    mended = read_register([file("mend.csv")], {"lisbon-studio": KnownBusiness("EUR")})
    assert mended.findings == []
    (line,) = mended.assets
    assert line.value.external_id == asset.external_id
    assert line.value.accumulated_depreciation_account is not None
