"""Mutants of engine/ and ledger/: every small change of the source that the tests are expected to notice.

Works on syntax trees and knows nothing of the tests. What has no behaviour is never changed: type hints, docstrings,
decorators, imports, `strict` of zip; nor the place 0 of an array, which is -1 too where it has one row.
"""

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "bookvalue"
FLOORS = ("engine", "ledger")

# (module, source of the smallest statement, why its mutants are left out): patterns that must match from the beginning
LEFT_OUT = [
    (r"", r"BLOCK_ROWS = |_MEASURES, _MOST_STEPS = ", "how much is computed at a time: performance alone"),
    (r"engine/fiscal_days", r"_FIRST_MONTH = |_DAY_OF_MONTH = |_MONTH_OF_DAY = ",
     "how far a looked-up table reaches: what lies outside is worked out"),
    (r"engine/block", r"alone = |rows = None if alone|yield \(?number, piece if", "views instead of copies"),
]  # fmt: skip

SWAPPED = [(ast.Add, ast.Sub), (ast.Mult, ast.FloorDiv), (ast.LShift, ast.RShift), (ast.BitAnd, ast.BitOr)]
OPERATORS = {a: b for pair in SWAPPED for a, b in (pair, pair[::-1])} | {ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult}
COMPARED = [(ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)]
COMPARISONS = {a: b for pair in COMPARED for a, b in (pair, pair[::-1])}
NAMED = [("minimum", "maximum"), ("min", "max"), ("any", "all"), ("begins", "ends"), ("first_day", "last_day"),
         ("origin_day", "valid_from"), ("limited_minor", "cost_minor")]  # fmt: skip
NAMES = {a: b for pair in NAMED for a, b in (pair, pair[::-1])}
UNSEEN = ("annotation", "returns", "decorator_list", "type_params", "ctx", "names")  # fields without behaviour


class Slot(NamedTuple):
    """A place of the tree that holds a node: parent.field, or parent.field[at]; statement: the smallest around it."""

    parent: ast.AST
    field: str
    at: int | None
    node: ast.AST
    statement: ast.stmt

    def put(self, node: ast.AST) -> None:
        """Another node in its place."""
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node


@dataclass(frozen=True)
class Mutant:
    """One change. place: line:column; slot and variant: its numbers in the order of the tree, -1 for no change."""

    module: str
    place: str
    before: str
    after: str
    slot: int = -1
    variant: int = 0

    def __str__(self) -> str:
        return f"{self.module}:{self.place}: `{self.before}` -> `{self.after}`"

    def code(self) -> CodeType:
        """The module's changed code."""
        path = PACKAGE / self.module
        tree = ast.parse(path.read_text())
        if self.slot >= 0:
            slot = list(slots(tree))[self.slot]
            slot.put(variants(slot)[self.variant])
        return compile(ast.fix_missing_locations(tree), str(path), "exec")


def slots(parent: ast.AST, statement: ast.stmt | None = None) -> Iterator[Slot]:
    """Every place whose node may be changed, in the order of the source."""
    for field, value in ast.iter_fields(parent):
        if field in UNSEEN or (isinstance(parent, ast.keyword) and parent.arg in ("strict", "kind", "dtype")):
            continue
        for at, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr)):
                continue
            within = node if isinstance(node, ast.stmt) else statement
            if within is not None:
                yield Slot(parent, field, at, node, within)
            yield from slots(node, within)


def variants(slot: Slot) -> list[ast.AST]:
    """What may stand in place of a node."""
    node = slot.node
    changed = copy.copy(node)
    match node, changed:
        case ast.Constant(value=bool() as value), _:
            return [ast.Constant(not value)]
        case ast.Constant(value=0), _ if slot.field == "slice":
            return []
        case ast.Constant(value=int() as value), _:
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Constant(value="right"), _:
            return [ast.Constant("left")]
        case ast.BinOp(op=op) | ast.AugAssign(op=op), ast.BinOp() | ast.AugAssign():
            found: list[ast.AST] = [ast.Pass()] if isinstance(node, ast.AugAssign) else []
            if type(op) in OPERATORS:
                changed.op = OPERATORS[type(op)]()
                found.append(changed)
            return found
        case ast.BoolOp(op=op), ast.BoolOp():
            changed.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            return [changed]
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()), _:
            return [node.operand]
        case ast.Compare(ops=[op]), ast.Compare() if type(op) in COMPARISONS:
            changed.ops = [COMPARISONS[type(op)]()]
            return [changed]
        case ast.Name(id="min" | "max" | "any" | "all" as name), _:
            return [ast.Name(NAMES[name], ast.Load())]
        case ast.Attribute(attr=name, ctx=ast.Load()), ast.Attribute() if name in NAMES:
            changed.attr = NAMES[name]
            return [changed]
        case ast.Call(func=ast.Attribute(attr="where"), args=[_, first, second]), ast.Call():
            changed.args = [node.args[0], second, first]
            return [changed]
        case ast.If(), ast.If():
            changed.test = ast.UnaryOp(ast.Not(), node.test)
            return [changed]
        case ast.IfExp(), ast.IfExp():
            changed.body, changed.orelse = node.orelse, node.body
            return [changed]
        case ast.Slice(lower=lower, upper=upper), _:
            cut: list[ast.AST] = [ast.Slice(None, upper)] if lower else []
            return [*cut, *([ast.Slice(lower, None)] if upper else [])]
        case ast.Return(), _ if not isinstance(slot.parent, ast.If):
            return []  # None in its place would break whatever asks for it
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Expr(value=ast.Call()), _:
            return [ast.Pass()]
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue(), _:
            return [ast.Pass()]
    return []


def text(node: ast.AST) -> str:
    """The source of a node on one line: of a compound statement its head alone."""
    source = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
    return source.partition("\n")[0]


def mutants() -> tuple[list[Mutant], Counter[str]]:
    """Every mutant of the two floors, and how many are left out for each reason."""
    found: list[Mutant] = []
    left_out: Counter[str] = Counter()
    for path in sorted(path for floor in FLOORS for path in (PACKAGE / floor).rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        for number, slot in enumerate(slots(ast.parse(path.read_text()))):
            made = variants(slot)
            source = text(slot.statement)
            why = next((why for where, what, why in LEFT_OUT if re.match(where, module) and re.match(what, source)), "")
            if why:
                left_out[why] += len(made)
                continue
            at = slot.node if hasattr(slot.node, "lineno") else slot.statement
            place = f"{getattr(at, 'lineno', 0)}:{getattr(at, 'col_offset', 0) + 1}"
            # an expression too short to be recognised is shown with what surrounds it
            shown = slot.node if len(text(slot.node)) > 12 or not hasattr(slot.parent, "lineno") else slot.parent
            for variant, changed in enumerate(made):
                before = text(shown)
                slot.put(changed)
                after = text(changed if shown is slot.node else shown)
                slot.put(slot.node)
                found.append(Mutant(module, place, before, after, number, variant))
    return found, left_out
