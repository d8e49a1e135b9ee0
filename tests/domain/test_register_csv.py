"""read_register: the four kinds of file, and that bad lines, all of them and only they, have findings."""

import re
import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.domain.asset import DepreciationSettings, Opening
from bookvalue.domain.business import AssetType
from bookvalue.domain.register_columns import (
    FACT_KINDS,
    KINDS,
    FileKind,
    recognise,
)
from bookvalue.domain.register_csv import KnownBusiness, Register, RegisterFile, read_register
from bookvalue.domain.terms import (
    AssetKind,
    AutoClose,
    Averaging,
    ChangePolicy,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    EndOfLife,
    JournalGrain,
    Method,
    Rounding,
    StraightLineBase,
)

Lines = list[dict[str, str]]
Places = set[tuple[str, int | None, str, str | None]]

BAKERY = {"business": "bakery", "name": "Bakery", "currency": "EUR", "time_zone": "Europe/Amsterdam",
          "books_start": "2026-08-01"}  # fmt: skip
VANS = {"business": "bakery", "name": "Vans", "kind": "VEHICLE", "method": "straight_line", "life_months": "60",
        "ledger_account": "VEHICLES"}  # fmt: skip
VAN = {"business": "bakery", "external_id": "van-1", "name": "Ford Transit", "asset_type": "Vans",
       "depreciation_start_date": "2026-08-01", "cost": "40000.00"}  # fmt: skip
OVEN = {"business": "bakery", "external_id": "oven-1", "name": "Miwe", "kind": "EQUIPMENT", "method": "full",
        "depreciation_start_date": "2026-08-01", "cost": "1"}  # fmt: skip
KNOWN = {"bakery": KnownBusiness("EUR", {"Vans": AssetType("bakery", "Vans", AssetKind.VEHICLE)})}


def csv_of(lines: Lines, end: str = "\n") -> bytes:
    columns = list(dict.fromkeys(name for line in lines for name in line))

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text

    rows = [columns, *([line.get(name, "") for name in columns] for line in lines)]
    return "".join(",".join(map(quoted, row)) + end for row in rows).encode()


def read(known: dict[str, KnownBusiness] | None = None, **files: Lines | bytes) -> Register:
    return read_register(
        [RegisterFile(name, lines if isinstance(lines, bytes) else csv_of(lines)) for name, lines in files.items()],
        known,
    )


def places(register: Register) -> Places:
    return {(found.file, found.finding.line, found.finding.code, found.finding.field) for found in register.findings}


def test_the_four_files_in_any_order() -> None:
    accounts = [{"business": "bakery", "code": "1525", "stable_name": "OVENS", "name": "Ovens", "type": "asset"},
                {"business": "bakery", "code": "1526", "stable_name": "", "name": "Tins", "type": "asset"}]  # fmt: skip
    oven = {**OVEN, "ledger_account": "OVENS", "accumulated_depreciation_account": "1526",
            "accumulated_impairment_account": "ACCUMULATED_IMPAIRMENT"}  # fmt: skip
    vans = {**VANS, "accumulated_impairment_account": "1526"}
    register = read(assets=[VAN, oven], types=[vans], accounts=accounts, businesses=[BAKERY])
    assert register.findings == []
    assert [(line.file, line.line, line.business_key) for line in register.assets] == [
        ("assets", 2, "bakery"), ("assets", 3, "bakery")]  # fmt: skip
    van = register.assets[0].value
    assert register.assets[1].value.accumulated_impairment_account == "ACCUMULATED_IMPAIRMENT"
    assert register.asset_types[0].value.accumulated_impairment_account == "1526"
    unknown = read(assets=[{**VAN, "accumulated_impairment_account": "9999"}], types=[VANS], businesses=[BAKERY])
    assert places(unknown) == {("assets", 2, "unknown_account", "accumulated_impairment_account")}
    assert (van.cost_minor, van.kind, van.asset_type) == (4000000, AssetKind.VEHICLE, "Vans")
    assert van.settings == register.asset_types[0].value.settings == DepreciationSettings(Method.STRAIGHT_LINE, 60)
    assert [line.value.references for line in register.accounts] == [("1525", "OVENS"), ("1526",)]
    business = register.businesses[0].value
    assert (business.key, str(business.fiscal_calendar), business.number_prefix) == ("bakery", "01-01", "FA-")


