"""House rules that no linter knows. What is excepted stands here with its reason."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from bookvalue.domain.finding import EXPLANATIONS

from .source import BELOW_THE_FACES, ROOT, Module, modules, of_floors

MIGRATIONS = sorted((ROOT / "migrations").rglob("*.sql")) + sorted((ROOT / "migrations").rglob("*.py"))
# file -> why it may be longer than 300 lines
LONG: dict[str, str] = {}
# file -> why it may import inside a function
IMPORTS_LATE: dict[str, str] = {}


def names(found: list[str]) -> str:
    return "\n".join(found)


FORBIDDEN = (
    r"\beta\s*=", r"\bcountdown\s*=", r"\.retry\(", r"result_backend", r"\bbackend\s*=", r"AsyncResult",
    r"\bchord\(|\bchain\(|\bgroup\(", r"\bNOTIFY\b", r"\bpg_notify\b",
)  # fmt: skip


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_messages_are_hints_only(pattern: str) -> None:
    texts = {module.path: module.text for module in of_floors("worker", "storage", "services")}
    texts |= {file.name: file.read_text() for file in MIGRATIONS}
    code = {name: "\n".join(line.partition("#")[0] for line in text.splitlines()) for name, text in texts.items()}
    assert not [name for name, text in code.items() if re.search(pattern, text)]


ESTIMATED = {"engine/fixed_rate.py"}  # finds a rate, which is no amount, and has the last word in whole numbers


def test_no_float_touches_money() -> None:
    found = []
    exact = [one for one in of_floors("engine", "ledger") if one.path not in ESTIMATED]
    for module in exact + [one for one in modules() if one.path == "domain/money.py"]:
        for node in ast.walk(module.tree):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
            named = isinstance(node, ast.Name) and node.id == "float"
            array = isinstance(node, ast.Attribute) and re.match("float|double|true_divide", node.attr)
            divided = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            if literal or named or array or divided:
                found.append(f"{module.path}:{getattr(node, 'lineno', '?')} {ast.unparse(node)}")
    assert not found, names(found)


CLOCKS = re.compile(
    r"(datetime|date)(\.datetime|\.date)?\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime|monotonic)"
)


def test_no_clock_is_read_below_the_faces() -> None:
    """Identifiers carry a time that nothing is derived from; a lease's heart beats by the database's clock."""
    found = []
    for module in of_floors(*BELOW_THE_FACES):
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Attribute)
                and CLOCKS.fullmatch(ast.unparse(node))
                and module.path != "storage/ids.py"
            ):
                found.append(f"{module.path}:{node.lineno} {ast.unparse(node)}")
    assert not found, names(found)


def test_imports_stand_at_the_top_below_the_faces() -> None:
    late = {
        module.path
        for module in of_floors(*BELOW_THE_FACES)
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert late == set(IMPORTS_LATE)


def test_every_module_says_what_it_is() -> None:
    assert not [module.path for module in modules() if not ast.get_docstring(module.tree)]


def _public(module: Module) -> list[tuple[str, ast.AST]]:
    """Functions, classes and methods that others may use, by dotted name."""
    found: list[tuple[str, ast.AST]] = []
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append((node.name, node))
            found += [
                (f"{node.name}.{inner.name}", inner)
                for inner in (node.body if isinstance(node, ast.ClassDef) else [])
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
            ]
    return found


def test_every_public_function_and_class_below_the_faces_is_documented() -> None:
    missing = {
        f"{module.path}:{name}"
        for module in of_floors(*BELOW_THE_FACES)
        for name, node in _public(module)
        if not ast.get_docstring(node)  # type: ignore[arg-type]
    }
    assert not missing


def test_files_are_short() -> None:
    long = {module.path for module in modules() if len(module.text.splitlines()) > 300}
    assert long == set(LONG)


def test_names_name_a_concept() -> None:
    assert not [
        m.path for m in modules() if re.search(r"(^|/)(utils?|helpers?|managers?|commons?|misc)(\.py|/)", m.path)
    ]


def _strings(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_explained_code_is_used_somewhere() -> None:
    tables = {"domain/finding.py", "domain/explanations.py"}
    used = set().union(*(_strings(module.tree) for module in modules() if module.path not in tables))
    assert EXPLANATIONS.keys() - used == set()


def test_every_code_that_is_used_is_explained() -> None:
    """Each call that makes a finding of a literal code; any other code is refused by the table at run time."""
    makers = {"finding", "refuse", "Refused"}
    used = {
        node.args[0].value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        and (getattr(node.func, "id", None) in makers or getattr(node.func, "attr", None) in makers)
    }  # fmt: skip
    assert len(used) > 30
    assert used - EXPLANATIONS.keys() == set()


def test_error_codes_are_unique_and_well_formed() -> None:
    codes = []
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    target = line.target if isinstance(line, ast.AnnAssign) else getattr(line, "targets", [None])[0]
                    if isinstance(target, ast.Name) and target.id == "code" and isinstance(line.value, ast.Constant):  # type: ignore[union-attr]
                        codes.append(line.value.value)  # type: ignore[union-attr]
    codes = [code for code in codes if code is not None]
    assert len(codes) >= 15
    assert not [code for code, count in Counter(codes).items() if count > 1]
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", str(code)) for code in codes)
    # one word where both mean the same: what is named so is there already
    assert set(codes) & EXPLANATIONS.keys() <= {"duplicate"}


def test_this_very_file_is_looked_at() -> None:
    assert len(modules()) > 60
    assert Path(__file__).parents[2] == ROOT
