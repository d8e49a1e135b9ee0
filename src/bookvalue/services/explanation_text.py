"""An explanation as text that an accountant can check by hand: what happened, and every amount with its arithmetic.

Each line of it is complete; "…" marks an amount that has more decimals than are shown, and it is rounded in full.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bookvalue.domain.asset import MICRO, NANO, DepreciationSettings
from bookvalue.domain.terms import Averaging, ChangePolicy, EndOfLife, Method, Rounding
from bookvalue.engine.explain import Accumulation, Counted
from bookvalue.engine.facts import Fact, FactKind
from bookvalue.engine.pieces import Base, Formula, Piece, Unit, YearTotal
from bookvalue.services.explain_charge import Explained, Posted, date_of
from bookvalue.services.explanation_figures import (
    decimal_text,
    exact_text,
    money,
    number_text,
    rate_text,
    unit_word,
    whole_terms,
)
from bookvalue.services.explanation_members import fact_name

_ROUNDED = {
    Rounding.CUMULATIVE: "what has accumulated",
    Rounding.PER_PERIOD: "each month",
    Rounding.FISCAL_YEAR: "each month, and the sum of each fiscal year, which its last charged month makes up",
}
_DECLINING = (Method.DECLINING_BALANCE, Method.FIXED_RATE_DECLINING)
_LABEL, _WIDTH = 30, 22


def text_of(explained: Explained, name: str) -> str:
    """The explanation as lines of text; `name` is the asset's, as it may be shown."""
    told, currency, cost = explained.explanation, explained.currency, explained.cost_minor
    before, after = told.before, told.after
    blocks = [
        [f"{name}, {date_of(told.first_day)} to {date_of(told.last_day)}, amounts in {currency}"],
        [*_settings(told.settings, told.method)],
        ["What happened", *_table(_fact(explained, fact) for fact in told.facts)] if told.facts else [],
        [] if told.counted is None else [f"The period counts {_count(told.counted)}."],
        [*_accumulation(before, cost, currency)],
        [*_accumulation(after, cost, currency)],
        [
            _amount(f"Accumulated by {date_of(after.day)}", after.accumulated_minor, currency),
            _amount(f"Accumulated by {date_of(before.day)}", before.accumulated_minor, currency),
            _amount("Charge, the difference", told.charge_minor, currency),
        ],
        [] if explained.posted is None else [*_posted(explained.posted, currency)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


# ------------------------------------------------------------------------------------------------ what it rests on


def _settings(settings: DepreciationSettings, method: Method) -> Iterator[str]:
    words = [settings.method.value]
    if settings.life_months is not None:
        words.append(f"life {settings.life_months} months")
    if settings.rate_nanopercent is not None:
        words.append(f"{decimal_text(settings.rate_nanopercent, NANO)} % a year")
    if settings.method is Method.DECLINING_BALANCE and settings.life_months is not None:
        words.append(f"factor {decimal_text(settings.declining_factor_micro, MICRO)}")
    if settings.method in _DECLINING:
        words += [settings.declining_base.value, settings.declining_within_year.value]
        words += ["true_up"] if settings.end_of_life is EndOfLife.TRUE_UP else []
        words += ["switch_to_straight_line"] if settings.switch_to_straight_line else []
    basis = f" / {settings.day_basis.value}" if settings.averaging is Averaging.ACTUAL_DAYS else ""
    words.append(f"averaging {settings.averaging.value}{basis}")
    if settings.change_policy is ChangePolicy.CURRENT_PERIOD:
        words.append("changes as if from the fiscal year's start")
    yield f"Method: {', '.join(words)}" + ("" if method is settings.method else f"; by then {method.value}")
    yield f"Rounded, half away from zero: {_ROUNDED[settings.rounding]}"


def _fact(explained: Explained, fact: Fact) -> tuple[str, ...]:
    words = [*_fact_words(fact, explained.currency)]
    if fact.effective_day != fact.day and fact.kind is not FactKind.OPENING:
        words.append(f"counts from {date_of(fact.effective_day)}")
    return str(date_of(fact.day)), fact_name(explained, fact).replace("_", " ").lower(), ", ".join(words)


def _fact_words(fact: Fact, currency: str) -> Iterator[str]:
    met, amount = fact.book_value_minor, fact.amount_minor
    if fact.kind is FactKind.START and amount is not None:
        yield f"cost {money(amount, currency)}"
    if fact.kind is FactKind.OPENING and amount is not None:
        yield f"accumulated {money(amount, currency)}"
    if fact.kind is FactKind.MANUAL and amount is not None:
        yield money(amount, currency)
    if fact.units_micro is not None:
        units = number_text(Fraction(fact.units_micro, MICRO), Unit.UNITS)
        yield units if fact.kind is FactKind.UNITS else f"{units} units in all"
    if met is not None and amount is not None:
        sign = "-" if amount < 0 else "+"
        yield (
            f"book value {money(met, currency)} {sign} {money(abs(amount), currency)} = {money(met + amount, currency)}"
        )
    elif met is not None:
        yield f"book value {money(met, currency)}"
    if fact.current_year_minor is not None:
        yield f"of it {money(fact.current_year_minor, currency)} in the fiscal year then running"
    if fact.residual_minor is not None:
        yield f"residual value {money(fact.residual_minor, currency)}"
    if fact.cost_limit_minor is not None:
        yield f"cost limit {money(fact.cost_limit_minor, currency)}"
    if fact.remaining_life_months is not None:
        yield f"{fact.remaining_life_months} months from then on"
    if fact.rate_nanopercent is not None:
        yield f"{decimal_text(fact.rate_nanopercent, NANO)} % a year"
    if fact.method is not None:
        yield f"method {fact.method.value}"
    if fact.last_day is not None:
        ends = "ends later by it" if fact.extends_life else "does not end later"
        yield f"to {date_of(fact.last_day)}, the life {ends}"


def _count(counted: Counted) -> str:
    if not counted.count:
        return "nothing"
    if counted.unit is Unit.YEARS:
        return f"{number_text(counted.count, counted.unit)} of a year"
    year = "a whole year" if counted.of_year == 1 else f"{counted.of_year} of a year"
    return f"{number_text(counted.count, counted.unit)} {unit_word(counted.unit, counted.count)}, {year}"


# -------------------------------------------------------------------------------------------------- the arithmetic


def _accumulation(accumulation: Accumulation, cost_minor: int, currency: str) -> Iterator[str]:
    """How an amount came about, a line a piece, below the base that they share."""
    if not accumulation.pieces:
        return
    yield f"How {money(accumulation.accumulated_minor, currency)} had accumulated by {date_of(accumulation.day)}"
    rows = _table([_piece(piece, currency) for piece in accumulation.pieces])
    shown: Base | None = None
    for piece, row in zip(accumulation.pieces, rows, strict=True):
        if piece.base is not None and piece.base != shown:
            line = f"base on straight line since {date_of(piece.base.since)}" if piece.switched else "base"
            yield f"  {line}: {_base(piece.base, cost_minor, currency)}"
        shown = piece.base
        yield row
        if piece.year is not None:
            yield _year(piece, piece.year, currency)


def _base(base: Base, cost_minor: int, currency: str) -> str:
    amount = money(base.amount_minor, currency)
    if base.accumulated_minor is None:
        return f"{amount}, nothing is left"
    words = "cost" if base.cost_minor == cost_minor else "cost with its changes"
    words = words if base.limited_minor == base.cost_minor else "cost limit"
    parts = [f"{words} {money(base.limited_minor, currency)}"]
    if base.residual_minor:
        parts.append(f"residual value {money(base.residual_minor, currency)}")
    if base.accumulated_minor:
        parts.append(f"{money(base.accumulated_minor, currency)} accumulated before {date_of(base.since)}")
    return " - ".join(parts) + ("" if len(parts) == 1 else f" = {amount}")


def _piece(piece: Piece, currency: str) -> tuple[str, ...]:
    """The days of a piece, its share in words, its product, and the sum that it comes to."""
    start, end = money(piece.from_minor, currency), money(piece.to_minor, currency)
    days = f"{date_of(piece.first_day)} to {date_of(piece.last_day)}"
    if piece.formula is Formula.NONE:
        return days, "no depreciation", "", end
    if piece.formula is Formula.MANUAL:
        return days, "manual amounts", "", f"{start} + {money(int(piece.exact), currency)} = {end}"
    if piece.formula is Formula.FULL:
        return days, "all at once", f"from {start} all that is left", _at_most(piece, currency)
    if piece.formula is Formula.REST_OF_LIFE:
        return days, "the life is over", f"from {start} all that is left", _at_most(piece, currency)
    if piece.base is None:
        charged = f"{money(int(piece.exact), currency)}, from {start} more than is left"
        return days, "manual amounts", charged, _at_most(piece, currency)
    product = _product(piece, piece.base, currency)
    if piece.year is not None:
        return days, _share(piece), product, ""
    if piece.formula is Formula.FLOOR:
        return days, _share(piece), f"{product}, from {start} more than is left", _at_most(piece, currency)
    rounded = money(piece.to_minor - piece.from_minor, currency)
    product += "" if piece.exact.denominator == 1 else f", rounded {rounded}"
    return days, _share(piece), product, f"{start} + {rounded} = {end}"


def _year(piece: Piece, year: YearTotal, currency: str) -> str:
    """The line that follows the last month of a year whose sum is rounded."""
    start, exact = money(year.from_minor, currency), exact_text(year.exact, currency)
    words = f"  the fiscal year, {year.months} line{'s' * (year.months > 1)} from {start}: {exact}"
    if piece.formula is Formula.FLOOR:
        return f"{words}, more than is left  {_at_most(piece, currency)}"
    rounded = money(piece.to_minor - year.from_minor, currency)
    return f"{words}, rounded {rounded}  {start} + {rounded} = {money(piece.to_minor, currency)}"


def _at_most(piece: Piece, currency: str) -> str:
    """All that may accumulate: down to the residual value, or what had accumulated already."""
    end = money(piece.to_minor, currency)
    if piece.at_most_minor > piece.limited_minor - piece.residual_minor:
        return f"no more than {end}"
    if not piece.residual_minor:
        return end
    return f"{money(piece.limited_minor, currency)} - residual value {money(piece.residual_minor, currency)} = {end}"


def _product(piece: Piece, base: Base, currency: str) -> str:
    counted, of = whole_terms(piece.counted, piece.of, piece.unit)
    factors = [
        money(base.amount_minor, currency),
        *([] if piece.rate == 1 else [rate_text(piece.rate)]),
        f"{counted}/{of}",
    ]
    return f"{' x '.join(factors)} = {exact_text(piece.exact, currency)}"


def _share(piece: Piece) -> str:
    unit = piece.unit
    if unit is None:
        return ""
    return f"{number_text(piece.counted, unit)} of {number_text(piece.of, unit)} {unit_word(unit, piece.of)}"


# ------------------------------------------------------------------------------------------------------- the books


def _posted(posted: Posted, currency: str) -> Iterator[str]:
    yield "Posted for the period" if posted.updates else "Nothing is posted for the period"
    yield from _table(
        (
            update.update_type,
            money(update.amount_minor, currency),
            f"lies in {update.posting_period:%Y-%m}",
            f"entry {update.entry_number}" if update.entry_number else "booked elsewhere",
            f"run {update.run_id}" if update.run_id else "recorded by a user",
            "beside the plan" if update.beside_plan else "",
        )
        for update in posted.updates
    )
    if posted.outcome is not None:
        yield f"The last run charged nothing: {posted.outcome}"
    yield _amount("Still to be posted", posted.due_minor, currency)


# ------------------------------------------------------------------------------------------------------- the page


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as indented lines with their columns below each other; a column that is empty throughout is left out."""
    listed = list(rows)
    columns = [column for column in zip(*listed, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    lines = zip(*columns, strict=True)
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return ["  " + "  ".join(cells).rstrip() for cells in padded]


def _amount(label: str, minor: int, currency: str) -> str:
    return f"{label.ljust(_LABEL)}{money(minor, currency).rjust(_WIDTH)}"