def test_every_column_of_a_business() -> None:
    line = {**BAKERY, "fiscal_year_start": "04-06", "accounting_basis": "cash", "number_prefix": "X", "auto": "post",
            "close_after_days": "5", "close_at": "23:59", "grain": "asset"}  # fmt: skip
    business = read(businesses=[line]).businesses[0].value
    assert (str(business.fiscal_calendar), business.auto, business.close_after_days, business.close_at.isoformat()) == (
        "04-06", AutoClose.POST, 5, "23:59:00")  # fmt: skip
    assert business.grain is JournalGrain.ASSET


SETTINGS = {"method": "declining_balance", "life_months": "84", "declining_factor": "1.5", "rate_places": "3",
            "declining_base": "net_of_residual", "declining_within_year": "compound", "end_of_life": "true_up",
            "switch_to_straight_line": "TRUE", "averaging": "actual_days", "day_basis": "360", "rounding": "per_period",
            "change_policy": "current_period"}  # fmt: skip
DECLINES = DepreciationSettings(
    Method.DECLINING_BALANCE, 84, None, 1_500_000, Averaging.ACTUAL_DAYS, DayBasis.DAYS_360, 9,
    DecliningBase.NET_OF_RESIDUAL, DecliningWithinYear.COMPOUND, EndOfLife.TRUE_UP, True, StraightLineBase.DEPRECIABLE,
    Rounding.PER_PERIOD, ChangePolicy.CURRENT_PERIOD,
)  # fmt: skip


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (SETTINGS, DECLINES),
        ({"switch_to_straight_line": "false"}, replace(DECLINES, switch_to_straight_line=False)),
        ({"method": "fixed_rate_declining", "rate_places": "3", "residual_value": "1"},
         replace(DECLINES, method=Method.FIXED_RATE_DECLINING, declining_factor_micro=2_000_000, rate_places=3)),
        ({"method": "straight_line", "straight_line_base": "cost", "rate_percent": "33.333333333", "day_basis": "365"},
         DepreciationSettings(Method.STRAIGHT_LINE, None, 33_333_333_333, averaging=Averaging.ACTUAL_DAYS,
                              straight_line_base=StraightLineBase.COST, rounding=Rounding.PER_PERIOD,
                              change_policy=ChangePolicy.CURRENT_PERIOD)),
        ({"profile": "irs_macrs_mid_month", "life_months": "468", "rounding": "fiscal_year"},
         DepreciationSettings(Method.STRAIGHT_LINE, 468, averaging=Averaging.MID_MONTH, rounding=Rounding.FISCAL_YEAR,
                              change_policy=ChangePolicy.CURRENT_PERIOD)),
    ],
)  # fmt: skip
def test_every_setting_has_a_column_and_an_asset_lays_its_own_over_its_types(
    own: dict[str, str], expected: DepreciationSettings
) -> None:
    types = [{**VANS, **SETTINGS}]
    register = read(businesses=[BAKERY], types=types, assets=[VAN, {**VAN, **own, "external_id": "own"}])
    assert register.findings == []
    assert register.asset_types[0].value.settings == DECLINES
    assert [line.value.settings for line in register.assets] == [DECLINES, expected]


def test_amounts_are_in_the_business_currency() -> None:
    register = read(
        {"jp": KnownBusiness("JPY"), "kw": KnownBusiness("KWD")},
        assets=[
            {**OVEN, "business": "jp", "cost": "40000", "opening_as_of": "2026-08-31", "opening_accumulated": "7",
             "opening_current_year": "3"},
            {**OVEN, "business": "kw", "cost": "40000.001", "cost_limit": "0.5", "residual_value": "0.250"},
            {**OVEN, "business": "jp", "cost": "40000.5", "external_id": "x"},
        ],
    )  # fmt: skip
    yen, dinar = (line.value for line in register.assets)
    assert yen.cost_minor == 40000
    assert yen.opening is not None
    assert (yen.opening.accumulated_minor, yen.opening.current_year_minor) == (7, 3)
    assert (dinar.cost_minor, dinar.cost_limit_minor, dinar.residual_minor) == (40000001, 500, 250)
    assert places(register) == {("assets", 4, "too_many_decimals", "cost")}
    assert isinstance(yen.opening, Opening)


