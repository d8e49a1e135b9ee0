"""Why an asset is not charged: the first reason that applies, and how many assets each sort of outcome has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.domain.asset_spec import ASSET_READERS
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import OutcomeStatus
from bookvalue.ledger.outcomes import CHARGEABLE, REASONS, counts, first_reason

CODES = [reason.code for reason in REASONS]


@st.composite
def applied(draw: st.DrawFn) -> tuple[dict[str, np.ndarray], int]:
    count = draw(st.integers(0, 8))
    masks = st.lists(st.booleans(), min_size=count, max_size=count)
    given_codes = draw(st.lists(st.sampled_from(CODES), unique=True))
    return {code: np.array(draw(masks), np.bool_) for code in given_codes}, count


@given(applied())
def test_the_first_reason_wins(given_masks: tuple[dict[str, np.ndarray], int]) -> None:
    applies, count = given_masks
    numbers = first_reason(applies, count)
    assert numbers.dtype == np.int64
    for row, number in enumerate(numbers.tolist()):
        wanted = next((code for code in CODES if code in applies and applies[code][row]), None)
        assert (None if number == CHARGEABLE else REASONS[number - 1].code) == wanted


@given(applied())
def test_counts_are_of_assets(given_masks: tuple[dict[str, np.ndarray], int]) -> None:
    numbers = first_reason(*given_masks)
    found = counts(numbers)
    for status in OutcomeStatus:
        assert found[status] == sum(n != CHARGEABLE and REASONS[n - 1].status is status for n in numbers.tolist())
    assert sum(found.values()) + int((numbers == CHARGEABLE).sum()) == given_masks[1]


@pytest.mark.parametrize("skipped", [r.code for r in REASONS if r.status is OutcomeStatus.SKIPPED])
@pytest.mark.parametrize("blocked", [r.code for r in REASONS if r.status is OutcomeStatus.BLOCKED])
def test_what_is_rightly_not_charged_never_blocks(skipped: str, blocked: str) -> None:
    numbers = first_reason({skipped: np.array([True]), blocked: np.array([True])}, 1)
    assert counts(numbers) == {OutcomeStatus.SKIPPED: 1, OutcomeStatus.BLOCKED: 0}


def test_a_missing_opening_is_told_before_a_missing_account() -> None:
    every = np.array([True])
    numbers = first_reason(dict.fromkeys(("expense_account_missing", "opening_missing"), every), 1)
    assert REASONS[int(numbers[0]) - 1].code == "opening_missing"


@pytest.mark.parametrize("reason", REASONS, ids=CODES)
def test_each_reason_can_be_explained_and_names_a_field_of_an_asset(reason) -> None:  # type: ignore[no-untyped-def]
    explained = finding(reason.code, reason.field)
    assert explained.message
    assert explained.remedy
    # units used are no field of an asset: they are reported period by period
    assert reason.field in (None, "units_used") or str(reason.field).partition(".")[0] in ASSET_READERS
    assert reason.status is OutcomeStatus.SKIPPED or reason.field, "a blocked asset says which field to mend"


def test_codes_are_unique() -> None:
    assert len(set(CODES)) == len(CODES)
