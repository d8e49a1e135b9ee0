"""An explanation as JSON members with stable names: whole minor units, dates, and exact fractions as texts.

A fraction is written "n/d" or "n"; every amount can be worked out again from the members beside it.
"""

from typing import Any

from bookvalue.domain.asset import MICRO, NANO
from bookvalue.engine.explain import Accumulation, Counted
from bookvalue.engine.facts import Fact, FactKind
from bookvalue.engine.pieces import Base, Piece, YearTotal
from bookvalue.services.explain_charge import Explained, Posted, date_of
from bookvalue.services.explanation_figures import decimal_text


def members_of(explained: Explained) -> dict[str, Any]:
    """The explanation of a charge as JSON members."""
    told = explained.explanation
    return {
        "id": explained.id,
        "name": explained.name,
        "currency": explained.currency,
        "period_start": _day(told.first_day),
        "period_end": _day(told.last_day),
        "method": told.method.value,
        "averaging": told.settings.averaging.value,
        "rounding": told.settings.rounding.value,
        "counted": None if told.counted is None else _counted(told.counted),
        "accumulated_before": told.before.accumulated_minor,
        "accumulated_after": told.after.accumulated_minor,
        "charge": told.charge_minor,
        "before": _accumulation(told.before),
        "after": _accumulation(told.after),
        "facts": [_fact(explained, fact) for fact in told.facts],
        "posted": None if explained.posted is None else _posted(explained.posted),
    }


def fact_name(explained: Explained, fact: Fact) -> str:
    """What happened, in the words of the register: IMPROVEMENT rather than an increase."""
    changed = fact.kind in (FactKind.INCREASE, FactKind.DECREASE)
    return explained.change_names[fact.place] if changed else fact.kind.value


def _posted(posted: Posted) -> dict[str, Any]:
    return {
        "updates": [
            {
                "update_type": update.update_type,
                "amount": update.amount_minor,
                "posting_period": f"{update.posting_period:%Y-%m}",
                "run_id": update.run_id,
                "entry_number": update.entry_number,
                "beside_plan": update.beside_plan,
            }
            for update in posted.updates
        ],
        "due": posted.due_minor,
        "outcome": posted.outcome,
    }


def _counted(counted: Counted) -> dict[str, Any]:
    return {"unit": counted.unit.value, "count": str(counted.count), "share_of_year": str(counted.of_year)}


def _accumulation(accumulation: Accumulation) -> dict[str, Any]:
    return {
        "day": _day(accumulation.day),
        "accumulated": accumulation.accumulated_minor,
        "pieces": [_piece(piece) for piece in accumulation.pieces],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "formula": piece.formula.value,
        "method": piece.method.value,
        "first_day": _day(piece.first_day),
        "last_day": _day(piece.last_day),
        "accumulated_before": piece.from_minor,
        "base": None if piece.base is None else _base(piece.base),
        "rate": str(piece.rate),
        "counted": str(piece.counted),
        "of": str(piece.of),
        "unit": None if piece.unit is None else piece.unit.value,
        "exact": str(piece.exact),
        "year": None if piece.year is None else _year(piece.year),
        "switched": piece.switched,
        "limited_cost": piece.limited_minor,
        "residual_value": piece.residual_minor,
        "at_most": piece.at_most_minor,
        "accumulated_after": piece.to_minor,
    }


def _base(base: Base) -> dict[str, Any]:
    return {
        "amount": base.amount_minor,
        "cost": base.cost_minor,
        "limited_cost": base.limited_minor,
        "residual_value": base.residual_minor,
        "accumulated": base.accumulated_minor,
        "before_date": _day(base.since),
    }


def _year(year: YearTotal) -> dict[str, Any]:
    return {"accumulated_before": year.from_minor, "exact": str(year.exact), "pieces": year.months}


def _fact(explained: Explained, fact: Fact) -> dict[str, Any]:
    members = {
        "kind": fact.kind.value,
        "name": fact_name(explained, fact),
        "date": _day(fact.day),
        "effective_date": _day(fact.effective_day),
        "last_day": None if fact.last_day is None else _day(fact.last_day),
        "amount": fact.amount_minor,
        "book_value_before": fact.book_value_minor,
        "residual_value": fact.residual_minor,
        "cost_limit": fact.cost_limit_minor,
        "current_year": fact.current_year_minor,
        "remaining_life_months": fact.remaining_life_months,
        "rate_percent": None if fact.rate_nanopercent is None else decimal_text(fact.rate_nanopercent, NANO),
        "method": None if fact.method is None else fact.method.value,
        "extends_life": fact.extends_life,
        "units": None if fact.units_micro is None else decimal_text(fact.units_micro, MICRO),
    }
    return {name: value for name, value in members.items() if value is not None}


def _day(day: int) -> str:
    return date_of(day).isoformat()
