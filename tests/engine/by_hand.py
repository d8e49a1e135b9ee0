"""Works printed explanations out again, as an accountant would: from the figures in the text, or in the JSON members.

Knows nothing of the engine: what it reads is all that it has.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

AMOUNT = r"-?\d[\d,]*(?:\.\d+)?"
EXACT = r"(?P<exact>\d[\d,]*(?:\.\d+…?)?)"
DAY = r"\d{4}-\d\d-\d\d"
PRODUCT = re.compile(
    rf"(?P<base>{AMOUNT}) x (?:(?P<rate>[\d./]+)(?P<percent> %)? x )?(?P<counted>\d+)/(?P<of>\d+) = {EXACT}"
)
SUM = re.compile(rf"  (?P<from>{AMOUNT}) \+ (?P<amount>{AMOUNT}) = (?P<to>{AMOUNT})$")
ROUNDED = re.compile(rf", rounded (?P<amount>{AMOUNT})")
FROM = re.compile(rf"from (?P<from>{AMOUNT}) (?:all that|more than) is left  ")
YEAR = re.compile(rf"  the fiscal year, (?P<lines>\d+) lines? from (?P<from>{AMOUNT}): {EXACT}")


def minor(text: str, places: int) -> int:
    """An amount as it is printed, in minor units."""
    value = Fraction(text.replace(",", "")) * 10**places
    assert value.denominator == 1, text
    return int(value)


def rounded(value: Fraction) -> int:
    """Half away from zero, for what is not negative."""
    return int(value + Fraction(1, 2))


class Page:
    """The text of one explanation; `charge` has been worked out from its lines, and agrees with what it says itself."""

    def __init__(self, text: str, places: int) -> None:
        self.places = places
        self.lines = text.splitlines()
        self.passed: set[int] = set()
        reached = dict(self._accumulated())
        found = {
            day: self._minor(amount) for day, amount in re.findall(rf"(?m)^Accumulated by ({DAY}) +({AMOUNT})$", text)
        }
        (self.after_day, self.after), (self.before_day, self.before) = found.items()
        assert reached.get(self.after_day, self.after) == self.after
        # what had accumulated before is explained by itself, or passed on the way, or nothing has begun
        known = self.before_day in reached or self.before in self.passed or not self.passed
        assert known, text
        assert reached.get(self.before_day, self.before) == self.before
        (said,) = re.findall(rf"(?m)^Charge, the difference +({AMOUNT})$", text)
        self.charge = self.after - self.before
        assert self._minor(said) == self.charge

    def _minor(self, text: str) -> int:
        return minor(text, self.places)

    def _accumulated(self) -> Iterator[tuple[str, int]]:
        """The days whose accumulation is explained, each with what its lines come to."""
        for at, line in enumerate(self.lines):
            head = re.fullmatch(rf"How ({AMOUNT}) had accumulated by ({DAY})", line)
            if head:
                rows = self.lines[at + 1 : self.lines.index("", at)]
                reached = self._worked_out(rows)
                assert reached == self._minor(head[1]), self.lines
                yield head[2], reached

    def _worked_out(self, rows: list[str]) -> int:
        """What the lines below a heading come to, each from where the one before it ends."""
        reached: int | None = None
        base: int | None = None
        products: list[Fraction] = []
        waits = False
        for row in rows:
            if row.startswith("  base"):
                base = self._base(row)
                continue
            of_year = YEAR.match(row)
            if of_year:
                assert waits
                self.passed.add(self._minor(of_year["from"]))
                exact = sum(products[-int(of_year["lines"]) :], Fraction(0))
                self._is_shown(exact, of_year["exact"])
                reached = self._end(row, exact, self._minor(of_year["from"]))
                waits = False
            else:
                assert re.match(rf"  {DAY} to {DAY}  ", row), row
                assert not waits
                product = PRODUCT.search(row)
                if product:
                    assert self._minor(product["base"]) == base
                    products.append(self._product(product))
                    waits = not SUM.search(row) and "more than is left" not in row
                if not waits:
                    reached = self._end(row, products[-1] if product else None, reached)
            if not waits and reached is not None:
                self.passed.add(reached)
        assert reached is not None
        assert not waits
        return reached

    def _end(self, row: str, exact: Fraction | None, start: int | None) -> int:
        """What a line comes to."""
        told = SUM.search(row)
        if told is None:
            return self._at_most(row, exact, start)
        begins, amount, end = (self._minor(told[name]) for name in ("from", "amount", "to"))
        self.passed.add(begins)
        assert start is None or start == begins, row
        if exact is not None:
            assert amount == rounded(exact), row
            said = ROUNDED.search(row)
            assert said is None or self._minor(said["amount"]) == amount
        assert begins + amount == end, row
        return end

    def _at_most(self, row: str, exact: Fraction | None, start: int | None) -> int:
        """Lines that end with all that may accumulate, or with what stays as it was."""
        difference = re.search(rf"({AMOUNT}) - residual value ({AMOUNT}) = ({AMOUNT})$", row)
        end = self._minor(row.rsplit(" ", 1)[1])
        begins = FROM.search(row)
        if begins:
            assert start is None or start == self._minor(begins["from"]), row
            start = self._minor(begins["from"])
            self.passed.add(start)
        if difference:
            assert self._minor(difference[1]) - self._minor(difference[2]) == end
        if "more than is left" in row and exact is not None and start is not None:
            assert start + rounded(exact) > end, row
        if "no depreciation" in row:
            assert start is None or start == end, row
        return end

    def _base(self, row: str) -> int:
        first, *others = [self._minor(found) for found in re.findall(AMOUNT, re.sub(DAY, "", row.split(":", 1)[1]))]
        if not others:
            assert first == 0 or "nothing is left" not in row
            return first
        assert first - sum(others[:-1]) == others[-1], row
        return others[-1]

    def _product(self, found: re.Match[str]) -> Fraction:
        rate = Fraction(found["rate"] or 1) * (Fraction(1, 100) if found["percent"] else 1)
        exact = self._minor(found["base"]) * rate * Fraction(int(found["counted"]), int(found["of"]))
        self._is_shown(exact, found["exact"])
        return exact

    def _is_shown(self, exact: Fraction, text: str) -> None:
        """An exact amount is printed in full, or cut where the ellipsis stands."""
        digits = text.removesuffix("…").replace(",", "")
        value = exact / 10**self.places
        cut = Fraction(int(value * 10 ** len(digits.partition(".")[2])), 10 ** len(digits.partition(".")[2]))
        assert cut == Fraction(digits)
        assert (value == cut) == (not text.endswith("…"))


def charge_of(members: dict[str, Any]) -> int:
    """The charge that the JSON members come to, worked out from them alone."""
    before, after = (_reached(members[name]) for name in ("before", "after"))
    assert after in (None, members["accumulated_after"])
    if before is None and after is not None:
        pieces = members["after"]["pieces"]
        assert members["accumulated_before"] in [
            pieces[0]["accumulated_before"],
            *(piece["accumulated_after"] for piece in pieces),
        ]
    assert before in (None, members["accumulated_before"])
    charge: int = members["accumulated_after"] - members["accumulated_before"]
    assert charge == members["charge"]
    return charge


def _reached(accumulation: dict[str, Any]) -> int | None:
    """What the pieces of an accumulation come to, or None where it has none."""
    reached: int | None = None
    pieces = accumulation["pieces"]
    for at, piece in enumerate(pieces):
        assert reached in (None, piece["accumulated_before"])
        reached = _end(piece, pieces[: at + 1])
        assert reached == piece["accumulated_after"]
        assert piece["first_day"] <= piece["last_day"]
    return reached


def _end(piece: dict[str, Any], so_far: list[dict[str, Any]]) -> int:
    exact = Fraction(piece["exact"])
    base = piece["base"]
    if base is not None:
        assert exact == base["amount"] * Fraction(piece["rate"]) * Fraction(piece["counted"]) / Fraction(piece["of"])
        if base["accumulated"] is None:
            assert base["amount"] == 0
        else:
            assert base["amount"] == base["limited_cost"] - base["residual_value"] - base["accumulated"]
    start, sums = piece["accumulated_before"], exact
    if piece["year"] is not None:
        months = so_far[-piece["year"]["pieces"] :]
        start, sums = (
            piece["year"]["accumulated_before"],
            sum((Fraction(month["exact"]) for month in months), Fraction(0)),
        )
        assert (months[0]["accumulated_before"], sums) == (start, Fraction(piece["year"]["exact"]))
    formula = piece["formula"]
    if formula in ("rest_of_life", "full"):
        return int(piece["at_most"])
    if formula == "floor":
        assert start + rounded(sums) > piece["at_most"]
        return int(piece["at_most"])
    if formula == "none":
        return int(piece["accumulated_before"])
    assert formula in ("line", "year_total", "manual"), formula
    return int(start + rounded(sums))
