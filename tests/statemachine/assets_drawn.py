"""Assets and days as a machine draws them: valid, varied, and short-lived enough to end within an example."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from .recorded import DEPRECIATION, NO_TAGS, Accounts, Tags

ACCOUNTS = (Accounts("1510", "1610", "6500"), Accounts("1520", "1620", "6510"))
COUNTERS = {
    DEPRECIATION: ("6500", "6510"),
    "IMPAIRMENT": ("6520",),
    "REVALUATION_DOWN": ("3100", "6520"),
    "IMPROVEMENT": ("1010", "2000"),
    "REVALUATION_UP": ("3100",),
}
"""Kind of value update -> the accounts that it is recorded against."""
AVERAGINGS = ("full_month", "following_month", "half_month", "mid_month", "half_year", "mid_quarter", "actual_days",
              "days_360", "partial_month_by_days", "full_year")  # fmt: skip
BY_LIFE = ("straight_line", "declining_balance", "fixed_rate_declining", "sum_of_years_digits")
METHODS = ("straight_line", "straight_line", "declining_balance", "declining_balance", "fixed_rate_declining",
           "sum_of_years_digits", "full", "none", "manual", "units_of_production")  # fmt: skip
TAGS: tuple[Tags, ...] = (
    NO_TAGS, NO_TAGS, frozenset(("site=lisbon",)), frozenset(("site=porto",)), frozenset(("site=porto", "team=red"))
)  # fmt: skip
UNITS = st.sampled_from(("0", "3", "12.5", "70"))


@st.composite
def settings_drawn(draw: st.DrawFn) -> dict[str, Any]:
    """Depreciation settings that go together (SEMANTICS section 2)."""
    method = draw(st.sampled_from(METHODS))
    settings: dict[str, Any] = {"method": method}
    if method not in BY_LIFE:
        return settings
    settings["averaging"] = draw(st.sampled_from(AVERAGINGS))
    settings["rounding"] = draw(st.sampled_from(("cumulative", "cumulative", "per_period", "fiscal_year")))
    by_rate = method in ("straight_line", "declining_balance") and draw(st.integers(0, 4)) == 4
    if by_rate:
        settings["rate_percent"] = draw(st.sampled_from(("20", "33.33", "50", "120")))
    else:
        settings["life_months"] = draw(st.sampled_from((1, 3, 7, 12, 18, 24, 36)))
    if settings["averaging"] == "actual_days":
        settings["day_basis"] = draw(st.sampled_from(("365", "actual", "360")))
    if method == "declining_balance":
        settings["declining_base"] = draw(st.sampled_from(("gross", "net_of_residual")))
    if method == "declining_balance" and not by_rate:
        settings["switch_to_straight_line"] = draw(st.booleans())
    if method in ("declining_balance", "fixed_rate_declining"):
        settings["declining_within_year"] = draw(st.sampled_from(("even", "compound")))
    if method in ("declining_balance", "fixed_rate_declining") and not by_rate:
        settings["end_of_life"] = draw(st.sampled_from(("leave", "true_up")))
    settings["change_policy"] = draw(st.sampled_from(("remaining_life", "remaining_life", "current_period")))
    return settings


@st.composite
def spec_drawn(draw: st.DrawFn, books_start: date, today: date, fiscal_year_start: str) -> dict[str, Any]:
    """An asset in the schedule format, without facts: begun in these books, or before them with an opening balance."""
    settings = draw(settings_drawn())
    cost = draw(st.sampled_from((120_000, 1, 999, 1_000_000, 3_333_333)))
    residual = draw(st.sampled_from((0, 0, 0, cost // 10, cost // 3)))
    if settings["method"] == "fixed_rate_declining":
        cost = max(cost, 999)
        residual = cost // 10
    spec: dict[str, Any] = {
        "cost": cost,
        "cost_limit": None,
        "residual_value": residual,
        "fiscal_year_start": fiscal_year_start,
        "settings": settings,
    }
    if settings["method"] != "fixed_rate_declining" and draw(st.integers(0, 7)) == 7:
        spec["cost_limit"] = max(residual, cost * 3 // 4)
    if settings["method"] == "units_of_production":
        spec["units"] = {"total": "100"}
    begun_before = draw(st.integers(0, 4)) == 4
    if begun_before and settings["method"] not in ("none", "full", "manual", "units_of_production"):
        start = books_start - timedelta(days=draw(st.integers(1, 400)))
        room = (spec["cost_limit"] or cost) - residual
        accumulated = draw(st.sampled_from((0, room // 4, room // 2)))
        spec["opening"] = {"as_of": str(books_start - timedelta(days=1)), "accumulated": accumulated,
                           "current_year": draw(st.sampled_from((0, accumulated)))}  # fmt: skip
    else:
        start = draw(st.dates(books_start, max(books_start, today + timedelta(days=5))))
    return spec | {"depreciation_start_date": str(start)}


def as_raw(spec: dict[str, Any], external_id: str, name: str, accounts: Accounts, **more: Any) -> dict[str, Any]:
    """The asset as the API takes it."""
    return {
        "external_id": external_id,
        "name": name,
        "asset_type": "EQUIPMENT",
        "original_value": spec["cost"],
        "salvage_value": spec["residual_value"],
        "cost_limit": spec["cost_limit"],
        "units_total": spec.get("units", {}).get("total"),
        "purchase_date": spec.get("purchase_date"),
        "depreciation_start_date": spec["depreciation_start_date"],
        "depreciation": spec["settings"],
        "opening": spec.get("opening"),
        "ledger_account": accounts.asset,
        "accumulated_depreciation_account": accounts.accumulated,
        "depreciation_expense_account": accounts.expense,
        **more,
    }


def as_file(raw: dict[str, Any], business: str) -> bytes:
    """The same as a line of an asset file, in a currency of two decimals."""

    def major(amount: int | None) -> str | None:
        return None if amount is None else f"{amount // 100}.{amount % 100:02d}"

    opening = raw["opening"] or {}
    cells = {
        "business": business,
        "kind": raw["asset_type"],
        "cost": major(raw["original_value"]),
        "residual_value": major(raw["salvage_value"]),
        "cost_limit": major(raw["cost_limit"]),
        "opening_as_of": opening.get("as_of"),
        "opening_accumulated": major(opening.get("accumulated")),
        "opening_current_year": major(opening.get("current_year")),
        **{name: raw[name] for name in _SAME_COLUMN},
        "status": raw.get("status"),
        **raw["depreciation"],
    }
    given = {name: str(value) for name, value in cells.items() if value is not None}
    return f"{','.join(given)}\n{','.join(given.values())}\n".encode()


def as_tags(tags: Tags) -> list[dict[str, str]]:
    """Tags as the API takes them."""
    return [dict(zip(("key", "value"), one.split("="), strict=True)) for one in sorted(tags)]


_SAME_COLUMN = ("external_id", "name", "units_total", "purchase_date", "depreciation_start_date", "ledger_account",
                "accumulated_depreciation_account", "depreciation_expense_account")  # fmt: skip


@st.composite
def fact_drawn(draw: st.DrawFn, spec: dict[str, Any], day: date) -> tuple[str, dict[str, Any]]:
    """A fact without an entry that an asset may have, and the list of the schedule format that it belongs in."""
    settings = spec["settings"]
    method, by_life = settings["method"], "life_months" in settings
    if method == "manual":
        return "manual", {"date": str(day), "amount": draw(st.sampled_from((1, 5_000, spec["cost"] // 4 + 1)))}
    if method == "units_of_production" and draw(st.booleans()):
        return "units.used", {"period_end": str(day), "quantity": draw(UNITS)}
    if method in BY_LIFE and draw(st.integers(0, 2)) == 0:
        to = day + timedelta(days=draw(st.sampled_from((0, 10, 31, 75))))
        return "suspensions", {"from": str(day), "to": str(to), "extend_life": True}
    residual = draw(st.sampled_from((0, spec["cost"] // 20, spec["cost"] // 4)))
    changes: list[dict[str, Any]] = [{"residual_value": residual or (1 if method == "fixed_rate_declining" else 0)}]
    if by_life:
        changes.append({"remaining_life_months": draw(st.sampled_from((2, 9, 30)))})
    if by_life and method in ("straight_line", "declining_balance"):
        changes.append({"method": draw(st.sampled_from(("straight_line", "declining_balance")))})
    return "estimate_changes", {"date": str(day)} | draw(st.sampled_from(changes))
