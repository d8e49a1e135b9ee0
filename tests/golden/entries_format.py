"""Reads the files of entries/; entries/README.md has the grammar. Anything that departs from it raises ValueError."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from bookvalue.domain.money import exponent, to_minor
from golden import entries_scenario as told

FILES = sorted((Path(__file__).parent / "entries").glob("*.txt"))
SECTIONS = ("Business", "Asset", "Steps", "Working", "Entries", "Figures")
DAY, MONTH, AMOUNT, NAME = r"(\d{4}-\d\d-\d\d)", r"(\d{4}-\d\d)", r"(-?\d{1,3}(?:,\d{3})*(?:\.\d+)?)", r"([A-Z_]+)"
ACCOUNT = rf"(\d{{4}})  {NAME}"
KIND = "(acquisition|depreciation|value_update|disposal|reversal)"
ENTRY = rf" {{1,2}}(\d+)  step (\d+)  {KIND} +effective {MONTH}  posting {MONTH}  dated {DAY}"
LINE = rf" {{6}}(Dr|Cr)  {ACCOUNT} +{AMOUNT}"

Amount = Callable[[str], int]  # an amount as the file writes it, in minor units of its currency
Value = tuple[str, Callable[..., Any]]  # what the text looks like, and what is made of its groups and an Amount

_DATE = date.fromisoformat
_AMOUNT: Value = (AMOUNT, lambda minor, text: minor(text))
_ACCOUNT: Value = (ACCOUNT, lambda minor, code, name: told.Account(code, name))
_SPAN: Value = (rf"{MONTH} to {MONTH}", lambda minor, first, last: told.Span(first, last))


def _one_of(words: str) -> Value:
    return f"({words})", lambda minor, text: text


def _or_none(value: Value) -> Value:
    return f"none|{value[0]}", lambda minor, *groups: None if groups[0] is None else value[1](minor, *groups)


BUSINESS: Mapping[str, Value] = {
    "currency": _one_of("[A-Z]{3}"),
    "fiscal year begins": _one_of(r"\d\d-\d\d"),
    "lock policy": _one_of("next_open|spread_remaining"),
    "books begin": (MONTH, lambda minor, text: text),
    "closed before": _or_none(_SPAN),
    "locked before": _or_none(_SPAN),
}
ASSET: Mapping[str, Value] = {
    "cost": _AMOUNT,
    "residual value": _AMOUNT,
    "method": _one_of("none|straight_line|declining_balance"),
    "life": _or_none((r"(\d+) months", lambda minor, months: int(months))),
    "averaging": _one_of("full_month|half_year|actual_days"),
    "start": (DAY, lambda minor, day: _DATE(day)),
    "opening": _or_none(
        (rf"accumulated {AMOUNT} through {DAY}", lambda minor, amount, day: told.Opening(minor(amount), _DATE(day)))
    ),
    "asset account": _ACCOUNT,
    "accumulated account": _or_none(_ACCOUNT),
    "expense account": _or_none(_ACCOUNT),
    "acquisition counter": _or_none(_ACCOUNT),
    "impairment account": _or_none(_ACCOUNT),  # without the line: none
}
FIGURES: Mapping[str, Value] = {
    "cost carried": _AMOUNT,
    "accumulated": _AMOUNT,
    "book value": _AMOUNT,
    "book value disposed of": _or_none(_AMOUNT),
    "gain or loss": _or_none(_AMOUNT),
    "capital gain": _or_none(_AMOUNT),
}
STEPS: Sequence[Value] = (
    ("register", lambda minor: told.Register()),
    (f"close {MONTH}", lambda minor, month: told.Close(month)),
    (
        rf"value update {NAME} {AMOUNT} on {DAY}, counter {NAME}",
        lambda minor, kind, amount, day, counter: told.ValueUpdate(kind, minor(amount), _DATE(day), counter),
    ),
    (r"archive step (\d+)", lambda minor, step: told.Archive(int(step))),
    (
        rf"dispose on {DAY}, (out_of_use|sold|private_withdrawal|divested)(?:, proceeds {AMOUNT}(?: to {NAME})?)?",
        lambda minor, day, reason, amount, to: told.Dispose(_DATE(day), reason, amount and minor(amount), to),
    ),
    ("reinstate", lambda minor: told.Reinstate()),
    (
        rf"value change (?:(manual|arbitrary) {AMOUNT}|(divestment|full-depreciation)) on {DAY}",
        lambda minor, kind, amount, whole, day: told.ValueChange(kind or whole, amount and minor(amount), _DATE(day)),
    ),
)


def _match(pattern: str, text: str) -> tuple[Any, ...]:
    if found := re.fullmatch(pattern, text):
        return found.groups()
    raise ValueError(f"{text!r} is not {pattern}")


def _blocks(lines: Sequence[str], is_head: Callable[[str], bool]) -> list[tuple[str, Sequence[str]]]:
    """Each line that is a head, with the lines below it. Raises ValueError where the first line is none."""
    heads = [at for at, line in enumerate(lines) if is_head(line)]
    if heads[:1] != [0]:
        raise ValueError(f"nothing introduces {lines[:1]}")
    return [(lines[at], lines[at + 1 : end]) for at, end in pairwise([*heads, len(lines)])]


def _labelled(lines: Sequence[str], values: Mapping[str, Value], minor: Amount) -> dict[str, Any]:
    """One line for each label, in the order of the labels."""
    found = zip(lines, values.items(), strict=True)
    return {label: read(minor, *_match(f"  {label} {{2,}}(?:{shape})", line)) for line, (label, (shape, read)) in found}


def _step(text: str, minor: Amount) -> told.Step:
    for shape, make in STEPS:
        if found := re.fullmatch(shape, text):
            return cast(told.Step, make(minor, *found.groups()))
    raise ValueError(f"{text!r} is no step")


def _entries(lines: Sequence[str], minor: Amount) -> Iterator[told.Entry]:
    for at, (head, below) in enumerate(_blocks(lines, lambda line: not line.startswith(" " * 6)), 1):
        number, step, kind, effective, posting, dated = _match(ENTRY, head)
        if int(number) != at:
            raise ValueError(f"entry {number} is number {at}")
        found = [_match(LINE, line) for line in below]
        posted = (told.Line(side, told.Account(code, name), minor(amount)) for side, code, name, amount in found)
        yield told.Entry(int(step), kind, effective, posting, _DATE(dated), tuple(posted))


def parse(name: str, text: str) -> told.Scenario:
    """The scenario that a file's text describes. Raises ValueError."""
    title, rule, *rest = text.splitlines()
    _match("=" * len(title), rule)
    sections = dict(_blocks([line for line in rest if line], lambda line: not line.startswith(" ")))
    _match(" ".join(SECTIONS), " ".join(sections))
    business, asset, steps, working, entries, figures = sections.values()
    if len(asset) < len(ASSET):
        asset = [*asset, "  impairment account  none"]
    [currency] = _match("  currency +([A-Z]{3})", business[0])

    def minor(amount: str) -> int:
        if len(amount.partition(".")[2]) != exponent(currency):
            raise ValueError(f"{amount} has not the decimals of {currency}")
        return to_minor(amount.replace(",", ""), currency)

    return told.Scenario(
        name,
        title,
        _labelled(business, BUSINESS, minor),
        _labelled(asset, ASSET, minor),
        tuple(_step(_match(rf" {{1,2}}{at}  (.+)", line)[0], minor) for at, line in enumerate(steps, 1)),
        tuple(line.strip() for line in working),
        tuple(_entries(entries, minor)),
        _labelled(figures, FIGURES, minor),
    )


def read(path: Path) -> told.Scenario:
    """The scenario of one file. Raises ValueError."""
    return parse(path.stem, path.read_text())
