"""Mutation testing of engine/ and ledger/: one small change of the source at a time, which some test must notice.

A seeded sample of all mutants, for so many minutes. Each runs in a forked child that imports the changed module and
stops at the first check that fails: golden schedules and a slice of the oracle (its answers are worked out once, here),
then the unit tests of the floor. What no test noticed is listed with the reason that docs/mutation.md gives for it.
Changes no file. Needs the development environment.
"""

import argparse
import importlib.machinery
import json
import os
import random
import re
import resource
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutants import PACKAGE, Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]
TESTS, PAGE = ROOT / "tests", ROOT / "docs" / "mutation.md"
LEAST_PERCENT = 90
EXPLAINING = ("engine/explain.py", "engine/pieces.py", "engine/facts.py")
SUITES = {
    "ledger": ["ledger"],
    "explain": ["engine/test_survivors.py", "engine/test_explain.py"],
    "engine": [f"engine/test_{name}.py" for name in
               ("survivors", "exact", "charge", "fiscal_days", "fixed_rate", "method_pages", "bounds")],
}  # fmt: skip
EACH, DAYS = 3, 4  # specs of every combination of method, averaging and rounding; days a spec


@dataclass(frozen=True)
class Expected:
    """What the engine must say. groups: a calendar, its assets, and T of so many (row, day) pairs. schedules, cases:
    raw specs, with the rows and the disposal, or the golden case."""

    groups: list[tuple[Any, list[Any], list[int], list[int], list[int]]]
    schedules: list[tuple[dict[str, Any], Any, Any]]
    cases: list[dict[str, Any]]


def expected() -> Expected:
    """Works the oracle's answers out, once for all mutants."""
    import oracle
    from engine.registers import days_of, engine_day, read
    from oracle.specs import random_spec, valid_combinations

    rng = random.Random("mutation")
    groups: dict[Any, Any] = {}
    schedules = []
    for number, (method, averaging, rounding) in enumerate(sorted(valid_combinations()) * EACH):
        raw = random_spec(rng, method=method, averaging=averaging, rounding=rounding)
        known = read(raw)
        group = groups.setdefault(known.calendar, (known.calendar, [], [], [], []))
        group[1].append(known.asset)
        for day in days_of(raw, rng, DAYS):
            told = (len(group[1]) - 1, engine_day(day), oracle.accumulated(raw, day))
            for column, value in zip(group[2:], told, strict=True):
                column.append(value)
        # the oracle's rows may end early where a fiscal year's rounding takes back what had reached the floor
        if number % 5 == 0 and rounding != "fiscal_year":
            answer = oracle.schedule(raw)
            schedules.append((raw, answer["rows"], answer.get("disposal")))
    files = sorted((TESTS / "golden" / "schedules").glob("*.json"))
    cases = [case for file in files for case in json.loads(file.read_text()) if "differs" not in case]
    return Expected(list(groups.values()), schedules, cases)


def engine_disagrees(wanted: Expected) -> bool:
    """Whether the engine says anything else than the oracle and the golden schedules."""
    import numpy as np

    from bookvalue.engine.accumulate import accumulated
    from bookvalue.engine.register import columns_of
    from bookvalue.engine.timeline import timeline
    from bookvalue.services.build_schedule import build_schedule
    from golden.expectations import differences

    for calendar, assets, rows, days, amounts in wanted.groups:
        line = timeline(columns_of(calendar, assets))
        if accumulated(line, np.array(days), rows=np.array(rows)).tolist() != amounts:
            return True
    answers = list(build_schedule({"id": case["title"], **case["spec"]} for case in wanted.cases))
    if any(differences(case, answer) for case, answer in zip(wanted.cases, answers, strict=True)):
        return True
    answers = list(build_schedule(raw for raw, _, _ in wanted.schedules))
    return any(
        (answer["rows"], answer.get("disposal")) != (rows, disposal)
        for answer, (_, rows, disposal) in zip(answers, wanted.schedules, strict=True)
    )


def suite_of(module: str) -> str:
    """Which tests are asked."""
    if module.startswith("ledger"):
        return "ledger"
    return "explain" if module in EXPLAINING else "engine"


def tests_fail(module: str) -> bool:
    """Whether a unit test of the module's floor fails; those that ask the oracle again, or take long, are left out."""
    import pytest

    options = "-x -q -W error -p no:cacheprovider -o markers=long --noconftest --import-mode=importlib".split()
    options += ["-m", "not long", "-c", os.devnull, f"--rootdir={TESTS}"]
    return bool(pytest.main([*options, *(str(TESTS / name) for name in SUITES[suite_of(module)])]))


def judge(mutant: Mutant, wanted: Expected | None) -> int:
    """In a child: 1 where a check fails, 0 where none does. Whatever is raised, an import's error too, is a failure."""
    code, name = mutant.code(), "bookvalue." + mutant.module.removesuffix(".py").replace("/", ".")
    name, usual = name.removesuffix(".__init__"), importlib.machinery.SourceFileLoader.get_code
    importlib.machinery.SourceFileLoader.get_code = (  # type: ignore[method-assign]
        lambda self, fullname: code if fullname == name else usual(self, fullname)
    )
    if suite_of(mutant.module) == "engine" and wanted is not None and engine_disagrees(wanted):
        return 1
    return int(tests_fail(mutant.module))


def fork(mutant: Mutant, wanted: Expected | None, seconds: int) -> int:
    """Starts a child and returns its id. It ends with 0 or 1, or by a signal where it takes too long."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        signal.alarm(20 * seconds)
        status = judge(mutant, wanted)
    finally:
        os._exit(status)


def warm_up() -> None:
    """Loads once what every child needs and no mutant changes."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.path[:0] = [str(PACKAGE.parent), str(TESTS)]
    import hypothesis
    import numpy  # noqa: F401
    import pytest  # noqa: F401

    hypothesis.settings.register_profile(
        "mutation",
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=30,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),  # a smaller example is of no use here
    )
    hypothesis.settings.load_profile("mutation")


