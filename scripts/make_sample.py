"""Writes src/bookvalue/sample/*.csv: nine made-up businesses and some 1,200 assets, the same bytes each time.

Standard library only, and no import of bookvalue: the sample must not agree with the engine by construction.
"""

import csv
import io
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

TARGET = Path(__file__).resolve().parent.parent / "src" / "bookvalue" / "sample"
ASSETS_EACH, AWKWARD = 132, 18
T = TypeVar("T")
Row = dict[str, str]


@dataclass(frozen=True)
class Shop:
    """A business: `scale` turns a price in euros into its currency, `decimals` are those of its minor unit."""

    key: str
    name: str
    currency: str
    zone: str
    fiscal: str
    scale: int
    machines: tuple[str, ...]
    places: tuple[str, ...]
    decimals: int = 2
    books_start: date = date(2026, 8, 1)
    basis: str = ""
    car_limit: int | None = None


SHOPS = (
    Shop("amsterdam-bakery", "Bakkerij De Gouden Korst", "EUR", "Europe/Amsterdam", "01-01", 1,
         ("Miwe Condo deck oven", "Rondo dough sheeter", "Diosna spiral mixer", "Koma blast freezer",
          "WP Haton bread line", "Kolb prover cabinet", "Hobart planetary mixer", "Brabender moisture tester"),
         ("Jordaan", "De Pijp", "Oost", "Noord", "central bakehouse", "Haarlemmerdijk")),
    Shop("kiritimati-dive", "Kiritimati Reef Diving", "AUD", "Pacific/Kiritimati", "01-01", 2,
         ("Bauer Mariner compressor", "Coltri nitrox membrane", "Yamaha F150 outboard", "Zodiac Milpro tender",
          "Haskel booster pump", "Furuno echo sounder", "Kohler marine generator", "Village Marine watermaker"),
         ("London jetty", "Cook Island boat", "lagoon base", "Captain Cook hotel", "Banana store"), car_limit=69674),
    Shop("st-johns-marine", "St. John's Marine Repair", "CAD", "America/St_Johns", "01-01", 2,
         ("Marine Travelift hoist", "Miller welding plant", "Haas lathe", "Kärcher pressure washer",
          "Hydratight bolt tensioner", "Atlas Copco compressor", "Lincoln plasma cutter", "Dake hydraulic press"),
         ("south side slip", "Pier 19", "Quidi Vidi yard", "paint hall", "engine shop")),
    Shop("sydney-press", "Harbour Street Press", "AUD", "Australia/Sydney", "07-01", 2,
         ("Heidelberg Speedmaster press", "Polar guillotine", "Komori offset press", "Horizon folder",
          "HP Indigo digital press", "Müller Martini binder", "Kodak Trendsetter platesetter", "Morgana creaser"),
         ("Alexandria hall", "Pyrmont studio", "bindery", "plate room", "dispatch"), car_limit=69674),
    Shop("osaka-tools", "Osaka Precision Tools K.K.", "JPY", "Asia/Tokyo", "04-01", 150,
         ("Mazak machining centre", "Okuma lathe", "Fanuc Robodrill", "Makino wire EDM",
          "Mitutoyo measuring machine", "Amada press brake", "Sodick die sinker", "Daikin hydraulic unit"),
         ("line one", "line two", "Higashi-Osaka works", "tool room", "inspection", "Sakai works"), decimals=0),
    Shop("kuwait-logistics", "Gulf Crescent Logistics", "KWD", "Asia/Kuwait", "01-01", 1,
         ("Kalmar reach stacker", "Linde reach truck", "Thermo King cooling unit", "Crown pallet stacker",
          "Toyota Traigo forklift", "Cummins generator", "Konecranes gantry", "Dematic sorter"),
         ("Shuwaikh port", "Mina Abdulla", "cold store", "Sulaibiya depot", "airport shed"), decimals=3),
    Shop("portland-coffee", "Stumptown Lane Coffee", "USD", "America/Los_Angeles", "01-01", 1,
         ("La Marzocco Linea espresso machine", "Probat drum roaster", "Mahlkönig grinder", "Fetco brewer",
          "True reach-in refrigerator", "Loring smart roaster", "Weigh Right bagging scale", "Slayer espresso machine"),
         ("Alberta Street", "Hawthorne", "Pearl District", "roastery", "Sellwood", "airport kiosk")),
    Shop("london-advisers", "Finch & Marlowe Advisers", "GBP", "Europe/London", "04-06", 1,
         ("Canon imageRunner copier", "Cisco Webex board", "Kardex filing carousel", "Daikin air conditioner",
          "Ricoh scanner", "Poly video system", "APC server-room UPS", "Miele office coffee machine"),
         ("Gracechurch Street", "board room", "Canary Wharf", "tax floor", "reception"),
         books_start=date(2026, 8, 6)),
    Shop("lisbon-studio", "Estúdio Alcântara", "EUR", "Europe/Lisbon", "01-01", 1,
         ("ARRI SkyPanel lamp", "Sony Venice camera", "Neve mixing desk", "Chapman camera dolly",
          "Dedolight lighting kit", "Zeiss lens set", "Teradek transmitter", "Epson laser projector"),
         ("stage A", "stage B", "grading suite", "LX Factory", "equipment store")),
)  # fmt: skip

