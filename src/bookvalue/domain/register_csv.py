"""Register files (CSV) -> businesses, accounts, asset types, assets and facts of assets, or findings on every bad line.

Pure: bytes in, values out; what is already in the database comes in as KnownBusiness. Good lines are never
reported, not even for what is wrong with the line that they refer to.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bookvalue.domain.asset import Asset
from bookvalue.domain.asset_lines import read_asset_line, read_asset_type
from bookvalue.domain.business import AssetType, Business
from bookvalue.domain.business_lines import read_account, read_business
from bookvalue.domain.chart import Account
from bookvalue.domain.csv_records import read_records
from bookvalue.domain.fact_lines import FactLine, read_fact_line
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.register_columns import FACT_KINDS, KINDS, FileKind, recognise
from bookvalue.domain.register_reading import BusinessInFiles, CsvLine, Reading

T = TypeVar("T")

_LINE_READERS: Mapping[str, Callable[[CsvLine, Reading], Any]] = {
    "businesses": read_business,
    "accounts": read_account,
    "asset_types": read_asset_type,
    "assets": read_asset_line,
    **{kind.name: read_fact_line for kind in FACT_KINDS},
}


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file as it came: its name is only for findings, its kind shows in its header."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class KnownBusiness:
    """A business already kept: its currency, its asset types by name, and what its accounts may be called.

    accounts None: not known here, so references to accounts are not checked.
    """

    currency: str
    asset_types: Mapping[str, AssetType] = field(default_factory=dict)
    accounts: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class RegisterLine(Generic[T]):
    """A value that was read, and where it stood."""

    file: str
    line: int
    business_key: str
    value: T


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A finding and the file it is about; the line stands in the finding."""

    file: str
    finding: Finding

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON members, the file first."""
        return {"file": self.file, **self.finding.as_dict()}


@dataclass(slots=True)
class Register:
    """All that the files hold, in the order of files and lines. Apply none of it while there are findings."""

    businesses: list[RegisterLine[Business]] = field(default_factory=list)
    accounts: list[RegisterLine[Account]] = field(default_factory=list)
    asset_types: list[RegisterLine[AssetType]] = field(default_factory=list)
    assets: list[RegisterLine[Asset]] = field(default_factory=list)
    facts: list[RegisterLine[FactLine]] = field(default_factory=list)
    findings: list[FileFinding] = field(default_factory=list)


@dataclass(slots=True)
class _OpenedFile:
    """A file's kind and records, and the findings about it so far."""

    name: str
    kind: FileKind | None = None
    header: Sequence[str] = ()
    lines: list[tuple[int, Sequence[str]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    readable: bool = True  # the header has each column that its lines need, once
    lost: list[str] = field(default_factory=list)  # texts that could not be read; others may refer to what is there


def read_register(files: Sequence[RegisterFile], known: Mapping[str, KnownBusiness] | None = None) -> Register:
    """Everything in the files, whatever order they come in, with every finding about every line.

    `known` are the businesses already kept that the files may refer to. Amounts are decimals in major units of
    the business's currency. Findings name CSV columns and give the cell's text.
    """
    opened = [_open(file) for file in files]
    reading = Reading(
        {
            key: BusinessInFiles(business.currency, dict(business.asset_types), _names(business.accounts))
            for key, business in (known or {}).items()
        }
    )
    register = Register()
    for kind in KINDS:
        # a file of no known kind may hold anything, hence also what the lines to come refer to
        for text in [text for file in opened if file.kind in (kind, None) for text in file.lost]:
            reading.lose(kind.name, text)
        lines = register.facts if kind in FACT_KINDS else getattr(register, kind.name)
        for file in opened:
            if file.kind is kind:
                lines.extend(_read_lines(file, kind, reading))
    for file in opened:
        file.findings.sort(key=lambda found: found.line or 0)
        register.findings.extend(FileFinding(file.name, found) for found in file.findings)
    return register


def _names(accounts: Collection[str] | None) -> set[str] | None:
    return None if accounts is None else set(accounts)


def _open(file: RegisterFile) -> _OpenedFile:
    """The file's records and kind, with the findings about its header and about lines that are no CSV."""
    opened = _OpenedFile(file.name)
    for record in read_records(file.content):
        if record.problem is not None:
            opened.findings.append(record.problem)
            opened.lost.append(record.text)
        elif not opened.header:
            opened.header = record.fields
            _check_header(opened, record.line)
        else:
            opened.lines.append((record.line, record.fields))
        if opened.kind is None:
            opened.lost.append(file.content.decode("utf-8", "surrogateescape"))
            break  # lines under a header that nobody knows mean nothing
    if not opened.readable:
        opened.lost.append(file.content.decode("utf-8", "surrogateescape"))
    if not opened.header and not opened.findings:
        _check_header(opened, 1)
    return opened


def _check_header(opened: _OpenedFile, line: int) -> None:
    header = opened.header
    kind = recognise(header)
    if kind is None:
        opened.findings.append(finding("columns_not_recognised", None, shown(", ".join(header)), line=line))
        return
    opened.kind = kind
    unknown = [name for name in header if name not in kind.columns]
    repeated = {name: None for at, name in enumerate(header) if name in header[:at] and name not in unknown}
    missing = [name for name in kind.required if name not in header]
    opened.findings += [finding("unknown_field", shown(name), line=line) for name in unknown]
    opened.findings += [finding("duplicate", name, name, line=line) for name in repeated]
    opened.findings += [finding("required", name, line=line) for name in missing]
    opened.readable = not missing and not repeated


def _read_lines(file: _OpenedFile, kind: FileKind, reading: Reading) -> list[RegisterLine[Any]]:
    """The file's good lines as values; the findings about the others go to the file."""
    if not file.readable:
        return []  # the header's own findings say why
    read = _LINE_READERS[kind.name]
    columns = [(name, at) for at, name in enumerate(file.header) if name in kind.columns]
    good: list[RegisterLine[Any]] = []
    for number, fields in file.lines:
        line = CsvLine(kind, {name: fields[at] for name, at in columns if fields[at]})
        value = read(line, reading)
        if line.findings:
            file.findings += [line.located(found, number) for found in line.findings]
        else:
            good.append(RegisterLine(file.name, number, line.cells["business"], value))
    return good
