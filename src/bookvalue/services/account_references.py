"""What a request may call an account by, against a business's chart: an id, a stable name, a code.

Reads the chart once for a request; must not change it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bookvalue.domain.chart import Account
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.storage import businesses
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.unit_of_work import Connection


@dataclass(frozen=True, slots=True)
class Chart:
    """A business's accounts, found by id, by code and by stable name."""

    by_id: Mapping[UUID, KeptAccount]
    by_code: Mapping[str, KeptAccount]
    by_stable_name: Mapping[str, KeptAccount]

    @property
    def ids(self) -> dict[str, UUID]:
        """Every name of an account; codes come last, so that an account reads back by its code."""
        stable = {name: kept.id for name, kept in self.by_stable_name.items()}
        return {**stable, **{code: kept.id for code, kept in self.by_code.items()}}

    @property
    def codes(self) -> dict[UUID, str]:
        """Each account's code by its id."""
        return {id_: kept.value.code for id_, kept in self.by_id.items()}

    def called(self, reference: Any) -> KeptAccount | None:
        """The account that a reference means, or None. Raises ValueError for what is no reference."""
        if isinstance(reference, str):
            return self.by_stable_name.get(reference) or self.by_code.get(reference)
        match reference:
            case {"type": "AccountId", "id": str(text), **rest} if not rest:
                return self.by_id.get(_uuid(text))
            case {"type": "StableName", "stable_name": str(name), **rest} if not rest:
                return self.by_stable_name.get(name)
        raise ValueError(reference)


def read_chart(connection: Connection, business_id: UUID) -> Chart:
    """The bound business's chart."""
    kept = [KeptAccount(*row) for row in businesses.accounts(connection, business_id)]
    return Chart(
        {account.id: account for account in kept},
        {account.value.code: account for account in kept},
        {account.value.stable_name: account for account in kept if account.value.stable_name},
    )


def names(value: Account) -> set[str]:
    """What an account would be called by, which no other may be."""
    return set(value.references)


def by_code(raw: Mapping[str, Any], fields: Iterable[str], chart: Chart) -> tuple[dict[str, Any], list[Finding]]:
    """The raw object with the accounts in these fields by their code, and a finding for each that is not to be had."""
    read, findings = dict(raw), []
    for name in fields:
        given = raw.get(name)
        if given is None or given == "":
            continue
        read[name] = None
        try:
            account = chart.called(given)
        except ValueError:
            findings.append(finding("not_an_account_reference", name, shown(given)))
            continue
        if account is None:
            findings.append(finding("unknown_account", name, shown(_told(given))))
        else:
            read[name] = account.value.code
    return read, findings


def _told(reference: Any) -> Any:
    return reference if isinstance(reference, str) else reference.get("id") or reference.get("stable_name")


def _uuid(text: str) -> UUID:
    if len(text) != 36:
        raise ValueError(text)
    return UUID(text)