VEHICLES = (
    "Volkswagen Transporter", "Ford Transit Custom", "Toyota HiAce", "Mercedes-Benz Sprinter", "Renault Kangoo",
    "Isuzu NPR", "Tesla Model 3", "Toyota Hilux", "Hyundai Ioniq 5", "Fiat Ducato", "Volvo FL electric", "Mazda BT-50",
)  # fmt: skip
COMPUTERS = (
    "Lenovo ThinkPad T14", "Apple MacBook Pro 14", "Dell Latitude 5440", "HP EliteBook 840", "Synology RackStation",
    "Dell PowerEdge R650", "Apple iPad Pro", "Zebra TC57 scanner", "Framework Laptop 13", "Cisco Catalyst switch",
)  # fmt: skip
FURNITURE = (
    "Vitra meeting table", "Herman Miller Aeron chairs", "USM Haller cabinet", "Steelcase sit-stand desks",
    "oak counter", "String shelving", "Muuto sofa", "acoustic wall panels", "steel lockers", "Kinnarps desks",
)  # fmt: skip
BUILDINGS = ("roof renewal", "warehouse extension", "shop fit-out", "loading dock", "staff canteen", "solar roof")
LEASES = ("premises lease", "storage lease", "parking lease", "forklift lease", "copier lease", "van lease")
GOODWILL = ("customer list of a competitor", "goodwill of a bought branch", "acquired trade name")
SMALL = ("hand tools", "first-aid cabinet", "label printer", "safety harness set", "cash drawer", "trolley")
PEOPLE = ("Noor", "Kenji", "Beatriz", "Tane", "Amelia", "Fahad", "Siobhan", "Ravi", "Ingrid", "Mateus", "Yuki", "Olu")


@dataclass(frozen=True)
class Class:
    """An asset type and what its assets look like; prices in euros, life in months for the script's own sums."""

    name: str
    kind: str
    account: str
    weight: int
    prices: tuple[int, int]
    life: int
    things: tuple[str, ...] = ()
    accumulated: bool = True
    expense: str = "DEPRECIATION"
    settings: Row = field(default_factory=dict)


def _settings(
    method: str, life: str = "", rate: str = "", factor: str = "", averaging: str = "full_month", **others: str
) -> Row:
    names = ("method", "life_months", "rate_percent", "declining_factor", "averaging")
    return dict(zip(names, (method, life, rate, factor, averaging), strict=True)) | others


CLASSES = (
    Class("Vehicles", "VEHICLE", "VEHICLES", 18, (18000, 64000), 60, VEHICLES,
          settings=_settings("straight_line", "60")),
    Class("Computers", "EQUIPMENT", "COMPUTERS", 30, (700, 4200), 36, COMPUTERS,
          settings=_settings("straight_line", "36")),
    Class("Machines", "EQUIPMENT", "EQUIPMENT", 30, (2500, 95000), 96,
          settings=_settings("declining_balance", "96", factor="2")),
    Class("Furniture", "EQUIPMENT", "FURNITURE", 16, (300, 9000), 84, FURNITURE,
          settings=_settings("straight_line", "84", averaging="actual_days")),
    Class("Buildings", "EQUIPMENT", "BUILDINGS", 6, (40000, 900000), 400, BUILDINGS,
          settings=_settings("straight_line", rate="3", averaging="actual_days")),
    Class("Land", "EQUIPMENT", "LAND", 2, (60000, 400000), 0, ("building plot", "car park ground", "quay ground"),
          accumulated=False, settings=_settings("none")),
    Class("Leases", "RIGHT_OF_USE_ASSET", "RIGHT_OF_USE_ASSETS", 8, (6000, 220000), 48, LEASES,
          settings=_settings("straight_line", "48")),
    Class("Goodwill", "GOODWILL", "GOODWILL", 2, (20000, 300000), 120, GOODWILL, expense="AMORTIZATION",
          settings=_settings("straight_line", "120")),
    Class("Small items", "EQUIPMENT", "EQUIPMENT", 8, (60, 450), 1, SMALL, settings=_settings("full")),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in CLASSES}
