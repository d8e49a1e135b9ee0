"""Many rows as one value: the server joins each row's fields to bytes of fixed width, NumPy decodes them all at once.

The driver takes longer to hand over a row of COPY than the server takes to make it (docs/decisions/0007). A row in
which a field is NULL would be lost on the way, so the server counts the rows as well and the count is checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.errors import IntegrityViolation

_KINDS = {
    "id": ("uuid_send", "S16"),
    "big": ("int8send", ">i8"),
    "int": ("int4send", ">i4"),
}
_NO_DATE = -(2**31)


def day(date: str) -> tuple[str, str]:
    """The field of a date: days since 1970-01-01; a date that is NULL is told apart by `engine_day`."""
    return "int", f"coalesce({date} - date '1970-01-01', {_NO_DATE})"


@dataclass(frozen=True, slots=True)
class Packed:
    """A layout of rows: name -> (kind, SQL expression that is never NULL); kind one of id big int.

    Two ints that follow each other go as one word of eight bytes: arithmetic is cheaper than joining bytes. Ids decode
    as S16, which NumPy compares as the server does. Up to 1 GiB of rows: ten million of a register.
    """

    fields: Mapping[str, tuple[str, str]]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """One row."""
        return np.dtype([(name, _KINDS[kind][1]) for name, (kind, _) in self.fields.items()])

    def select(self, source: str) -> str:
        """A scalar subquery that is all rows of `source` (what follows FROM) in one value."""
        row = " || ".join(self._sent())
        return f"(SELECT int8send(count(*)) || coalesce(string_agg({row}, ''), '') FROM {source})"  # noqa: S608 - constants

    def _sent(self) -> Iterator[str]:
        waiting = None  # an int that may yet go with the one after it
        for kind, expression in self.fields.values():
            if kind == "int" and waiting is not None:
                yield f"int8send((({waiting})::bigint << 32) | (({expression})::bigint & 4294967295))"
                waiting = None
                continue
            if waiting is not None:
                yield f"int4send({waiting})"
            waiting = expression if kind == "int" else None
            if waiting is None:
                yield f"{_KINDS[kind][0]}({expression})"
        if waiting is not None:
            yield f"int4send({waiting})"

    def rows(self, value: bytes) -> NDArray[np.void]:
        """The rows of such a value, in the order in which the server came upon them: shape (n,)."""
        found = np.frombuffer(value, self.dtype, offset=8)
        if len(found) != int.from_bytes(value[:8], "big"):
            raise IntegrityViolation("a bulk read lost rows: a field that must not be NULL is")
        return found


def engine_day(dates: NDArray[np.int32], *, none: int) -> NDArray[np.int64]:
    """Days as they arrive, `none` where there is no date."""
    days = dates.astype(np.int64)
    if none != _NO_DATE:
        days[days == _NO_DATE] = none
    return days


def places(ids: NDArray[np.bytes_], wanted: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Where each wanted id stands among the ascending ids, -1 for one that is not there."""
    if len(ids) == 0:
        return np.full(len(wanted), -1, np.int64)
    if len(ids) == len(wanted) and bool((ids == wanted).all()):
        return np.arange(len(ids), dtype=np.int64)
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1).astype(np.int64)
    return np.where(ids[found] == wanted, found, -1)
