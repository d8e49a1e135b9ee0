"""What the reading of register files knows at a line: the line's cells, and what earlier lines have defined.

What a line refers to may stand on a line that is itself broken; such references are let pass, because that line
has its own finding. Must not know the fields of any kind of line.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookvalue.domain.business import AssetType
from bookvalue.domain.field_readers import Fields, Reader, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.register_columns import FileKind

_SEPARATORS = re.compile('[,"\r\n]+')
_UNDECODED = re.compile("[\udc80-\udcff]")
_ANYTHING = "\0anything"  # no cell holds a NUL, so nothing is called so


@dataclass(slots=True)
class BusinessInFiles:
    """What lines of a business can refer to; None is something that was there but could not be read."""

    currency: str | None
    types: dict[str, AssetType | None] = field(default_factory=dict)
    accounts: set[str] | None = None
    assets: set[str] = field(default_factory=set)  # those on lines of these files, good or bad
    stand_in: bool = False  # for a business that is not there: nothing is checked against it


@dataclass(slots=True)
class Reading:
    """How far the reading has come: businesses so far, words on unreadable lines by kind of file, ids seen."""

    businesses: dict[str, BusinessInFiles]
    unread: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def lose(self, kind: str, text: str) -> None:
        """What stands in this text could not be read; in an empty one, or one with lost bytes, that can be anything."""
        words = {word.strip() for word in _SEPARATORS.split(text)}
        self.unread[kind] |= words | ({_ANYTHING} if not text or _UNDECODED.search(text) else set())

    def may_have_lost(self, kind: str, name: str) -> bool:
        """Whether what is called so may stand on a line that could not be read."""
        lost = self.unread[kind]
        return _ANYTHING in lost or all(word.strip() in lost for word in _SEPARATORS.split(name))

    def repeats(self, *identity: str) -> bool:
        """Whether this identity came before; from now on it has."""
        before = identity in self.seen
        self.seen.add(identity)
        return before


@dataclass(slots=True)
class CsvLine:
    """The non-empty cells of a line by column, and what is wrong with them, by column."""

    kind: FileKind
    cells: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, code: str, column: str) -> None:
        """One more finding about a cell."""
        self.findings.append(finding(code, column))

    def take(self, findings: list[Finding], failed: Mapping[str, str], prefix: str = "") -> None:
        """Findings by path become findings by column; a cell that did not convert says so with its own code."""
        for found in findings:
            path = prefix + str(found.field)
            self.refuse(failed.get(path, found.code), self.kind.column_of(path, self.cells))

    def located(self, found: Finding, line: int) -> Finding:
        """The finding with the cell's own text as its value, and its line."""
        cell = self.cells.get(found.field or "")
        return finding(found.code, found.field, shown(cell), line=line)


def read_cells(line: CsvLine, raw: Mapping[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The line's values, with findings for those refused and for required ones that are empty."""
    fields = Fields()
    fields.read(raw, readers)
    line.take(fields.findings, {})
    for name in line.kind.required:
        if fields.absent(name):
            line.refuse("required", name)
    return fields.values


def business_of(line: CsvLine, reading: Reading) -> BusinessInFiles:
    """The business the line belongs to, or a stand-in for one that is not there or stands on an unreadable line."""
    key = line.cells.get("business", "")
    if key in reading.businesses:
        return reading.businesses[key]
    if not key:
        line.refuse("required", "business")
    elif not reading.may_have_lost("businesses", key):
        line.refuse("unknown_business", "business")
    return BusinessInFiles(None, stand_in=True)