# settings of an asset's own that differ from its type's: name of the class, settings, life for the script's sums
VARIANTS = (
    ("Machines", _settings("declining_balance", rate="25", averaging="actual_days"), 96),
    ("Machines", _settings("declining_balance", "72", factor="1.5"), 72),
    ("Machines", _settings("straight_line", "120", averaging="actual_days"), 120),
    ("Vehicles", _settings("declining_balance", rate="30"), 80),
    ("Vehicles", _settings("straight_line", rate="12.5", averaging="actual_days"), 96),
    ("Computers", _settings("straight_line", "48", averaging="actual_days"), 48),
    ("Computers", _settings("declining_balance", "48", averaging="actual_days"), 48),
)
# one of each for every business: name ({0} is its first kind of machine), class, start, cost in euros, residual in
# percent, settings
UNCOMMON: tuple[tuple[str, str, date, int, int, Row], ...] = (
    ("{0}, at a fixed rate", "Machines", date(2024, 3, 12), 24000, 10, _settings("fixed_rate_declining", "60")),
    ("{1}, at a fixed rate of three decimals", "Machines", date(2026, 9, 21), 36500, 15,
     _settings("fixed_rate_declining", "72", averaging="half_year", rate_places="3")),
    ("Lift truck by digits", "Vehicles", date(2023, 11, 20), 27900, 8,
     _settings("sum_of_years_digits", "60", averaging="following_month")),
    ("{2}, by digits", "Machines", date(2026, 10, 7), 15750, 0,
     _settings("sum_of_years_digits", "90", averaging="mid_month")),
    ("Pallet racking by half years", "Furniture", date(2025, 4, 18), 12840, 0,
     {"profile": "irs_macrs_half_year", "life_months": "84"}),
    ("{3}, by quarters", "Machines", date(2025, 11, 3), 44100, 0,
     {"profile": "irs_macrs_mid_quarter", "life_months": "60"}),
    ("Mezzanine floor", "Buildings", date(2019, 6, 14), 180000, 0,
     {"profile": "irs_macrs_mid_month", "life_months": "468"}),
    ("{4}, half years and a switch", "Machines", date(2022, 5, 23), 19900, 10,
     _settings("declining_balance", "72", factor="2", averaging="half_year", switch_to_straight_line="true")),
    ("Cold room, thirty-day months", "Buildings", date(2022, 2, 28), 61000, 0,
     _settings("straight_line", "120", averaging="days_360", rounding="per_period")),
    ("Window blinds by days", "Furniture", date(2026, 8, 20), 1333, 0,
     _settings("straight_line", "84", averaging="partial_month_by_days", rounding="fiscal_year")),
    ("Label press by actual days", "Computers", date(2025, 8, 31), 2749, 5,
     {"profile": "xero_actual_days", "life_months": "48"}),
    ("{5}, written down to the end", "Machines", date(2021, 10, 1), 58300, 5,
     _settings("declining_balance", "60", factor="1.5", declining_within_year="compound", end_of_life="true_up")),
    ("Tow tractor at a third", "Vehicles", date(2024, 8, 31), 33900, 10,
     _settings("declining_balance", rate="33.333333333", averaging="half_month", declining_base="net_of_residual")),
    ("Trailer on its whole cost", "Vehicles", date(2025, 1, 16), 9700, 20,
     _settings("straight_line", "96", averaging="half_month", straight_line_base="cost")),
    ("Signage by whole years", "Furniture", date(2024, 12, 2), 6400, 0,
     _settings("straight_line", "72", averaging="full_year", change_policy="current_period")),
)  # fmt: skip
COLUMNS = (
    "business", "external_id", "number", "name", "asset_type", "kind", "status", "purchase_date",
    "depreciation_start_date", "cost", "residual_value", "cost_limit", "currency", "profile", "method", "life_months",
    "rate_percent", "declining_factor", "rate_places", "declining_base", "declining_within_year", "end_of_life",
    "switch_to_straight_line", "straight_line_base", "averaging", "day_basis", "rounding", "change_policy",
    "opening_as_of", "opening_accumulated", "opening_current_year", "ledger_account",
    "accumulated_depreciation_account", "depreciation_expense_account", "description", "serial_number",
    "warranty_expiry_date",
)  # fmt: skip


