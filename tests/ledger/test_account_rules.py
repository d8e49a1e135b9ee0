"""Every kind of value update has a rule with two different sides, and every slot a field to mend."""

import pytest

from bookvalue.domain.asset_facts import direction
from bookvalue.domain.asset_spec import ASSET_READERS
from bookvalue.domain.terms import CostMovement, UpdateType
from bookvalue.ledger.account_rules import ASSET_FIELD, HOLDERS, INSTEAD, RULES, Slot


def test_each_update_type_has_a_rule() -> None:
    assert set(RULES) == {*UpdateType, *CostMovement}


@pytest.mark.parametrize("kind", UpdateType)
def test_a_rule_has_two_sides(kind: UpdateType) -> None:
    assert RULES[kind].debit is not RULES[kind].credit


def test_depreciation_is_seed_002s_entry() -> None:
    rule = RULES[UpdateType.DEPRECIATION_AMORTIZATION]
    assert (rule.debit, rule.credit) == (Slot.EXPENSE, Slot.ACCUMULATED)


@pytest.mark.parametrize("kind", sorted(set(UpdateType) - {UpdateType.DEPRECIATION_AMORTIZATION}))
def test_what_raises_the_value_debits_the_asset_and_what_lowers_it_credits_it(kind: UpdateType) -> None:
    sides = (Slot.ASSET, Slot.COUNTER) if direction(kind) > 0 else (Slot.COUNTER, Slot.ASSET)
    rule = RULES[kind]
    assert (INSTEAD.get(rule.debit, rule.debit), INSTEAD.get(rule.credit, rule.credit)) == sides


def test_an_impairment_alone_has_an_account_of_its_own_or_the_assets() -> None:
    assert [kind for kind, rule in RULES.items() if rule.credit is Slot.IMPAIRMENT] == [UpdateType.IMPAIRMENT]
    assert INSTEAD == {Slot.IMPAIRMENT: Slot.ASSET}


@pytest.mark.parametrize("kind", RULES)
def test_what_holds_a_change_is_the_side_that_is_the_assets_own(kind: UpdateType | CostMovement) -> None:
    slot, debits = HOLDERS[kind]
    assert slot not in (Slot.COUNTER, Slot.EXPENSE)
    assert slot is (RULES[kind].debit if debits else RULES[kind].credit)


def test_each_slot_is_a_field_of_the_asset() -> None:
    assert set(ASSET_FIELD) == set(Slot) - {Slot.COUNTER}
    assert set(ASSET_FIELD.values()) <= set(ASSET_READERS)
