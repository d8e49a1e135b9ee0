"""By what the figures of a forecast are added up: asset types, pairs of accounts, or single assets; a page of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.chart import Account
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import finding
from bookvalue.engine.register import Int64
from bookvalue.ledger.outcomes import CHARGEABLE, REASONS
from bookvalue.services.charge_reasons import Mask
from bookvalue.storage import businesses, forecast_reads
from bookvalue.storage.forecast_reads import AssetLabel, TypeLabel
from bookvalue.storage.register_reader import Positions
from bookvalue.storage.unit_of_work import Connection

_ACCOUNTS = 2**31  # more than the ordinals of a chart reach


class GroupBy(StrEnum):
    """What the figures are added up by."""

    TYPE = "type"
    ACCOUNT = "account"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class AccountLabel:
    """What an account is known by."""

    id: UUID
    code: str
    stable_name: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """What a group is, and what falls due in it: minor units, before the first period and in each.

    By type: asset_type, None for assets without one. By account: the one that is debited and the one that is credited.
    By asset: the asset, and in `code` why it is not charged.
    """

    asset_type: TypeLabel | None = None
    expense_account: AccountLabel | None = None
    accumulated_account: AccountLabel | None = None
    asset: AssetLabel | None = None
    code: str | None = None
    catch_up: int = 0
    depreciation: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups without figures, and the group of each asset asked for: shape (k,); len(groups) for one not shown.

    next: the key of the last group, where more come after it.
    """

    groups: tuple[Group, ...]
    number: Int64
    next: str | None

    def with_reasons(self, reasons: Int64) -> "Grouping":
        """The same groups of single assets, each with why it is not charged. reasons: shape (k,)."""
        shown = np.flatnonzero(self.number < len(self.groups))
        groups = list(self.groups)
        for at in shown.tolist():
            if reasons[at] != CHARGEABLE:
                place = int(self.number[at])
                groups[place] = replace(groups[place], code=REASONS[int(reasons[at]) - 1].code)
        return replace(self, groups=tuple(groups))


def grouped(
    connection: Connection,
    business_id: UUID,
    positions: Positions,
    rows: Int64,
    charged: Mask,
    by: GroupBy | None,
    *,
    after: str | None,
    limit: int | None,
) -> Grouping:
    """Up to `limit` groups of the assets in these rows, from the one after the key `after`; none where by is None.

    charged: which rows may be charged, shape (k,); the others make no group but their own. Groups come in the order of
    their keys: ordinals of types and accounts, ids of assets. Raises InvalidInput.
    """
    if by is None:
        return Grouping((), np.zeros(len(rows), np.int64), None)
    counted = np.flatnonzero(charged | (by is GroupBy.ASSET))
    keys, place = np.unique(_KEYS[by](positions, rows[counted]), return_inverse=True)
    first = 0 if after is None else int(np.searchsorted(keys, _key(keys, by, after), side="right"))
    page = keys[first:] if limit is None else keys[first : first + limit]
    place = place.reshape(-1) - first
    number = np.full(len(rows), len(page), np.int64)
    number[counted] = np.where((place < 0) | (place >= len(page)), len(page), place)
    more = len(page) > 0 and first + len(page) < len(keys)
    groups = _LABELS[by](connection, business_id, page)
    return Grouping(groups, number, _shown(page[-1]) if more else None)


def _account_keys(positions: Positions, rows: Int64) -> NDArray[Any]:
    return positions.expense_account[rows] * _ACCOUNTS + positions.accumulated_account[rows]


_KEYS: Mapping[GroupBy, Callable[[Positions, Int64], NDArray[Any]]] = {
    GroupBy.TYPE: lambda positions, rows: positions.asset_type[rows].astype(np.int64),
    GroupBy.ACCOUNT: _account_keys,
    GroupBy.ASSET: lambda positions, rows: positions.asset_id.view("S16")[rows],
}


def _key(keys: NDArray[Any], by: GroupBy, text: str) -> Any:
    try:
        return np.array(UUID(text).bytes if by is GroupBy.ASSET else int(text), keys.dtype)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("1 finding; nothing was applied", [finding("not_a_cursor", "cursor")]) from error


def _shown(key: Any) -> str:
    return str(_asset_id(key)) if isinstance(key, bytes) else str(key)


def _asset_id(key: bytes) -> UUID:
    """NumPy gives the bytes of an id without the zeros at its end."""
    return UUID(bytes=key.ljust(16, b"\0"))


def _types(connection: Connection, business_id: UUID, page: NDArray[Any]) -> tuple[Group, ...]:
    labels = forecast_reads.type_labels(connection, business_id)
    return tuple(Group(asset_type=labels.get(key)) for key in page.tolist())


def _accounts(connection: Connection, business_id: UUID, page: NDArray[Any]) -> tuple[Group, ...]:
    labels = {
        ordinal: _account_label(id_, value) for id_, ordinal, value in businesses.accounts(connection, business_id)
    }
    return tuple(
        Group(expense_account=labels.get(key // _ACCOUNTS), accumulated_account=labels.get(key % _ACCOUNTS))
        for key in page.tolist()
    )


def _account_label(id_: UUID, value: Account) -> AccountLabel:
    return AccountLabel(id_, value.code, value.stable_name, value.name)


def _assets(connection: Connection, business_id: UUID, page: NDArray[Any]) -> tuple[Group, ...]:
    ids = [_asset_id(key) for key in page.tolist()]
    labels = forecast_reads.asset_labels(connection, business_id, ids)
    return tuple(Group(asset=labels[id_]) for id_ in ids)


_LABELS: Mapping[GroupBy, Callable[[Connection, UUID, NDArray[Any]], tuple[Group, ...]]] = {
    GroupBy.TYPE: _types,
    GroupBy.ACCOUNT: _accounts,
    GroupBy.ASSET: _assets,
}