def pick(rng: Random, things: Sequence[T]) -> T:
    """One of them; random() alone promises the same sequence in every Python version."""
    return things[int(rng.random() * len(things))]


def between(rng: Random, low: int, high: int) -> int:
    return low + int(rng.random() * (high - low + 1))


def money(shop: Shop, minor: int) -> str:
    digits = str(minor).rjust(shop.decimals + 1, "0")
    return f"{digits[: -shop.decimals]}.{digits[-shop.decimals :]}" if shop.decimals else digits


def months_until(start: date, day: date) -> int:
    """Months begun from the start to the day, both included: the sample's own plain rule."""
    return max(0, (day.year - start.year) * 12 + day.month - start.month + 1) if day >= start else 0


def year_start(shop: Shop, day: date) -> date:
    month, first = int(shop.fiscal[:2]), int(shop.fiscal[3:])
    this = date(day.year, month, first)
    return this if this <= day else date(day.year - 1, month, first)


def opening(shop: Shop, start: date, depreciable: int, life: int) -> Row:
    """What other books had charged by the day before these begin: straight line by months begun."""
    as_of = shop.books_start - timedelta(days=1)
    before = year_start(shop, as_of) - timedelta(days=1)
    by_now, by_then = (depreciable * min(months_until(start, day), life) // life for day in (as_of, before))
    return {
        "opening_as_of": as_of.isoformat(),
        "opening_accumulated": money(shop, by_now),
        "opening_current_year": money(shop, by_now - by_then),
    }


@dataclass
class Draft:
    """An asset before it is a line; cost in minor units, the residual in percent of what may be depreciated."""

    name: str
    type: Class
    start: date
    cost: int
    life: int
    residual_percent: int = 0
    cost_limit: int | None = None
    status: str = "registered"
    own: Row = field(default_factory=dict)


def line(shop: Shop, draft: Draft, external_id: str) -> Row:
    ceiling = draft.cost if draft.cost_limit is None else min(draft.cost, draft.cost_limit)
    residual = ceiling * draft.residual_percent // 100
    row = {
        "business": shop.key, "external_id": external_id, "name": draft.name, "asset_type": draft.type.name,
        "status": draft.status, "purchase_date": draft.start.isoformat(),
        "depreciation_start_date": draft.start.isoformat(), "cost": money(shop, draft.cost),
        "residual_value": money(shop, residual) if residual else "", "currency": shop.currency,
        "cost_limit": "" if draft.cost_limit is None else money(shop, draft.cost_limit),
    }  # fmt: skip
    if draft.type.name == "Land":
        row["depreciation_start_date"] = ""
    elif draft.start < shop.books_start and draft.status != "draft":
        row |= opening(shop, draft.start, ceiling - residual, draft.life)
    return row | draft.own


def bulk(shop: Shop, rng: Random, count: int) -> Iterator[Draft]:
    """Ordinary assets, by the weights of their classes; a third of some classes has settings of its own."""
    wheel = [kind for kind in CLASSES for _ in range(kind.weight)]
    for _ in range(count):
        kind = pick(rng, wheel)
        own, life = {}, kind.life
        variants = [(settings, months) for name, settings, months in VARIANTS if name == kind.name]
        if variants and rng.random() < 0.35:
            settings, life = pick(rng, variants)
            own = dict(settings)
        yield dressed(shop, rng, Draft(thing(shop, rng, kind), kind, a_day(rng, shop, kind), 0, life, own=own))


def dressed(shop: Shop, rng: Random, draft: Draft) -> Draft:
    """The draft with a price, and sometimes a residual, a car limit, a serial number or another status."""
    unit = 10**shop.decimals
    low, high = draft.type.prices
    whole = between(rng, low, high) * shop.scale
    # prices end in .00 or .95 or whatever a discount made of them; yen have no cents to end in
    draft.cost = whole * unit + (pick(rng, (0, 0, 0, unit * 95 // 100, between(rng, 0, unit - 1))) if unit > 1 else 0)
    if draft.type.name == "Vehicles":
        draft.residual_percent = pick(rng, (0, 10, 15, 20))
        if shop.car_limit is not None and whole > shop.car_limit:
            draft.cost_limit = shop.car_limit * unit
    chance = rng.random()
    if chance < 0.03:
        draft.status = "draft"
    elif chance < 0.06 and draft.start < shop.books_start:
        draft.status = "disposed"
    if draft.type.name in ("Computers", "Machines") and rng.random() < 0.6:
        draft.own["serial_number"] = f"{pick(rng, 'CDFGHKMX')}{between(rng, 100000, 999999)}{pick(rng, 'ABEPRT')}"
    if draft.type.name == "Computers" and rng.random() < 0.3:
        draft.own["warranty_expiry_date"] = (draft.start + timedelta(days=3 * 365)).isoformat()
    return draft


def thing(shop: Shop, rng: Random, kind: Class) -> str:
    what = pick(rng, kind.things or shop.machines)
    whose = pick(rng, PEOPLE) if kind.name == "Computers" and rng.random() < 0.6 else pick(rng, shop.places)
    return f"{what[0].upper()}{what[1:]}, {whose}"


def a_day(rng: Random, shop: Shop, kind: Class) -> date:
    """A start within the last years, one in twelve within the months the demo closes."""
    if kind.name == "Small items":
        return date(2026, pick(rng, (8, 9, 10)), between(rng, 1, 28))  # they are gone on their first day
    if rng.random() < 1 / 12:
        return shop.books_start + timedelta(days=between(rng, 0, 91))
    back = min(kind.life or 120, 130)
    year, month = divmod(2026 * 12 + 6 - between(rng, 0, back), 12)
    day = pick(rng, (1, 1, 15, between(rng, 1, 28), 31))
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def awkward(shop: Shop) -> Iterator[Draft]:
    """What every business has one of: the cases where two systems usually disagree."""
    unit = 10**shop.decimals * shop.scale
    days = _settings("straight_line", "48", averaging="actual_days")
    place = shop.places[0]

    def draft(name: str, kind: str, start: date, euros: int, life: int, own: Row | None = None) -> Draft:
        return Draft(f"{name}, {place}", BY_NAME[kind], start, euros * unit, life, own=dict(own or {}))

    yield draft("Leap-day copier", "Machines", date(2024, 2, 29), 4800, 48, days)
    yield draft("Leap-day racking", "Furniture", date(2020, 2, 29), 8400, 84)
    yield draft("Year-end server", "Computers", date(2025, 12, 31), 3599, 36)
    yield draft("Month-end tablets", "Computers", date(2026, 1, 31), 1999, 48, days)
    yield draft("Old delivery cart", "Vehicles", date(2015, 5, 4), 5200, 60)
    yield draft("Worn-out workstation", "Computers", date(2019, 10, 31), 2800, 36)
    yield draft("Last-month laptop", "Computers", date(2023, 10, 1), 2399, 36)
    yield draft("Mid-month end of a till system", "Machines", date(2022, 9, 15), 3300, 48, days)
    yield draft("Lease ending in October", "Leases", date(2022, 11, 1), 48000, 48)
    yield draft("Donated bookcase", "Furniture", date(2024, 6, 10), 0, 84)
    yield draft("New van, mid-August", "Vehicles", date(2026, 8, 17), 31000, 60)
    yield draft("New machine, September", "Machines", date(2026, 9, 10), 18500, 96)
    yield draft("New phones, end of October", "Computers", date(2026, 10, 31), 2650, 48, days)
    yield draft("Ordered for January", "Machines", date(2027, 1, 4), 27500, 96)
    yield draft("Ordered for next summer", "Vehicles", date(2027, 6, 30), 42000, 60)
    yield draft("Fire blankets, written off at once", "Small items", date(2026, 9, 5), 240, 1)
    boxed = draft("Display cabinet, still in its box", "Furniture", date(2026, 9, 1), 1150, 84)
    boxed.status = "draft"
    yield boxed
    limited = draft("Director's car above the limit", "Vehicles", date(2025, 3, 31), 78000, 60)
    limited.cost_limit, limited.residual_percent = 55000 * unit, 12
    yield limited


def uncommon(shop: Shop) -> Iterator[Draft]:
    """What every business has one of: methods, averaging rules and roundings that its types do not have."""
    for name, kind, start, euros, residual_percent, own in UNCOMMON:
        full_name = f"{name.format(*shop.machines)}, {shop.places[-1]}"
        cost, life = euros * 10**shop.decimals * shop.scale, int(own.get("life_months") or 36)
        yield Draft(full_name, BY_NAME[kind], start, cost, life, residual_percent, own=own)


SEED_002: Row = {
    "business": "portland-coffee", "external_id": "seed-002", "name": "Espresso roaster", "kind": "EQUIPMENT",
    "status": "registered", "purchase_date": "2026-08-01", "depreciation_start_date": "2026-08-01", "cost": "40000.00",
    "currency": "USD", "method": "straight_line", "life_months": "60", "averaging": "full_month",
    "ledger_account": "EQUIPMENT", "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
    "depreciation_expense_account": "DEPRECIATION", "description": "40,000.00 over 60 months: 666.67 in the first",
}  # fmt: skip
BLOCKED: Row = {
    "business": "lisbon-studio", "external_id": "lis-lighting-rig", "name": "Overhead lighting rig, stage A",
    "kind": "EQUIPMENT", "status": "registered", "purchase_date": "2026-08-01",
    "depreciation_start_date": "2026-08-01", "cost": "27000.00", "currency": "EUR", "method": "straight_line",
    "life_months": "90", "averaging": "full_month", "ledger_account": "LIGHTING_RIG",
    "depreciation_expense_account": "DEPRECIATION",
    "description": "Without an accumulated depreciation account no month of this business closes",
}  # fmt: skip
MENDED = BLOCKED | {"accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_LIGHTING_RIG", "description": ""}
ACCOUNTS = (
    ("lisbon-studio", "1590", "LIGHTING_RIG", "Lighting Rig", "asset"),
    ("lisbon-studio", "1690", "ACCUMULATED_DEPRECIATION_LIGHTING_RIG", "Accumulated Depreciation: Lighting Rig",
     "asset"),
    ("amsterdam-bakery", "1525", "OVENS", "Ovens", "asset"),
    ("amsterdam-bakery", "1625", "ACCUMULATED_DEPRECIATION_OVENS", "Accumulated Depreciation: Ovens", "asset"),
)  # fmt: skip


def asset_rows() -> list[Row]:
    rows = []
    for shop in SHOPS:
        rng = Random(f"bookvalue sample {shop.key}")
        drafts = [*awkward(shop), *bulk(shop, rng, ASSETS_EACH - AWKWARD - len(UNCOMMON)), *uncommon(shop)]
        prefix = "".join(word[:3] for word in shop.key.split("-"))
        mine = [line(shop, draft, f"{prefix}-{place:04d}") for place, draft in enumerate(drafts, 1)]
        for place, row in enumerate(mine, 1):
            if shop.key == "kuwait-logistics":  # keeps the numbers of the books it came from
                row["number"] = f"GCL-{place:04d}"
            if " deck oven" in row["name"] and row["business"] == "amsterdam-bakery":
                row["ledger_account"] = "OVENS"
                row["accumulated_depreciation_account"] = "ACCUMULATED_DEPRECIATION_OVENS"
        rows += mine
        rows += [extra for extra in (SEED_002, BLOCKED) if extra["business"] == shop.key]
    return rows


def business_rows() -> Iterator[Row]:
    for shop in SHOPS:
        yield {
            "business": shop.key, "name": shop.name, "currency": shop.currency, "time_zone": shop.zone,
            "fiscal_year_start": shop.fiscal, "books_start": shop.books_start.isoformat(),
            "accounting_basis": "accrual", "number_prefix": "FA-", "auto": "close", "close_after_days": "0",
            "close_at": "00:00", "grain": "asset" if shop.key == "portland-coffee" else "account",
        }  # fmt: skip


def type_rows() -> Iterator[Row]:
    for shop in SHOPS:
        for kind in CLASSES:
            yield {
                "business": shop.key, "name": kind.name, "kind": kind.kind, "ledger_account": kind.account,
                "accumulated_depreciation_account": f"ACCUMULATED_DEPRECIATION_{kind.account}" * kind.accumulated,
                "depreciation_expense_account": kind.expense * kind.accumulated, **kind.settings,
            }  # fmt: skip


def text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def contents() -> dict[str, str]:
    """File name -> text, of the whole sample."""
    businesses, types = list(business_rows()), list(type_rows())
    account_columns = ("business", "code", "stable_name", "name", "type")
    accounts = [dict(zip(account_columns, account, strict=True)) for account in ACCOUNTS]
    return {
        "businesses.csv": text(list(businesses[0]), businesses),
        "accounts.csv": text(account_columns, accounts),
        "asset_types.csv": text(list(types[0]), types),
        "assets.csv": text(COLUMNS, asset_rows()),
        "mend.csv": text(COLUMNS, [MENDED]),
    }


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in contents().items():
        (TARGET / name).write_bytes(content.encode())


if __name__ == "__main__":
    main()
