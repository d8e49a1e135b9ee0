"""The one reader of disposals: what is read, what its defaults are, and every finding at once."""

from datetime import date
from typing import Any

import pytest

from bookvalue.domain.disposal_spec import DisposalSpec, read_disposal
from bookvalue.domain.terms import DisposalReason

LEAST = {"date": "2026-10-15", "reason": "out_of_use"}


def test_the_least_and_the_most() -> None:
    assert read_disposal(LEAST) == (DisposalSpec(date(2026, 10, 15), DisposalReason.OUT_OF_USE), [])
    accounts = {"proceeds_account": "1010", "gain_account": "4900", "loss_account": "6530",
                "capital_gain_account": "4910"}  # fmt: skip
    spec, findings = read_disposal({**LEAST, **accounts, "proceeds": 5, "memo": "a note", "dry_run": True})
    assert (findings, spec) == (
        [],
        DisposalSpec(date(2026, 10, 15), DisposalReason.OUT_OF_USE, 5, **accounts, memo="a note", dry_run=True),
    )
    nulls = dict.fromkeys(("proceeds", "memo", "dry_run", *accounts))
    assert read_disposal({**LEAST, **nulls}) == read_disposal(LEAST)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"date": None}, [("date", "required")]),
        ({"date": "2026-02-30", "reason": 7}, [("date", "not_a_date"), ("reason", "not_one_of")]),
        ({"proceeds": 1}, [("proceeds_account", "proceeds_account_missing")]),
        ({"proceeds": 1, "proceeds_account": 7}, [("proceeds_account", "not_text")]),
        ({"proceeds": 1.5}, [("proceeds", "not_an_integer")]),
        ({"proceeds": True}, [("proceeds", "not_an_integer")]),
        ({"proceeds": 10**15 + 1, "proceeds_account": "1010"}, [("proceeds", "amount_out_of_range")]),
        ({"dry_run": "yes"}, [("dry_run", "not_a_boolean")]),
        ({"memo": "x" * 501}, [("memo", "text_too_long")]),
        ({"percent": 50}, [("percent", "unknown_field")]),
    ],
)
def test_what_is_wrong(given: dict[str, Any], found: list[tuple[str, str]]) -> None:
    spec, findings = read_disposal({**LEAST, **given})
    assert (spec, [(one.field, one.code) for one in findings]) == (None, found)


@pytest.mark.parametrize("raw", [None, [], "sold", 7])
def test_what_is_no_object(raw: Any) -> None:
    spec, findings = read_disposal(raw)
    assert (spec, [one.code for one in findings]) == (None, ["not_an_object"])
