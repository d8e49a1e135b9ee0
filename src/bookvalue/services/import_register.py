"""Imports register files: everything in them in one transaction, or every finding and nothing.

An external id that comes again updates its asset. Once something is posted to an asset, what its charges are computed
from cannot be changed by an import, nor an account that holds what is posted; its description can.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business import AssetType
from bookvalue.domain.business_spec import RESULT_FIELDS
from bookvalue.domain.chart import Account
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.register_columns import ASSETS
from bookvalue.domain.register_csv import (
    FileFinding,
    KnownBusiness,
    Register,
    RegisterFile,
    RegisterLine,
    read_register,
)
from bookvalue.domain.terms import AccountingBasis, AssetStatus, Method
from bookvalue.services.held_accounts import kept_by_type
from bookvalue.services.import_facts import ImportedFacts, import_facts
from bookvalue.services.put_assets import Refusal, put_assets
from bookvalue.services.set_up_business import change, set_up
from bookvalue.storage import asset_types, audit, businesses, periods
from bookvalue.storage.assets import References
from bookvalue.storage.bulk_plan import look_up_by_key
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, bind, transaction

T = TypeVar("T")


@dataclass(slots=True)
class Imported:
    """What an import did, by what it was about."""

    businesses: int = 0
    accounts: int = 0
    asset_types: int = 0
    assets_created: int = 0
    assets_updated: int = 0
    assets_unchanged: int = 0
    facts_recorded: int = 0
    facts_unchanged: int = 0
    findings: list[FileFinding] = field(default_factory=list)
    warnings: list[FileFinding] = field(default_factory=list)
    """About lines that were taken: what a person may not expect of them."""


class RegisterInvalid(InvalidInput):
    """The files have findings; nothing was imported."""

    code = "register_invalid"

    def __init__(self, findings: Sequence[FileFinding]) -> None:
        count = f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"
        super().__init__(f"{count}; nothing was imported", [found.finding for found in findings])
        self.file_findings = tuple(findings)


def import_register(
    engine: Engine, files: Sequence[RegisterFile], *, actor: str, now: datetime | None = None
) -> Imported:
    """Imports the files. now: the business clock, by which no fact is in the future; files of facts need one.

    Raises RegisterInvalid with every finding on every line, having changed nothing.
    """
    with transaction(engine, Role.PLANNER) as connection:
        ids = businesses.ids_by_key(connection)
    with transaction(engine, Role.API) as connection:
        named = set().union(*(re.split(rb'[,"\s]+', file.content) for file in files))
        known = _known(connection, {key: id_ for key, id_ in ids.items() if key.encode() in named})
    register = read_register(files, known)  # in no transaction: a large register takes its time
    done = Imported(findings=register.findings)
    with transaction(engine, Role.API) as connection:
        look_up_by_key(connection)
        for key, part in _by_business(register).items():
            if not register.findings or key in ids:
                _import_business(connection, key, ids.get(key), part, done, actor, now)
        if done.findings:
            order = {file.name: number for number, file in enumerate(files)}
            raise RegisterInvalid(sorted(done.findings, key=lambda f: (order[f.file], f.finding.line or 0)))
        connection.commit()
    return done


def _known(connection: Connection, ids: Mapping[str, UUID]) -> dict[str, KnownBusiness]:
    known = {}
    for key, business_id in ids.items():
        bind(connection, business_id)
        types = {name: value for name, (_, value) in asset_types.by_name(connection, business_id, key).items()}
        names = {name for _, _, account in businesses.accounts(connection, business_id) for name in account.references}
        known[key] = KnownBusiness(businesses.get(connection, business_id).value.currency, types, names)
    return known


def _by_business(register: Register) -> dict[str, Register]:
    """The register's lines, business by business, in order of the keys."""
    parts: dict[str, Register] = defaultdict(Register)
    for kind in ("businesses", "accounts", "asset_types", "assets", "facts"):
        for line in getattr(register, kind):
            getattr(parts[line.business_key], kind).append(line)
    return {key: parts[key] for key in sorted(parts)}


def _values(lines: Iterable[RegisterLine[T]]) -> list[T]:
    return [line.value for line in lines]


