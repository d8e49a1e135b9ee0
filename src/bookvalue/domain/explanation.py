"""The words of a finding's code: what it means and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means and how to mend it; both may use {field} and {value}."""

    message: str
    remedy: str