@pytest.mark.parametrize(
    ("base", "changes", "expected"),
    [
        (VAN, {"cost": "40.000,00"}, {("not_an_amount", "cost")}),
        (VAN, {"cost": "-1"}, {("amount_negative", "cost")}),
        (VAN, {"cost": "1e5"}, {("not_an_amount", "cost")}),
        (VAN, {"cost": "9" * 40}, {("amount_out_of_range", "cost")}),
        (VAN, {"cost": ""}, {("required", "cost")}),
        (VAN, {"cost": "x", "residual_value": "y"}, {("not_an_amount", "cost"), ("not_an_amount", "residual_value")}),
        (VAN, {"residual_value": "40000.01"}, {("residual_above_cost", "residual_value")}),
        (VAN, {"name": "\0"}, {("text_not_allowed", "name")}),
        (VAN, {"kind": "BOAT"}, {("not_one_of", "kind")}),
        (VAN, {"asset_type": "Boats"}, {("unknown_asset_type", "asset_type")}),
        (VAN, {"asset_type": ""}, {("required", "kind"), ("required", "method")}),
        (VAN, {"currency": "USD"}, {("currency_mismatch", "currency")}),
        (VAN, {"life_months": "5.0"}, {("not_an_integer", "life_months")}),
        (VAN, {"life_months": "12", "rate_percent": "20"}, {("life_and_rate", "life_months")}),
        (VAN, {"rate_percent": "20%"}, {("not_a_decimal", "rate_percent")}),
        (VAN, {"rate_percent": "33.3333333333"}, {("too_many_decimals", "rate_percent")}),
        (VAN, {"profile": "xero"}, {("unknown_profile", "profile")}),
        (VAN, {"rate_places": "10"}, {("rate_places_out_of_range", "rate_places")}),
        (VAN, {"rate_places": "three"}, {("not_an_integer", "rate_places")}),
        (VAN, {"switch_to_straight_line": "yes"}, {("not_a_boolean", "switch_to_straight_line")}),
        (VAN, {"day_basis": "364"}, {("not_one_of", "day_basis")}),
        (VAN, {"rounding": "none", "end_of_life": "x", "change_policy": "y"},
         {("not_one_of", "rounding"), ("not_one_of", "end_of_life"), ("not_one_of", "change_policy")}),
        (VAN, {"method": "declining_balance", "rate_percent": "20", "end_of_life": "true_up"},
         {("setting_needs_life", "end_of_life")}),
        (VAN, {"method": "fixed_rate_declining"}, {("residual_missing", "residual_value")}),
        (VANS, {"declining_base": "net", "straight_line_base": "x", "declining_within_year": "odd"},
         {("not_one_of", "declining_base"), ("not_one_of", "straight_line_base"),
          ("not_one_of", "declining_within_year")}),
        (VANS, {"profile": "irs_macrs_half_year", "method": "", "life_months": "", "rate_percent": "20"},
         {("setting_needs_life", "switch_to_straight_line")}),
        (VAN, {"opening_as_of": "2026-07-31"}, {("opening_incomplete", "opening_accumulated")}),
        (VAN, {"ledger_account": "CARS"}, {("unknown_account", "ledger_account")}),
        (VAN, {"business": "bäckerei"}, {("unknown_business", "business")}),
        (VAN, {"business": ""}, {("required", "business")}),
        (VANS, {"kind": "x", "life_months": "0"}, {("not_one_of", "kind"), ("life_out_of_range", "life_months")}),
        (VANS, {"method": ""}, {("required", "method")}),
        (VANS, {"name": ""}, {("required", "name")}),
        (VANS, {"business": ""}, {("required", "business")}),
        (VANS, {"ledger_account": "CARS"}, {("unknown_account", "ledger_account")}),
        (BAKERY, {"business": ""}, {("required", "business")}),
        (BAKERY, {"business": "a b"}, {("not_a_key", "business")}),
        (BAKERY, {"time_zone": "Mars/Olympus"}, {("unknown_time_zone", "time_zone")}),
        (BAKERY, {"time_zone": "Europe"}, {("unknown_time_zone", "time_zone")}),
        (BAKERY, {"time_zone": "../etc/passwd"}, {("unknown_time_zone", "time_zone")}),
        (BAKERY, {"currency": "XXX"}, {("unknown_currency", "currency")}),
        (BAKERY, {"fiscal_year_start": "02-29"}, {("not_a_fiscal_year_start", "fiscal_year_start")}),
        (BAKERY, {"close_after_days": "-1"}, {("out_of_range", "close_after_days")}),
        (BAKERY, {"close_after_days": "soon"}, {("not_an_integer", "close_after_days")}),
        (BAKERY, {"close_at": "24:00", "grain": "x"}, {("not_a_time", "close_at"), ("not_one_of", "grain")}),
    ],
)  # fmt: skip
def test_a_bad_line_names_its_columns_and_spares_the_others(
    base: dict[str, str], changes: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    files: dict[str, Lines] = {
        "businesses": [BAKERY, {**BAKERY, "business": "other"}],
        "types": [VANS, {**VANS, "business": "other"}],
        "assets": [VAN, {**VAN, "business": "other"}],
    }
    kind = {id(BAKERY): "businesses", id(VANS): "types", id(VAN): "assets"}[id(base)]
    key = {"businesses": "business", "types": "name", "assets": "external_id"}[kind]
    bad = {**base, key: "new", **changes}
    files[kind].insert(1, bad)
    register = read(None, **files)
    assert places(register) == {(kind, 3, code, column) for code, column in expected}
    for found in register.findings:
        assert found.finding.value == (bad.get(found.finding.field or "") or None if "\0" not in bad["name"] else
                                       "\\u0000")  # fmt: skip
        assert found.as_dict()["file"] == kind


def test_account_lines() -> None:
    good = {"business": "bakery", "code": "1", "stable_name": "A", "name": "Ovens", "type": "asset"}
    lines = [
        good,
        {**good, "stable_name": "B", "name": ""},
        {**good, "code": "2"},
        {**good, "code": "", "stable_name": "C"},
        {**good, "code": "3", "stable_name": "D", "business": "none"},
        {**good, "code": "4", "stable_name": "E", "type": "contra"},
    ]
    register = read(businesses=[BAKERY], accounts=lines, assets=[{**OVEN, "ledger_account": "E"}])
    assert places(register) == {
        ("accounts", 3, "duplicate", "code"), ("accounts", 3, "required", "name"),
        ("accounts", 4, "duplicate", "stable_name"), ("accounts", 5, "required", "code"),
        ("accounts", 6, "unknown_business", "business"), ("accounts", 7, "not_one_of", "type"),
    }  # fmt: skip


def test_a_line_is_not_blamed_for_the_line_it_refers_to() -> None:
    businesses = [{**BAKERY, "time_zone": "x", "currency": "y"}, {**BAKERY, "business": "two", "books_start": ""}]
    types = [{**VANS, "kind": "x"}, {**VANS, "business": "two", "method": "x"}]
    assets = [{**VAN, "cost": "1.0001", "currency": "y"}, {**VAN, "business": "two", "depreciation_start_date": ""}]
    register = read(businesses=businesses, types=types, assets=assets)
    assert {(file, line) for file, line, _, _ in places(register)} == {
        ("businesses", 2), ("businesses", 3), ("types", 2), ("types", 3)}  # fmt: skip
    assert len(register.assets) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"businesses": b"\xff\xfeb\x00u\x00"},
        {"businesses": b"business,name\nbakery,Bakery\n"},
        {"businesses": csv_of([BAKERY]).replace(b"EUR,", b"")},
        {"businesses": csv_of([{**BAKERY, "business": ""}])},
        {"businesses": [BAKERY], "types": csv_of([VANS]).replace(b"VEHICLE,", b"")},
        {"businesses": [BAKERY], "types": [{**VANS, "name": ""}]},
        {"businesses": [BAKERY], "types": [VANS], "accounts": b"business,code,name,type,business\na,CARS,c,d,e\n"},
    ],
)
def test_a_reference_into_what_could_not_be_read_is_not_judged(broken: dict[str, Any]) -> None:
    register = read(**broken, assets=[{**VAN, "ledger_account": "CARS" if "accounts" in broken else ""}])
    assert register.findings
    assert "assets" not in {found.file for found in register.findings}
    assert len(register.assets) == 1


