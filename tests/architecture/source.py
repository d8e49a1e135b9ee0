"""The package's sources as text and trees, read once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "bookvalue"
BELOW_THE_FACES = ("domain", "engine", "ledger", "storage", "services")


@dataclass(frozen=True)
class Module:
    """One source file: where it is from the package on, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        """The first folder, or the file itself at the top."""
        return self.path.partition("/")[0]


@cache
def modules() -> tuple[Module, ...]:
    """All of them."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        text = file.read_text()
        found.append(Module(file.relative_to(PACKAGE).as_posix(), text, ast.parse(text)))
    return tuple(found)


def of_floors(*floors: str) -> list[Module]:
    """Those of these floors."""
    return [module for module in modules() if module.floor in floors]
