"""A small register of varied methods for as many businesses as a test wants, imported as a user would import it."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

BOOKS_START = date(2026, 8, 1)
_CURRENCIES = ("EUR", "USD", "JPY", "KWD")
_ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Tokyo")
_FISCAL = ("01-01", "07-01", "04-01")
_SETTINGS = (
    "straight_line,60,,,full_month",
    "straight_line,36,,,actual_days",
    "straight_line,,20,,full_month",
    "declining_balance,48,,2,full_month",
    "declining_balance,96,,1.5,actual_days",
    "declining_balance,,25,,full_month",
    "full,,,,",
    "none,,,,",
    "straight_line,7,,,full_month",
    "straight_line,13,,,actual_days",
)
_ACCOUNTS = (("COMPUTERS", "DEPRECIATION"), ("EQUIPMENT", "DEPRECIATION"), ("VEHICLES", "AMORTIZATION"))
_BUSINESS_HEAD = "business,name,currency,time_zone,fiscal_year_start,books_start,accounting_basis,auto,grain"
_ASSET_HEAD = (
    "business,external_id,name,kind,status,depreciation_start_date,cost,residual_value,method,life_months,rate_percent,"
    "declining_factor,averaging,opening_as_of,opening_accumulated,opening_current_year,"
    "accumulated_depreciation_account,depreciation_expense_account"
)


def add_businesses(
    engine: Engine,
    prefix: str,
    count: int,
    *,
    assets: int = 6,
    zones: Sequence[str] = _ZONES,
    auto: str = "close",
    books_start: date = BOOKS_START,
    broken_assets: Sequence[int] = (),
) -> list[str]:
    """Imports `count` businesses of `assets` assets each, all in one go; returns their keys.

    `broken_assets`: places of assets, in each business, that lack an expense account, so that they are blocked.
    """
    keys = [f"{prefix}-{number:03d}" for number in range(count)]
    businesses, lines = [_BUSINESS_HEAD], [_ASSET_HEAD]
    for number, key in enumerate(keys):
        currency = _CURRENCIES[number % len(_CURRENCIES)]
        businesses.append(
            f"{key},{key},{currency},{zones[number % len(zones)]},{_FISCAL[number % len(_FISCAL)]},"
            f"{books_start},accrual,{auto},{'asset' if number % 3 == 2 else 'account'}"
        )
        lines += [
            asset_line(key, place, books_start, currency, broken=place in broken_assets) for place in range(assets)
        ]
    import_files(engine, businesses=businesses, assets=lines)
    return keys


def import_files(engine: Engine, **lines: Sequence[str]) -> None:
    """Imports files given as lines of text."""
    import_register(
        engine,
        [RegisterFile(f"{name}.csv", "\n".join(text).encode()) for name, text in lines.items()],
        actor="fault test",
    )


def asset_line(key: str, place: int, books_start: date, currency: str, *, broken: bool = False) -> str:
    """One asset, drawn by its business and place: the same each time."""
    draw = random.Random(f"{key}/{place}")
    cost = draw.randrange(50_000, 9_000_000) // (100 if currency == "JPY" else 1)
    major = str(cost) if currency == "JPY" else f"{cost // 100}.{cost % 100:02d}"
    settings = _SETTINGS[(place + draw.randrange(3)) % len(_SETTINGS)]
    start, opening = books_start + timedelta(days=draw.randrange(0, 100)), ",,"
    if place % 2 == 0 and not settings.startswith(("full", "none")):
        start = books_start - timedelta(days=draw.randrange(1, 200))
        opening = f"{books_start - timedelta(days=1)},{draw.randrange(0, cost // 300)},0"
    accumulated, expense = _ACCOUNTS[place % len(_ACCOUNTS)]
    residual = "" if place % 3 else str(cost // 2000)
    return (
        f"{key},{key}-a{place},Asset {place},EQUIPMENT,registered,{start},{major},{residual},{settings},{opening},"
        f"ACCUMULATED_DEPRECIATION_{accumulated},{'' if broken else expense}"
    )


def asset_file(lines: Sequence[str]) -> list[str]:
    """The lines of an asset file."""
    return [_ASSET_HEAD, *lines]