def test_what_hangs_on_the_method_of_a_type_that_could_not_be_read_is_not_judged() -> None:
    own, undated = {"rate_percent": "20", "end_of_life": "true_up"}, {"depreciation_start_date": ""}
    judged = [{**own, "method": "declining_balance"}, {**undated, "profile": "layer"}]
    lines = [{**VAN, **line, "external_id": str(at)} for at, line in enumerate([own, undated, *judged])]
    register = read(businesses=[BAKERY], types=[{**VANS, "kind": "x"}], assets=lines)
    assert places(register) == {
        ("types", 2, "not_one_of", "kind"),
        ("assets", 4, "setting_needs_life", "end_of_life"), ("assets", 5, "start_missing", "depreciation_start_date"),
    }  # fmt: skip


def test_only_what_may_stand_on_an_unreadable_line_is_let_pass() -> None:
    types = csv_of([VANS, {**VANS, "name": "Cars"}]).replace(b"Cars,VEHICLE,", b"Cars,")
    register = read(KNOWN, types=types, assets=[{**VAN, "asset_type": name} for name in ("Cars", "Boats")])
    assert places(register) == {
        ("types", 3, "line_malformed", None), ("assets", 3, "unknown_asset_type", "asset_type"),
        ("assets", 3, "duplicate", "external_id"),
    }  # fmt: skip


