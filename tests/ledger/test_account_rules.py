"""Every kind of value update has a rule with two different sides, and every slot a field to mend."""

import pytest

from bookvalue.domain.asset_spec import ASSET_READERS
from bookvalue.domain.terms import UpdateType
from bookvalue.ledger.account_rules import ASSET_FIELD, RULES, Slot


def test_each_update_type_has_a_rule() -> None:
    assert set(RULES) == set(UpdateType)


@pytest.mark.parametrize("kind", UpdateType)
def test_a_rule_has_two_sides(kind: UpdateType) -> None:
    assert RULES[kind].debit is not RULES[kind].credit


def test_depreciation_is_seed_002s_entry() -> None:
    rule = RULES[UpdateType.DEPRECIATION_AMORTIZATION]
    assert (rule.debit, rule.credit) == (Slot.EXPENSE, Slot.ACCUMULATED)


def test_each_slot_is_a_field_of_the_asset() -> None:
    assert set(ASSET_FIELD) == set(Slot)
    assert set(ASSET_FIELD.values()) <= set(ASSET_READERS)
