"""Where Postgres may live when root starts it: Postgres refuses root, so it runs as another user, and that user must
be able to reach the binaries and the data. Root's own folders are often closed to others; their permissions are never
changed. What cannot be reached is put under a folder that only root can write. Nothing here runs for ordinary users.
"""

import fcntl
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded.identity import birth
from bookvalue.embedded.processes import Account

# /var/lib first: only root writes there, so nobody can have planted the folder, and nothing ages files away as
# systemd-tmpfiles does in /var/tmp after 30 days.
_PLACES = (Path("/var/lib/bookvalue-embedded"), Path("/var/tmp/bookvalue-0"))
_PARTS = ("bin", "lib", "share")


def account(data: Path) -> Account | None:
    """Who Postgres runs as: None for ourselves; for root the owner of existing data, else nobody, else anybody."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    users = [user for user in pwd.getpwall() if user.pw_uid != 0]
    if not users:
        raise EmbeddedUnavailable(
            "Postgres refuses to run as root and this system has no other user", remedy="add one, or run as one"
        )
    chosen = next((user for user in users if user.pw_name == "nobody"), users[-1])
    return Account(chosen.pw_uid, chosen.pw_gid)


def reachable(path: Path, who: Account) -> bool:
    """Whether this user may pass through every folder down to `path`, and through (or execute) it. Looks at mode bits
    only: where an access list would allow more, a copy is made that was not needed."""
    real = path.resolve()
    for part in (real, *real.parents):
        info = part.stat()
        bit = stat.S_IXOTH
        if info.st_uid == who.uid:
            bit = stat.S_IXUSR
        elif info.st_gid == who.gid:
            bit = stat.S_IXGRP
        if not info.st_mode & bit:
            return False
    return True


def binaries(install: Path, version: str, who: Account | None) -> Path:
    """The bin folder of a Postgres install this user can run: the given one, or a copy made once per version."""
    if who is None or reachable(install / "bin" / "postgres", who):
        return install / "bin"
    place = _place()
    # The same two levels as in site-packages: binaries may look for libraries beside their package.
    copied = place / f"postgres-{version}"
    inside = copied / install.parent.name / install.name
    with _alone(place):
        if not copied.exists():
            fresh = place / f"postgres-{version}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            for part in _PARTS:
                shutil.copytree(install / part, fresh / install.parent.name / install.name / part, symlinks=True)
            libraries = install.parent.with_name(f"{install.parent.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name)
            _open_to_readers(fresh)
            fresh.rename(copied)
    return inside / "bin"


def data_folder(state: Path, who: Account | None) -> Path:
    """Where the data of this state folder lies: in it, or (root, out of the other user's reach) in the place, with a
    note in the state folder that names it. The note is the key: a state folder made anew starts with new data."""
    inside, note = state / "postgres", state / "postgres-is-at"
    if who is None or inside.exists():
        return inside
    if note.exists() and (named := Path(note.read_text().strip())).parent.is_dir():
        return named
    if reachable(state, who):
        return inside
    place = _place()
    with _alone(place):
        homes = place / "data"
        homes.mkdir(mode=0o711, exist_ok=True)
        _remove_abandoned(homes)
        home = Path(tempfile.mkdtemp(prefix=f"{state.resolve().parent.name}-", dir=homes))
        home.chmod(0o711)
        (home / "state").write_text(str(state.resolve()))
        note.write_text(str(home / "postgres"))
    return home / "postgres"


def _place() -> Path:
    """A folder that others may pass through and only root can change. Refuses one that somebody else made."""
    for place in _PLACES:
        try:
            place.mkdir(mode=0o711, exist_ok=True)
        except OSError:
            continue
        info = place.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid != 0 or info.st_mode & 0o022:
            raise EmbeddedUnavailable(
                f"{place} is not a folder that only root can write", remedy=f"look at it, then remove {place}"
            )
        place.chmod(0o711)  # mkdir was subject to the umask
        return place
    raise EmbeddedUnavailable(
        f"none of {', '.join(map(str, _PLACES))} can be made for the files of Postgres, which refuses to run as root",
        remedy="run as an ordinary user, or set DATABASE_URL",
    )


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open_to_readers(folder: Path) -> None:
    """An install made under a strict umask is closed to others; the copy holds nothing secret."""
    for root, _, files in os.walk(folder):
        os.chmod(root, 0o755)
        for name in files:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _remove_abandoned(homes: Path) -> None:
    """Removes data whose state folder can never ask for it again: replaced by a new one, or temporary and gone. Any
    other missing state folder may only be unmounted, so its data stays."""
    temporary = Path(tempfile.gettempdir()).resolve()
    for home in homes.iterdir():
        told = home / "state"
        state = Path(told.read_text()) if told.exists() else None
        if state is None or _in_use(home / "postgres"):
            continue
        note = state / "postgres-is-at"
        replaced = note.exists() and note.read_text().strip() != str(home / "postgres")
        if replaced or (not state.exists() and state.is_relative_to(temporary)):
            shutil.rmtree(home, ignore_errors=True)


def _in_use(data: Path) -> bool:
    pid_file = data / "postmaster.pid"
    return pid_file.exists() and birth(int(pid_file.read_text().split()[0])) is not None
