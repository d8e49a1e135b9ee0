"""What `bookvalue up` tells about the API: its address, when it answers, a token, and three lines to begin with.

The lines name no id: the first keeps the id of what it made in the shell. They may be pasted again, also in another
terminal: keys and external ids make them the same requests.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from shlex import quote
from typing import Any

from bookvalue import local_issuer
from bookvalue.cli.output import say, shown
from bookvalue.domain.errors import SettingsInvalid
from bookvalue.settings import Settings, business_now

TOKEN_HOURS = 12
PATIENCE_SECONDS = 60.0
_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """Where somebody on this machine reaches the API."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as curl takes it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def api_address(settings: Settings) -> ApiAddress:
    """The address of an API that is about to start; for port 0 one that is free. Raises SettingsInvalid where it is
    taken or cannot be had."""
    host, port = settings.api_host, settings.api_port
    try:
        family, kind, _, _, where = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            probe.listen(1)
            port = probe.getsockname()[1]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsInvalid(
            f"the API cannot listen on {host}:{port} ({reason[:1].lower()}{reason[1:]})",
            remedy="set BOOKVALUE_API_PORT to a free port, or leave the API out with --no-api",
        ) from error
    return ApiAddress(_ANY.get(host, host), port)


def ready(api: ApiAddress, ended: Callable[[], bool]) -> bool:
    """Waits until the API is ready. False, and said why, where a process ended meanwhile or it takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not _answers(api):
        if ended():
            return False
        if time.monotonic() > until:
            say(f"[red]the API at {shown(api.url)} was not ready within {PATIENCE_SECONDS:.0f} s[/red]")
            return False
        time.sleep(0.1)
    return True


def _answers(api: ApiAddress) -> bool:
    connection = http.client.HTTPConnection(api.host, api.port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def token_for_all(settings: Settings) -> str | None:
    """A token for every business and every scope; None where tokens come from an issuer elsewhere."""
    if settings.jwks_url is not None:
        return None
    return local_issuer.issue(
        settings, businesses="*", scopes=local_issuer.SCOPES, ttl_seconds=TOKEN_HOURS * 3_600, subject="local"
    )


def curl_lines(api: ApiAddress, settings: Settings) -> list[str]:
    """Three lines for sh, with TOKEN set: a business whose books start with the last month that has ended, an asset in
    it, and a run of that month. The book closes nothing by itself, so that the month waits for the run."""
    month = _month_before(business_now(settings).astimezone(UTC).date())
    name = f"first-steps-{month:%Y-%m}"
    business = {
        "key": name, "name": "First Steps", "currency": "EUR", "time_zone": "UTC",
        "books_start": month.isoformat(), "auto": "off",
    }  # fmt: skip
    asset = {
        "external_id": "van-1", "name": "Delivery van", "asset_type": "VEHICLE", "status": "registered",
        "purchase_date": month.isoformat(), "original_value": 4_000_000,
        "depreciation": {"method": "straight_line", "life_months": 60}, "ledger_account": "VEHICLES",
        "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
        "depreciation_expense_account": "DEPRECIATION",
    }  # fmt: skip
    run = {"kind": "on_demand", "period": f"{month:%Y-%m}"}
    made = 'import json, sys; print(json.load(sys.stdin)["data"]["id"])'
    first = _post(f"{api.url}/v1/businesses", business, f"-H 'Idempotency-Key: {name}' ")
    inside = f"{api.url}/v1/businesses/$BUSINESS"
    return [
        f"BUSINESS=$({first} | python3 -c '{made}')",
        _post(f"{inside}/assets", asset, r"-w '\n' "),
        _post(f"{inside}/runs", run, r"-w '\n' "),
    ]


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _post(url: str, body: dict[str, Any], more: str = "") -> str:
    """A POST as a shell writes it."""
    told = f'-H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" {more}'
    return f'curl -fsS "{url}" {told}-d {quote(json.dumps(body))}'
