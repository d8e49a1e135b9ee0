"""The public keys that tokens are checked with: the local issuer's one, or an issuer's JWKS by setting.

A token never says where its key comes from: jku, jwk and x5u are not looked at.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import IO, Any, Protocol

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bookvalue.api.errors import IssuerUnavailable
from bookvalue.local_issuer import ALGORITHM, key_id, signing_key
from bookvalue.settings import Settings

FRESH_SECONDS = 300.0
"""Keys are asked for again after this long, so that a key taken back does not stay good."""
PAUSE_SECONDS = 30.0
"""The least time between two questions, whatever key ids tokens claim."""
FETCH_SECONDS = 5.0
MOST_BYTES = 262_144
_log = structlog.get_logger("bookvalue.api")


class Keys(Protocol):
    """Where a key is found by its id."""

    algorithm: str

    def find(self, kid: str | None) -> Any | None:
        """The key, or None where there is no such key. Raises IssuerUnavailable where none can be had."""


class LocalKey:
    """The one key of the local issuer."""

    algorithm = ALGORITHM

    def __init__(self, settings: Settings) -> None:
        self._key = signing_key(settings).public_key()
        self._id = key_id(self._key)

    def find(self, kid: str | None) -> Any | None:
        """The key, unless another one is asked for."""
        return self._key if kid is None or kid == self._id else None


class JwksKeys:
    """The keys of an issuer elsewhere, by its JWKS.

    An unknown id asks again, but at most every PAUSE_SECONDS; until then it stays unknown. Where the issuer does not
    answer, the last keys it gave stay good.
    """

    def __init__(
        self,
        url: str,
        algorithm: str,
        *,
        fetch: Callable[[str], bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.algorithm = algorithm
        self._url, self._fetch, self._clock = url, fetch or _get, clock
        self._keys: Mapping[str | None, Any] = {}
        self._asked_at = self._given_at = -float("inf")
        self._lock = threading.Lock()

    def find(self, kid: str | None) -> Any | None:
        """The key, or None. Raises IssuerUnavailable where the issuer has never answered."""
        now = self._clock()
        key = self._keys.get(kid)
        stale = now - self._given_at >= FRESH_SECONDS
        if (key is None or stale) and now - self._asked_at >= PAUSE_SECONDS:
            self._refresh(wait=key is None)
            key = self._keys.get(kid)
        elif key is None and self._lock.acquire(timeout=FETCH_SECONDS / 5):
            # Somebody may have been asking for this very key just now.
            self._lock.release()
            key = self._keys.get(kid)
        if not self._keys:
            raise IssuerUnavailable(f"no keys could be had from {self._url}")
        return key

    def _refresh(self, *, wait: bool) -> None:
        """Asks the issuer; one thread does, others wait for it a moment if they have no key."""
        if not self._lock.acquire(timeout=FETCH_SECONDS if wait else 0):
            return
        try:
            if self._clock() - self._asked_at < PAUSE_SECONDS:
                return
            self._asked_at = self._clock()
            self._keys = usable_keys(json.loads(self._fetch(self._url)), self.algorithm)
            self._given_at = self._clock()
        except Exception as error:
            _log.warning("issuer.keys_not_had", reason=f"{type(error).__name__}: {error}"[:200], kept=len(self._keys))
        finally:
            self._lock.release()


def usable_keys(document: Any, algorithm: str) -> dict[str | None, Any]:
    """The keys of a JWKS that may sign with `algorithm`, by id; a single key is found without an id as well.

    Raises ValueError where there is none.
    """
    found: dict[str | None, Any] = {}
    for entry in document["keys"]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
            continue
        try:
            key = jwt.PyJWK(entry, algorithm).key
        except jwt.PyJWTError:
            continue
        kid = entry.get("kid")
        if _fits(key, algorithm) and (kid is None or isinstance(kid, str)):
            found[kid] = key
    if not found:
        raise ValueError(f"no key for {algorithm}")
    if len(found) == 1:
        found[None] = next(iter(found.values()))
    else:
        found.pop(None, None)
    return found


def _fits(key: Any, algorithm: str) -> bool:
    if algorithm == "RS256":
        return isinstance(key, RSAPublicKey) and key.key_size >= 2048
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """The keys are where the setting says, nowhere else."""


def _get(url: str) -> bytes:
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - https by the settings
    with opener.open(request, timeout=FETCH_SECONDS) as answer:
        content: bytes = answer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("the key set is too large")
    return content


def keys_of(settings: Settings) -> Keys:
    """The keys that these settings trust. Raises SettingsInvalid."""
    if settings.jwks_url is None:
        return LocalKey(settings)
    return JwksKeys(settings.jwks_url, settings.jwt_algorithm or "RS256")
