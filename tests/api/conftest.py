"""The API on a fresh database with two businesses, and a factory of tokens."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue import local_issuer
from bookvalue.api.app import create_app
from bookvalue.domain.business import Business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.services.set_up_business import set_up
from bookvalue.settings import Settings
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Role, transaction

MakeToken = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Two:
    """Two businesses that know nothing of each other."""

    a: UUID
    b: UUID


def make_business(engine: Engine, key: str) -> UUID:
    """A business whose books start in 2026."""
    business_id = uuid7()
    value = Business(key, key.title(), "EUR", "Europe/Amsterdam", FiscalCalendar(1, 1), date(2026, 1, 1))
    with transaction(engine, Role.API, business_id) as connection:
        set_up(connection, business_id, value)
        connection.commit()
    return business_id


@pytest.fixture
def businesses(engine: Engine) -> Two:
    """Businesses A and B."""
    return Two(make_business(engine, "alpha"), make_business(engine, "beta"))


@pytest.fixture(scope="session")
def issuer_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose key signs the tokens of this test process."""
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture
def api_settings(database_url: str, issuer_state: Path) -> Settings:
    """Settings of an API on the fresh database; it knows no Redis."""
    return Settings(DATABASE_URL=database_url, REDIS_URL=None, state=issuer_state)


@pytest.fixture
def app(api_settings: Settings) -> FastAPI:
    """The application."""
    return create_app(api_settings)


@pytest.fixture
def client(app: FastAPI, businesses: Two) -> Iterator[TestClient]:
    """A client that begins and ends the application. Errors inside it are answers, as they are for everybody."""
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@dataclass(frozen=True)
class Served:
    """An API that runs as a process of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def memory_peak(self) -> int:
        """The most memory it has held, in bytes."""
        if not Path("/proc/self/status").exists():
            pytest.skip("memory is read from /proc")
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:"))


@pytest.fixture
def served(api_settings: Settings, businesses: Two, tmp_path: Path) -> Iterator[Served]:
    """The real thing: `bookvalue api`, answering."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "DATABASE_URL": str(api_settings.database_url),
        "BOOKVALUE_STATE": str(api_settings.state),
        "BOOKVALUE_API_PORT": str(port),
    }
    log = tmp_path / "api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bookvalue", "api"], env=environment, stderr=output, stdout=output
        )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.05)
        yield Served(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def token(api_settings: Settings) -> MakeToken:
    """Makes a caller's headers: `token(business, scope, …)`; no business named means all, no scope named means all."""

    def make(
        *what: UUID | str, businesses: Sequence[str] | str | None = None, subject: str = "tester", ttl: int = 600
    ) -> dict[str, str]:
        ids = [str(one) for one in what if isinstance(one, UUID)]
        scopes = [one for one in what if isinstance(one, str)] or list(local_issuer.SCOPES)
        made = local_issuer.issue(
            api_settings,
            businesses=businesses if businesses is not None else ids or "*",
            scopes=scopes,
            ttl_seconds=ttl,
            subject=subject,
        )
        return {"Authorization": f"Bearer {made}"}

    return make
