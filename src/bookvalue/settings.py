"""Settings from the environment, checked once at the start of a process.

Read by the faces and by what starts them; services get plain values.
"""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bookvalue.domain.errors import SettingsInvalid


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
    """Every setting; the name in the environment stands beside each where it is not BOOKVALUE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="BOOKVALUE_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL")
    state: Path = Path("~/.local/state/bookvalue")
    """The folder of the embedded servers' data and logs, and of beat's schedule file."""
    clock: str | None = None
    """The business clock: empty for the real one, an instant (2026-11-20T12:00:00Z), or @FILE that holds an instant."""
    tick_seconds: float = Field(default=60.0, gt=0)
    """How often beat sends its tick."""
    sweep_seconds: float = Field(default=20.0, gt=0)
    """About how often each worker plans and sweeps by itself."""
    patience_seconds: float = Field(default=30.0, gt=0)
    """How long a published run may stay unclaimed before it is published again."""
    lease_seconds: float = Field(default=120.0, ge=1)
    """How long a worker holds a run without a heartbeat."""
    concurrency: int = Field(default=2, ge=1, le=256)
    """Worker children."""
    log_format: LogFormat = LogFormat.CONSOLE
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65535)
    body_limit: int = Field(default=1_048_576, ge=1_024, le=67_108_864)
    """The most bytes of a request's body."""
    requests_per_minute: int = Field(default=6_000, ge=0, le=1_000_000)
    """How many requests a minute one token subject may make of one API process; 0: any number."""
    idempotency_days: int = Field(default=30, ge=1, le=3650)
    """How long the answer to a POST with an Idempotency-Key is kept."""
    jwt_issuer: str = Field(default="bookvalue-local", min_length=1, max_length=500)
    """The `iss` that tokens must carry."""
    jwt_audience: str = Field(default="bookvalue", min_length=1, max_length=500)
    """The `aud` that tokens must carry."""
    jwks_url: str | None = None
    """Where an issuer publishes its keys (https only); without it tokens come from `bookvalue token`."""
    jwt_algorithm: Literal["RS256", "ES256"] | None = None
    """What the issuer at jwks_url signs with; the local issuer signs with EdDSA."""
    failpoints: Path | None = None
    """Only for fault tests: a folder whose files kill this process at named steps."""

    @model_validator(mode="after")
    def _issuer_is_whole(self) -> "Settings":
        """Tokens of an issuer elsewhere are taken only with everything about it said."""
        if self.jwks_url is not None:
            parts = urlsplit(self.jwks_url)
            if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
                raise ValueError("BOOKVALUE_JWKS_URL must be an https URL without user or password")
            if self.jwt_algorithm is None or not {"jwt_issuer", "jwt_audience"} <= self.model_fields_set:
                raise ValueError(
                    "BOOKVALUE_JWKS_URL needs BOOKVALUE_JWT_ISSUER, BOOKVALUE_JWT_AUDIENCE and BOOKVALUE_JWT_ALGORITHM"
                )
        elif self.jwt_algorithm is not None:
            raise ValueError("BOOKVALUE_JWT_ALGORITHM belongs to BOOKVALUE_JWKS_URL, which is not set")
        return self

    @property
    def state_folder(self) -> Path:
        """The state folder, absolute."""
        return self.state.expanduser().absolute()


def load() -> Settings:
    """The settings of this process. Raises SettingsInvalid naming the variable."""
    try:
        settings = Settings()
        business_now(settings)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise SettingsInvalid(first["msg"].removeprefix("Value error, ")) from error
        name = str(first["loc"][0])
        shown = name if name.isupper() else f"BOOKVALUE_{name.upper()}"
        raise SettingsInvalid(f"{shown}: {first['msg']}") from error
    return settings


def business_now(settings: Settings) -> datetime:
    """Now, as the planner is to see it: the real time unless a test or a demo has shifted the business clock.

    Leases and retries never ask this; they use the database's clock. Raises SettingsInvalid.
    """
    given = settings.clock
    if not given:
        return datetime.now(UTC)
    try:
        text = Path(given[1:]).read_text().strip() if given.startswith("@") else given
        instant = datetime.fromisoformat(text)
    except (OSError, ValueError) as error:
        raise SettingsInvalid(
            f"BOOKVALUE_CLOCK: {error}", remedy="give an instant such as 2026-11-20T12:00:00Z"
        ) from error
    if instant.tzinfo is None:
        raise SettingsInvalid(f"BOOKVALUE_CLOCK: {text} has no time zone", remedy="end it with Z or an offset")
    return instant
