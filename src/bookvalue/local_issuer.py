"""The issuer of a single machine: an Ed25519 key in the state folder, and the tokens it signs.

Read by the faces beside settings; whoever can read the key file can be anybody, so nobody else may.
"""

import os
import secrets
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bookvalue.domain.errors import SettingsInvalid
from bookvalue.settings import Settings

ALGORITHM: Final = "EdDSA"
SCOPES: Final = (
    "assets", "assets.read", "runs", "periods.close", "periods.lock", "periods.reopen", "journal.read", "settings",
    "businesses",
)  # fmt: skip
"""Every scope that a route may ask for."""


def key_file(settings: Settings) -> Path:
    """Where the key is kept."""
    return settings.state_folder / "issuer.pem"


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key of this state folder, made at the first call. Raises SettingsInvalid where others could read it."""
    path = key_file(settings)
    try:
        if not path.exists():
            _make(path)
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise SettingsInvalid(
                    f"{path} can be read by others than its owner", remedy=f"remove it, or: chmod 600 {path}"
                )
            key = load_pem_private_key(file.read(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsInvalid(
            f"{path} cannot be used as the key of tokens ({type(error).__name__})",
            remedy="remove the file, and a new key is made; tokens of the old one are void then",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsInvalid(f"{path} is not an Ed25519 key", remedy="remove the file, and a new key is made")
    return key


def _make(path: Path) -> None:
    """Writes a new key whole or not at all; of two makers at once the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    written = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(written, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: the beginning of its hash."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def issue(
    settings: Settings,
    *,
    businesses: Sequence[str] | str,
    scopes: Sequence[str],
    ttl_seconds: int,
    subject: str = "local",
) -> str:
    """A signed token. `businesses`: their ids, or "*" for all."""
    key = signing_key(settings)
    now = int(time.time())
    claims = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": subject,
        "iat": now,
        "exp": now + ttl_seconds,
        "jti": secrets.token_hex(8),
        "scope": " ".join(scopes),
        "businesses": businesses if isinstance(businesses, str) else list(businesses),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id(key.public_key())})
