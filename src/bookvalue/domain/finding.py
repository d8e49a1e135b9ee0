"""Findings: what is wrong with one asset, one line or one field, as data that can be collected for a whole batch.

A finding never stops anything by itself. Each code is stable; explanations.py says what it means.
"""

from dataclasses import dataclass
from typing import Any

from bookvalue.domain.explanations import EXPLANATIONS

__all__ = ["EXPLANATIONS", "Finding", "finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: a stable code, the field as a dotted path, the value given, and what to do about it."""

    code: str
    field: str | None
    value: Any
    message: str
    remedy: str
    line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON members; `line` only where there is one."""
        members = {
            "code": self.code,
            "field": self.field,
            "value": self.value,
            "message": self.message,
            "remedy": self.remedy,
        }
        return members if self.line is None else {"line": self.line, **members}


def finding(code: str, field: str | None = None, value: Any = None, *, line: int | None = None) -> Finding:
    """The finding of a code, explained. Raises KeyError for a code that is not in the table."""
    explanation = EXPLANATIONS[code]
    shown = {"field": field or "it", "value": "" if value is None else value}
    return Finding(code, field, value, explanation.message.format(**shown), explanation.remedy.format(**shown), line)
