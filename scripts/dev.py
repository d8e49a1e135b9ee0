"""Makes the project's own virtual environment and runs one of the project's commands in it.

Needs Python 3.11 with venv (or uv) and nothing else, also where the system's Python is externally managed. Installs
exactly what the hashed lock files name. Must import nothing outside the standard library and name no package index.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must be able to read this far
    sys.exit(f"bookvalue needs Python 3.11 or newer, this is {sys.version.split()[0]}; try `make PYTHON=python3.11`")

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
RUN, DEVELOP = "requirements.lock", "requirements-dev.lock"
STAMP = "bookvalue-installed.json"

# Two processes, each with a stack of its own; tests that share one (xdist_group) stay in one process.
TESTS = ["python", "-m", "pytest", "-q", "tests", "-n", "2", "--dist", "loadgroup"]
# Fails below full branch coverage of these three floors (fail_under in pyproject.toml).
COVERAGE_GATE = (
    "python -m pytest -q -p no:randomly tests/domain tests/engine tests/ledger --cov --cov-config=pyproject.toml"
)

# name -> (lock, commands): one command replaces this process and takes further arguments; several are a report.
COMMANDS: dict[str, tuple[str, list[list[str]]]] = {
    "demo": (RUN, [["bookvalue", "demo"]]),
    "run": (RUN, [[]]),
    "test": (DEVELOP, [TESTS]),
    # everything, the tests marked `long` included, with the properties' long profile
    "test-long": (DEVELOP, [["env", "HYPOTHESIS_PROFILE=long", *TESTS, "-m", "", "--timeout", "3600"]]),
    "check": (
        DEVELOP,
        [
            ["ruff", "check", "."],
            ["ruff", "format", "--check", "."],
            ["mypy"],
            ["lint-imports"],
            ["python", "-m", "bookvalue.api.openapi", "--check"],
            [*COVERAGE_GATE.split(), "--cov-report=term-missing:skip-covered"],
        ],
    ),
    "bench": (DEVELOP, [["python", "-m", "benchmarks"]]),
    "mutate": (DEVELOP, [["python", "scripts/mutate.py"]]),
}


def say(sentence: str) -> None:
    """Progress goes to stderr; stdout belongs to the command."""
    print(f"bookvalue: {sentence}", file=sys.stderr, flush=True)


def environment_folder() -> Path:
    """BOOKVALUE_VENV; else .venv in the checkout; else, where that is another user's, one in our own cache."""
    given = os.environ.get("BOOKVALUE_VENV")
    if given:
        return Path(given).absolute()
    local = ROOT / ".venv"
    if local.stat().st_uid == os.geteuid() if local.exists() else os.access(ROOT, os.W_OK):
        return local
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "bookvalue" / f"venv-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]}"