def forget() -> None:
    """Drops every loaded module that a mutant may change or that holds such a one."""
    dropped = re.compile(r"bookvalue\.(engine|ledger|services)(\.|$)|engine(\.|$)")
    for name in [name for name in sys.modules if dropped.match(name)]:
        del sys.modules[name]


def run(some: list[Mutant], wanted: Expected | None, minutes: float, jobs: int) -> dict[Mutant, int]:
    """How each mutant ended, until the time is over: 0 nobody noticed, 1 a check failed, negative: a signal."""
    seconds = {}
    for suite in sorted({suite_of(mutant.module) for mutant in some}):
        same = next(mutant for mutant in some if suite_of(mutant.module) == suite)
        _, status, used = os.wait4(fork(Mutant(same.module, "", "", ""), wanted, 600), 0)
        if status != 0:
            sys.exit(f"mutate.py: the checks of {suite} fail without a mutant")
        seconds[suite] = int(3 * (used.ru_utime + used.ru_stime)) + 10
        print(f"{suite}: its checks take {used.ru_utime + used.ru_stime:.1f} s of a processor", file=sys.stderr)
    ends: dict[Mutant, int] = {}
    running: dict[int, Mutant] = {}
    waiting, until = iter(some), time.monotonic() + 60 * minutes
    while True:
        while len(running) < jobs and time.monotonic() < until and (mutant := next(waiting, None)):
            running[fork(mutant, wanted, seconds[suite_of(mutant.module)])] = mutant
        if not running:
            return ends
        child, status = os.wait()
        mutant = running.pop(child)
        ends[mutant] = os.waitstatus_to_exitcode(status)
        if ends[mutant] == 0:
            print(f"survived, {len(ends)} tried so far: {mutant}", file=sys.stderr, flush=True)


def reasons() -> dict[tuple[str, str, str], str]:
    """(module:line:column, before, after) -> why nobody can notice, as docs/mutation.md says."""
    lines = re.findall(r"^- `(\S+)` `(.+?)` -> `(.+?)`: (.+)$", PAGE.read_text(), re.MULTILINE) if PAGE.exists() else []
    return {(at, before, after): why for at, before, after, why in lines}


def report(of: int, left_out: Counter[str], ends: dict[Mutant, int], took: float) -> dict[str, Any]:
    """What was found, as JSON members."""
    why = reasons()
    per_module: dict[str, dict[str, int]] = {}
    for mutant, end in ends.items():
        row = per_module.setdefault(mutant.module, {"tried": 0, "killed": 0, "survived": 0})
        row["tried"] += 1
        row["killed" if end else "survived"] += 1
    killed = sum(end != 0 for end in ends.values())
    argued = sum(end == 0 and (f"{one.module}:{one.place}", one.before, one.after) in why for one, end in ends.items())
    return {
        "mutants": of,
        "left_out": dict(left_out),
        "tried": len(ends),
        "killed": killed,
        "of_these_by_a_limit_of_time": sum(end < 0 for end in ends.values()),
        "survivors_that_nobody_can_notice": argued,
        "percent_of_all": round(100 * killed / max(len(ends), 1), 1),
        "percent": round(100 * killed / max(len(ends) - argued, 1), 1),
        "minutes": round(took / 60, 1),
        "modules": dict(sorted(per_module.items())),
        "survivors": [
            {"at": f"{one.module}:{one.place}", "before": one.before, "after": one.after,
             "why": why.get((f"{one.module}:{one.place}", one.before, one.after))}
            for one, end in sorted(ends.items(), key=lambda item: (item[0].module, item[0].slot)) if end == 0
        ],
    }  # fmt: skip


def show(found: dict[str, Any]) -> None:
    """The report as text."""
    for module, row in found["modules"].items():
        print(f"{module:42} {row['tried']:5} tried {row['killed']:5} killed {row['survived']:5} survived")
    for one in found["survivors"]:
        print(f"survived {one['at']}: `{one['before']}` -> `{one['after']}`: {one['why'] or 'NO REASON GIVEN'}")
    print(f"{found['killed']} of {found['tried']} killed, {found['percent_of_all']} %; {found['percent']} % without "
          f"the {found['survivors_that_nobody_can_notice']} that nobody can notice (of {found['mutants']} mutants, "
          f"{sum(found['left_out'].values())} more left out; {found['minutes']} minutes)")  # fmt: skip


def main() -> int:
    """Exit codes: 0; 1 where fewer than LEAST_PERCENT of those that can be noticed are killed; 2 for unknown words."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="for how long mutants are tried")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="children at a time")
    parser.add_argument("--at", metavar="TEXT", help="only mutants whose description, module:line first, has this text")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    given = parser.parse_args()
    found, left_out = mutants()
    some = [mutant for mutant in found if given.at is None or given.at in str(mutant)]
    random.Random(given.seed).shuffle(some)
    warm_up()
    wanted = expected() if any(suite_of(mutant.module) == "engine" for mutant in some) else None
    forget()
    begun = time.monotonic()
    ends = run(some, wanted, given.minutes, given.jobs)
    shown = report(len(found), left_out, ends, time.monotonic() - begun)
    print(json.dumps(shown, indent=1)) if given.json else show(shown)
    return int(shown["percent"] < LEAST_PERCENT)


if __name__ == "__main__":
    sys.exit(main())
