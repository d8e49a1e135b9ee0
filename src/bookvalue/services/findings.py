"""Findings as the error that a request ends with."""

from collections.abc import Sequence

from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import Finding


def refuse(findings: Sequence[Finding]) -> InvalidInput:
    """The error for these findings, to be raised: nothing is applied."""
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return InvalidInput(f"{count}; nothing was applied", findings)


def with_unknown(unknown: Sequence[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """What a lookup of accounts found, and then what a reader found of the other fields: a field is told of once."""
    named = {found.field for found in unknown}
    return [*unknown, *(found for found in findings if found.field not in named)]