def test_known_businesses_types_and_accounts() -> None:
    known = {
        "bakery": KnownBusiness("EUR", {"Vans": AssetType("bakery", "Vans", AssetKind.VEHICLE)}, {"1510", "VANS"}),
        "other": KnownBusiness("EUR"),
    }
    own = {"method": "straight_line", "life_months": "12"}
    register = read(
        known,
        assets=[
            {**VAN, **own, "ledger_account": "VANS"},
            {**VAN, **own, "external_id": "2", "ledger_account": "VEHICLES"},
            {**OVEN, "business": "other", "ledger_account": "ANY"},
        ],
    )
    assert places(register) == {("assets", 3, "unknown_account", "ledger_account")}


def test_a_type_may_have_no_settings_of_its_own() -> None:
    bare = {"business": "bakery", "name": "Vans", "kind": "VEHICLE"}
    register = read(businesses=[BAKERY], types=[bare], assets=[VAN])
    assert register.asset_types[0].value.settings is None
    assert places(register) == {("assets", 2, "required", "method")}


def test_what_comes_twice() -> None:
    lines = [VAN, {**VAN, "number": "1"}, {**OVEN, "number": "1"}, {**OVEN, "business": "two", "number": "1"}]
    businesses = [BAKERY, {**BAKERY, "business": "two"}, {**BAKERY, "currency": "JPY"}]
    register = read(businesses=businesses, types=[VANS, VANS], assets=lines, more=[{**VAN, "business": "two"}])
    assert places(register) == {
        ("businesses", 4, "duplicate", "business"), ("types", 3, "duplicate", "name"),
        ("assets", 3, "duplicate", "external_id"), ("assets", 4, "duplicate_number", "number"),
        ("more", 2, "unknown_asset_type", "asset_type"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {("columns_not_recognised", None)}),
        ("\n \n", {("columns_not_recognised", None)}),
        ("a,b\n1,2\n3", {("columns_not_recognised", None)}),
        ("business,name\n", {("columns_not_recognised", None)}),
        ("business;external_id;cost\n1;2;3\n", {("columns_not_recognised", None)}),
        ('"business', {("line_malformed", None)}),
        ("business,external_id,name\na,b,c\n", {("required", "cost")}),
        ("business,external_id,name,cost,cost\na,b,c,1\n", {("duplicate", "cost"), ("line_malformed", None)}),
        ("business,external_id,name,costs,kind,method\n", {("required", "cost"), ("unknown_field", "costs")}),
    ],
)
def test_headers(header: str, expected: set[tuple[str, str | None]]) -> None:
    assert {(code, column) for _, _, code, column in places(read(KNOWN, file=header.encode()))} == expected


