"""The mutation run tells a change that the tests notice from one that changes nothing."""

import json
import subprocess
import sys

from .source import ROOT

PROGRAM = """
import json, mutate
from mutants import Mutant, mutants
known = [one for one in mutants()[0] if (one.before, one.after) == ("if balance != 0:", "if balance == 0:")]
mutate.warm_up()
ends = mutate.run([*known, Mutant("ledger/tie_out.py", "", "", "")], None, minutes=1, jobs=2)
print(json.dumps([ends[one] for one in ends if one in known] + [ends[one] for one in ends if one not in known]))
"""


def test_a_mutant_of_a_known_line_is_killed_and_no_change_is_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT / "scripts", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [1, 0]