def _import_business(
    connection: Connection,
    key: str,
    business_id: UUID | None,
    part: Register,
    done: Imported,
    actor: str,
    now: datetime | None,
) -> None:
    """One business's share of the import, under its own binding."""
    created = business_id is None
    business_id = business_id or uuid7()
    bind(connection, business_id)
    if created:
        kept = set_up(connection, business_id, part.businesses[0].value)
    else:
        kept = businesses.hold(connection, business_id)
        for line in part.businesses:
            accounts = {name: getattr(kept.value, name) for name in RESULT_FIELDS}  # no column gives them
            found = change(connection, kept, replace(line.value, **accounts))
            done.findings += [FileFinding(line.file, replace(one, line=line.line)) for one in found]
        kept = businesses.get(connection, business_id)
    done.businesses += len(part.businesses)

    refused = _refused_accounts(connection, business_id, part.accounts)
    if refused:
        done.findings += refused
        return
    businesses.put_accounts(connection, business_id, _values(part.accounts))
    account_ids = _account_ids(connection, business_id)
    types_before = asset_types.by_name(connection, business_id, key)
    asset_types.put(connection, business_id, _values(part.asset_types), account_ids)
    types = asset_types.by_name(connection, business_id, key)
    type_ids = {name: id_ for name, (id_, _) in types.items()}
    done.accounts += len(part.accounts)
    done.asset_types += len(part.asset_types)

    if types != types_before and not created:  # a type's accounts are its assets' accounts
        periods.raise_fact_version(connection, business_id, [kept.value.books_start])
        done.findings += _held_accounts(connection, kept, part.asset_types, types_before, types, account_ids)
    _import_assets(connection, kept, part.assets, References(account_ids, type_ids), done, created)
    # an asset of these files was not written where there are findings: what is recorded of it is not looked at then
    facts = [line for line in part.facts if not (done.findings and line.value.on_file)]
    recorded = ImportedFacts()
    if facts:
        if now is None:
            raise ValueError("facts are recorded by a clock")
        recorded = import_facts(connection, business_id, facts, actor=actor, now=now)
    done.findings += recorded.findings
    done.facts_recorded += recorded.recorded
    done.facts_unchanged += recorded.unchanged
    audit.record(
        connection,
        business_id,
        actor=actor,
        action="register.imported",
        subject=f"business/{key}",
        details={"assets": len(part.assets), "asset_types": len(part.asset_types), "facts": len(part.facts)},
    )


def _account_ids(connection: Connection, business_id: UUID) -> dict[str, UUID]:
    """Every name of an account, stable names first, so that the code is the last name of each."""
    chart = businesses.accounts(connection, business_id)
    stable = {account.stable_name: id_ for id_, _, account in chart if account.stable_name}
    return {**stable, **{account.code: id_ for id_, _, account in chart}}


def _refused_accounts(
    connection: Connection, business_id: UUID, lines: Sequence[RegisterLine[Account]]
) -> list[FileFinding]:
    """Accounts under a name that another one has, and stable names given to accounts that have none or another."""
    chart = [account for _, _, account in businesses.accounts(connection, business_id)]
    code_of = {name: account.code for account in chart for name in account.references}
    stable_of = {account.code: account.stable_name for account in chart}
    found = []
    for line in lines:
        code, stable = line.value.code, line.value.stable_name
        if code_of.get(code, code) != code:
            found.append(FileFinding(line.file, finding("duplicate", "code", code, line=line.line)))
        if stable is not None and (code_of.get(stable, code) != code or stable_of.get(code, stable) != stable):
            found.append(FileFinding(line.file, finding("duplicate", "stable_name", stable, line=line.line)))
    return found


def _held_accounts(
    connection: Connection,
    kept: KeptBusiness,
    lines: Sequence[RegisterLine[AssetType]],
    before: Mapping[str, tuple[UUID, AssetType]],
    now: Mapping[str, tuple[UUID, AssetType]],
    account_ids: Mapping[str, UUID],
) -> list[FileFinding]:
    """Accounts that a type may not lose."""
    found = []
    for line in lines:
        if line.value.name in before:
            type_id, old = before[line.value.name]
            held = kept_by_type(connection, kept, type_id, old, now[line.value.name][1], account_ids)
            found += [FileFinding(line.file, replace(one, line=line.line)) for one in held]
    return found


def _import_assets(
    connection: Connection,
    kept: KeptBusiness,
    lines: Sequence[RegisterLine[Asset]],
    references: References,
    done: Imported,
    created: bool,
) -> None:
    """Adds and changes the assets of a business."""
    write = not done.findings
    put = put_assets(
        connection, kept, _values(lines), references, new_business=created, stays_disposed=True, write=write
    )
    done.findings += [_located(lines[refusal.index], refusal) for refusal in put.refusals]
    done.assets_created += put.created
    done.assets_updated += put.updated
    done.assets_unchanged += put.unchanged
    done.warnings += _opening_gaps(kept, lines)


def _opening_gaps(kept: KeptBusiness, lines: Sequence[RegisterLine[Asset]]) -> list[FileFinding]:
    """Assets with an opening balance of some time before the books begin. No period of these books is there for what is
    due in between, so that it is part of the first charge."""
    first = kept.value.fiscal_calendar.period_of(kept.value.books_start).start
    found = []
    for line in lines:
        begins = _due_from(line.value)
        if begins is not None and begins < first and kept.value.accounting_basis is AccountingBasis.ACCRUAL:
            column = ASSETS.column_of("opening.as_of")
            found.append(FileFinding(line.file, finding("opening_gap", column, begins.isoformat(), line=line.line)))
    return found


def _due_from(value: Asset) -> date | None:
    """The first day of which something may be due to an asset with an opening balance, None where nothing is."""
    if value.opening is None or value.status is not AssetStatus.REGISTERED or value.settings.method is Method.NONE:
        return None
    limit = value.cost_minor if value.cost_limit_minor is None else min(value.cost_minor, value.cost_limit_minor)
    if value.opening.accumulated_minor >= limit - value.residual_minor:
        return None
    return value.opening.as_of + timedelta(days=1)


def _located(line: RegisterLine[Asset], refusal: Refusal) -> FileFinding:
    """A refusal as a finding about a column of its line."""
    column = ASSETS.column_of(refusal.path)
    error = refusal.error
    if error is not None:
        said = Finding(error.code, column, refusal.value, error.message, error.advice, line.line)
        return FileFinding(line.file, said)
    return FileFinding(line.file, finding(refusal.code, column, refusal.value, line=line.line))