def test_an_unknown_column_costs_its_header_a_finding_and_no_line() -> None:
    register = read(KNOWN, assets=[{**OVEN, "colour": "a"}])
    assert places(register) == {("assets", 1, "unknown_field", "colour")}
    assert len(register.assets) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_recognised_whole_and_at_its_least(kind: FileKind) -> None:
    assert recognise(list(kind.columns)) is kind
    assert recognise(kind.required) is kind
    for missing in kind.required:
        assert recognise([name for name in kind.columns if name != missing]) is kind


HEADER = ",".join(OVEN)


def assets_of(text: str | bytes) -> Register:
    body = text if isinstance(text, bytes) else text.encode()
    return read(KNOWN, f=HEADER.encode() + b"\n" + body)


def good(external_id: str, name: str = "Miwe") -> str:
    return f"bakery,{external_id},{name},EQUIPMENT,full,2026-08-01,1"


def test_bom_crlf_blank_lines_and_quoted_newlines_keep_line_numbers() -> None:
    text = "\ufeff\r\n" + HEADER + "\r\n" + good("a", '"two\r\nlines, ""quoted"""') + "\r\n\r\n  \r\n" + good("b", "")
    register = read(KNOWN, f=text.encode())
    assert places(register) == {("f", 7, "required", "name")}
    assert [(line.line, line.value.name) for line in register.assets] == [(3, 'two\r\nlines, "quoted"')]


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        ([good("a"), good("b", '"Miwe'), good("c"), good("d", '"quoted"'), good("e") + ",1"], {3, 6}),
        ([good("a", '5" lamp'), good("b")], {2}),
        ([good("a", '"lamp" 5'), good("b")], {2}),
        ([good("a", '"two'), good("b"), good("c", 'lines"'), good("d")], {2, 4}),
        ([good("a", '"two'), 'lines",EQUIPMENT,full', good("b")], {2}),  # a record of two lines that is too short
        ([good("a", '"x'), 'y",z', good("b", "")], {2, 4}),
        ([good("a") + ',"', good("b") + ',"', good("c")], {2, 3}),
        ([good("a", "x\ry"), good("b")], {2}),
        ([good("a") + ",", good("b")], {2}),
        (["bakery", good("b")], {2}),
        ([",,,,,,", good("b")], {2}),
        ([good("a", '"Miwe"""'), good("b", '"Mi""we""')], {3}),
    ],
)
def test_lines_that_are_no_csv(body: list[str], bad: set[int]) -> None:
    register = assets_of("\n".join(body))
    assert {found.finding.line for found in register.findings} == bad


def test_bytes_that_are_no_utf8_cost_their_own_line() -> None:
    register = assets_of(b"\n".join([good("a").encode(), good("b", "Caf\xe9").encode("latin-1"), good("c").encode()]))
    assert places(register) == {("f", 3, "not_utf8", None)}
    assert [line.line for line in register.assets] == [2, 4]


def test_twenty_broken_lines_among_many_are_exactly_those_reported() -> None:
    rng = Random(7)
    lines = [good(f"id-{place}", rng.choice(["Miwe", '"Miwe, big"'])) for place in range(500)]
    breaks = [
        lambda line: line.replace(",1", ",one", 1) if line.endswith(",1") else line,
        lambda line: line[:-1] + "1.001", lambda line: line[:-1] + "-1", lambda line: line + ",,",
        lambda line: line.replace("full", "fool"), lambda line: line.replace("2026-08-01", "01/08/2026"),
        lambda line: line.replace("bakery", "baker"), lambda line: '"' + line,
        lambda line: line.replace("EQUIPMENT", ""), lambda line: line.rpartition(",")[0],
    ]  # fmt: skip
    broken = rng.sample(range(500), 20)
    for turn, place in enumerate(broken):
        lines[place] = breaks[1 + turn % 9](lines[place])
    register = assets_of("\n".join(lines))
    assert {found.finding.line for found in register.findings} == {place + 2 for place in broken}
    assert len(register.assets) == 480


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=3))
def test_any_bytes_give_findings(contents: list[bytes]) -> None:
    register = read_register([RegisterFile("f", content) for content in contents], KNOWN)
    assert len({id(found) for found in register.findings}) >= (1 if contents else 0)