def wanted(lock: str) -> str:
    """What an environment must have been installed from to be current."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in (lock, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed(folder: Path) -> dict[str, str]:
    """Lock name -> digest, as the last complete installation left it."""
    try:
        stamp = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def usable(folder: Path, needs_pip: bool) -> bool:
    """Whether its Python starts (it may have been removed or copied here from another machine) and is new enough."""
    probe = "import sys, importlib.util as u; print(sys.version_info >= (3, 11), u.find_spec('pip') is not None)"
    try:
        args = [str(folder / "bin" / "python"), "-I", "-c", probe]
        shown = subprocess.run(args, capture_output=True, text=True, timeout=60, check=False).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown[:1] == ["True"] and (not needs_pip or shown[1:] == ["True"])


def make_environment(folder: Path, uv: str | None) -> None:
    """A fresh environment in place of whatever broken one is there; never in place of a folder that is not one."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "pyvenv.cfg").exists():
            sys.exit(f"bookvalue: {folder} is not a virtual environment; move it away or set BOOKVALUE_VENV")
        say(f"the environment in {folder} does not work with this Python any more: making a new one")
        shutil.rmtree(folder)
    if uv is None and importlib.util.find_spec("ensurepip") is None:
        sys.exit("bookvalue: this Python cannot make environments; install python3-venv (Debian) or uv")
    say(f"making a virtual environment in {folder} (a few seconds)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if uv:
        run([uv, "venv", "-q", "--python", sys.executable, str(folder)])
    else:
        run([sys.executable, "-m", "venv", str(folder)])


def install(folder: Path, lock: str, uv: str | None) -> None:
    """Installs the lock and the project itself; the stamp is written last, so that a broken-off one is redone."""
    (folder / STAMP).unlink(missing_ok=True)
    python = str(folder / "bin" / "python")
    tool = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    if uv:
        tool = [uv, "pip", "install", "-q", "--python", python]
    usual = "some ten seconds" if uv else "one to two minutes"
    say(f"installing what {lock} names, with {'uv' if uv else 'pip'} ({usual} the first time)")
    run([*tool, "--require-hashes", "-r", str(ROOT / lock)])
    run([*tool, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    # The development lock holds all of the other one.
    names = (RUN, DEVELOP) if lock == DEVELOP else (RUN,)
    (folder / STAMP).write_text(json.dumps({name: wanted(name) for name in names}))


def run(args: list[str]) -> None:
    """Runs a step of the preparation; ends with its exit code when it fails."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER")}
    done = subprocess.run(args, env=env, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        sys.exit(f"bookvalue: this failed (its reason is above): {' '.join(args)}")


@contextmanager
def alone() -> Iterator[None]:
    """One preparation of this checkout at a time; the checkout's folder itself is what is locked."""
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def prepare(lock: str) -> Path:
    """The folder of an environment that has everything of this lock. Takes well under a second when it has already."""
    folder, uv = environment_folder(), shutil.which("uv")
    try:
        with alone():
            if not usable(folder, needs_pip=False):
                make_environment(folder, uv)
            if installed(folder).get(lock) != wanted(lock):
                if not usable(folder, needs_pip=uv is None):  # uv made it, and uv is gone
                    make_environment(folder, uv)
                install(folder, lock, uv)
    except OSError as failed:
        sys.exit(f"bookvalue: {failed}; set BOOKVALUE_VENV to a folder for the virtual environment that can be written")
    return folder


def inside(folder: Path) -> dict[str, str]:
    """The environment variables of a process in the virtual environment."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    path = f"{folder / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    return {**env, "VIRTUAL_ENV": str(folder), "PATH": path}


def become(args: list[str], env: dict[str, str]) -> NoReturn:
    """This process becomes the command, so that signals and exit codes are its own."""
    program = shutil.which(args[0], path=env["PATH"])
    if program is None:
        sys.exit(f"bookvalue: there is no command {args[0]} in {env['VIRTUAL_ENV']}")
    sys.stdout.flush()
    os.execve(program, args, env)


def report(commands: list[list[str]], env: dict[str, str]) -> int:
    """Runs all of them, stops at none, and says at the end which failed."""
    failed = []
    for args in commands:
        say(f"$ {' '.join(args)}")
        program = shutil.which(args[0], path=env["PATH"])
        code = subprocess.run([program, *args[1:]], env=env, check=False).returncode if program else 127
        if code != 0:
            failed.append(f"{' '.join(args)} (exit {code})")
    say(f"failed: {'; '.join(failed)}" if failed else f"all {len(commands)} checks passed")
    return 1 if failed else 0


def main(words: list[str]) -> int:
    """Exit codes: the command's own; 1 when a check or the preparation failed; 2 for a word that is not known."""
    name, further = (words[0], words[1:]) if words else ("", [])
    if name not in COMMANDS or (name == "run" and not further) or (name == "check" and further):
        print(f"usage: dev.py {{{'|'.join(COMMANDS)}}} [ARGS...]   (run needs a command)", file=sys.stderr)
        return 2
    lock, commands = COMMANDS[name]
    env = inside(prepare(lock))
    if name != "run":
        os.chdir(ROOT)
    if len(commands) == 1:
        become([*commands[0], *further], env)
    return report(commands, env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