cells = st.sampled_from(
    ["", "bakery", '"', '""', '"a\nb"', "full", "straight_line", "60", "1.5", "-1", "2026-08-01", "é", "\0", "\r"]
) | st.text(max_size=5)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(KINDS), st.data(), st.integers(0, 6), st.binary(max_size=3)
)  # fmt: skip
def test_any_lines_under_a_known_header_never_raise(kind: Any, data: Any, count: int, tail: bytes) -> None:
    width = len(kind.columns)
    rows = [",".join(data.draw(st.lists(cells, min_size=width - 1, max_size=width))) for _ in range(count)]
    content = "\n".join([",".join(kind.columns), *rows]).encode("utf-8", "surrogatepass") + tail
    register = read_register([RegisterFile("f", content), RegisterFile("b", csv_of([BAKERY]))])
    for found in register.findings:
        str(found.as_dict()).encode()
        assert found.finding.line is not None


def test_ten_thousand_lines_take_no_time_to_speak_of() -> None:
    content = csv_of([{**VAN, "name": "Ford, Transit", "residual_value": "100.50", "currency": "EUR"}])
    header, line, _ = content.split(b"\n")
    lines = [line.replace(b"van-1", b"van-%d" % place) for place in range(10_000)]
    began = time.process_time()
    register = read(types=[VANS], businesses=[BAKERY], assets=b"\n".join([header, *lines]))
    assert time.process_time() - began < 2.5  # a tenth of the lines; 0.4 s where nothing measures coverage
    assert len(register.assets) == 10_000


def test_many_open_quotes_do_not_take_quadratic_time() -> None:
    began = time.process_time()
    register = assets_of("\n".join([good("a", '"x')] * 2_001))
    assert time.process_time() - began < 2
    assert register.findings


DOCUMENT = Path(__file__).parents[2] / "docs" / "import.md"


def test_the_documented_columns_are_those_of_the_code() -> None:
    sections = re.split(r"^## (\w+)\.csv$", DOCUMENT.read_text("utf-8"), flags=re.M)
    documented = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert list(documented) == [kind.name for kind in KINDS]
    for kind in KINDS:
        rows = re.findall(r"^\| `(\w+)` \| (yes)? *\|", documented[kind.name], flags=re.M)
        assert [name for name, _ in rows] == list(kind.columns)
        assert [name for name, required in rows if required] == kind.required


def test_the_documented_words_of_settings_are_those_of_the_code() -> None:
    section = DOCUMENT.read_text("utf-8").split("## asset_types.csv")[1].split("## assets.csv")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| *\| ([^|]*) \|", section, flags=re.M))
    enums = {name: kind for name, kind in get_type_hints(DepreciationSettings).items() if are_words(kind)}
    assert len(enums) == 9
    for name, words in enums.items():
        assert re.findall(r"`(\w+)`", rows[name]) == [word.value for word in words]


def are_words(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def test_the_documented_examples_read() -> None:
    examples = re.findall(r"```csv\n(.*?)```", DOCUMENT.read_text("utf-8"), flags=re.S)
    known = {key: KnownBusiness("USD") for key in ("portland-coffee", "lisbon-studio")}
    register = read_register([RegisterFile(str(at), text.encode()) for at, text in enumerate(examples)], known)
    assert register.findings == []
    assert [len(getattr(register, name)) for name in ("businesses", "accounts", "asset_types", "assets")] == [1] * 4
    assert [line.value.kind for line in register.facts] == list(FACT_KINDS)


def test_tags_stand_in_one_cell() -> None:
    tagged = {**OVEN, "tags": " location=Porto ;; team = Bar = x;"}
    register = read(KNOWN, assets=[tagged])
    (line,) = register.assets
    assert [(tag.key, tag.value) for tag in line.value.tags or ()] == [("location", "Porto"), ("team", "Bar = x")]


@pytest.mark.parametrize("text", ["Porto", "location=", "=Porto", "location=Porto;team"])
def test_what_is_no_tag_is_told(text: str) -> None:
    register = read(KNOWN, assets=[{**OVEN, "tags": text}])
    assert [(told.finding.code, told.finding.field) for told in register.findings] == [("not_tags", "tags")]
