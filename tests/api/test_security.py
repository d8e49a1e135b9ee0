"""Tokens: sixty and more that are forged or broken, none gets in; and what is not yours is not there."""

import base64
import hashlib
import hmac
import json
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.api.conftest import MakeToken, Two
from tests.api.probe import with_probe

from bookvalue import local_issuer
from bookvalue.api.errors import IssuerUnavailable
from bookvalue.api.keys import JwksKeys, LocalKey, usable_keys
from bookvalue.api.security import Verifier, caller
from bookvalue.domain.errors import SettingsInvalid
from bookvalue.settings import Settings


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return with_probe(app)


def b64(raw: bytes | str) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).decode().rstrip("=")


class Forge:
    """Makes tokens, right ones and others, with the key of the issuer or without."""

    def __init__(self, settings: Settings) -> None:
        self.key = local_issuer.signing_key(settings)
        self.kid = local_issuer.key_id(self.key.public_key())
        now = int(time.time())
        self.claims: dict[str, Any] = {
            "iss": "bookvalue-local", "aud": "bookvalue", "sub": "me", "iat": now, "exp": now + 600,
            "scope": "assets journal.read", "businesses": "*",
        }  # fmt: skip

    def signed(self, header: dict[str, Any] | None = None, without: str = "", **claims: Any) -> str:
        """Signed with the issuer's own key, whatever it says."""
        members = {name: value for name, value in {**self.claims, **claims}.items() if name != without}
        return self.raw({"alg": "EdDSA", "typ": "JWT", "kid": self.kid, **(header or {})}, json.dumps(members))

    def raw(self, header: Any, payload: str, sign: Callable[[bytes], bytes] | None = None) -> str:
        text = header if isinstance(header, str) else json.dumps(header)
        first = f"{b64(text)}.{b64(payload)}"
        return f"{first}.{b64((sign or self.key.sign)(first.encode()))}"

    def forged(self, header: dict[str, Any] | None = None) -> str:
        """Signed with another key of the same kind."""
        return self.raw(
            {"alg": "EdDSA", "kid": self.kid, **(header or {})},
            json.dumps(self.claims),
            Ed25519PrivateKey.generate().sign,
        )

    def hs(self, secret: bytes, name: str = "HS256", **header: Any) -> str:
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[name]
        return self.raw(
            {"alg": name, "kid": self.kid, **header}, json.dumps(self.claims),
            lambda text: hmac.new(secret, text, digest).digest(),
        )  # fmt: skip


def forgeries(forge: Forge) -> dict[str, str]:
    """Tokens that must not get in, by what is wrong with them."""
    now = int(time.time())
    public = forge.key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    other = Ed25519PrivateKey.generate()
    other_jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(other.public_key()))
    good = forge.signed()
    head, body, signature = good.split(".")
    payload = json.dumps(forge.claims)
    rs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    es = ec.generate_private_key(ec.SECP256R1())

    def by(key: Any, header: dict[str, Any]) -> str:
        return forge.raw({"alg": "EdDSA", **header}, payload, key.sign)

    return {
        "alg none": forge.raw({"alg": "none"}, payload, lambda _: b""),
        "alg None": forge.raw({"alg": "None"}, payload, lambda _: b""),
        "alg NONE with kid": forge.raw({"alg": "NONE", "kid": forge.kid}, payload, lambda _: b""),
        "alg none with a signature": f"{b64(json.dumps({'alg': 'none'}))}.{body}.{signature}",
        "alg empty": forge.raw({"alg": ""}, payload),
        "no alg": forge.raw({"typ": "JWT"}, payload),
        "alg null": forge.raw({"alg": None}, payload),
        "alg a list": forge.raw({"alg": ["EdDSA"]}, payload),
        "alg in other case": forge.raw({"alg": "eddsa"}, payload),
        "HS256 with the public PEM": forge.hs(pem),
        "HS256 with the public PEM, stripped": forge.hs(pem.strip()),
        "HS256 with the raw public key": forge.hs(raw),
        "HS256 with the key id": forge.hs(forge.kid.encode()),
        "HS256 with an empty secret": forge.hs(b""),
        "HS384 with the public PEM": forge.hs(pem, "HS384"),
        "HS512 with the public PEM": forge.hs(pem, "HS512"),
        "RS256 by another key": jwt.encode(forge.claims, rs, algorithm="RS256", headers={"kid": forge.kid}),
        "PS256 by another key": jwt.encode(forge.claims, rs, algorithm="PS256"),
        "ES256 by another key": jwt.encode(forge.claims, es, algorithm="ES256", headers={"kid": forge.kid}),
        "another key": forge.forged(),
        "another key, another kid": forge.forged({"kid": "mine"}),
        "another key, no kid": forge.raw({"alg": "EdDSA"}, payload, other.sign),
        "kid a path": by(other, {"kid": "../../../../dev/null"}),
        "kid SQL": by(other, {"kid": "' UNION SELECT 'x' --"}),
        "kid a URL": by(other, {"kid": "https://evil.example/jwks"}),
        "kid a number": by(other, {"kid": 0}),
        "kid a list": forge.signed({"kid": [forge.kid]}),
        "kid an object": forge.signed({"kid": {"a": 1}}),
        "kid unknown, right key": forge.signed({"kid": "unknown"}),
        "jwk in the header": by(other, {"jwk": other_jwk}),
        "jwk and our kid": by(other, {"jwk": {**other_jwk, "kid": forge.kid}, "kid": forge.kid}),
        "jku": by(other, {"jku": "https://evil.example/jwks.json", "kid": "evil"}),
        "x5u": by(other, {"x5u": "https://evil.example/cert.pem"}),
        "x5c": by(other, {"x5c": [base64.b64encode(b"certificate").decode()]}),
        "crit": forge.signed({"crit": ["exp"]}),
        "crit b64": forge.signed({"crit": ["b64"], "b64": False}),
        "wrong aud": forge.signed(aud="other"),
        "aud a list without us": forge.signed(aud=["other", "another"]),
        "aud empty": forge.signed(aud=""),
        "aud a number": forge.signed(aud=5),
        "aud a list of numbers": forge.signed(aud=[5]),
        "wrong iss": forge.signed(iss="https://evil.example"),
        "iss a list": forge.signed(iss=["bookvalue-local"]),
        "iss a prefix": forge.signed(iss="bookvalue"),
        "expired": forge.signed(exp=now - 60),
        "expired long ago": forge.signed(exp=0, iat=0),
        "exp a text": forge.signed(exp=str(now + 600)),
        "exp true": forge.signed(exp=True),
        "exp null": forge.signed(exp=None),
        "exp infinite": forge.raw({"alg": "EdDSA"}, payload.replace(str(forge.claims["exp"]), "1e999")),
        "exp NaN": forge.raw({"alg": "EdDSA"}, payload.replace(str(forge.claims["exp"]), "NaN")),
        "exp an object": forge.signed(exp={}),
        "exp beyond every clock": forge.signed(exp=10**400, nbf=10**399),
        "nbf in the future": forge.signed(nbf=now + 120),
        "nbf a text": forge.signed(nbf="0"),
        "iat in the future": forge.signed(iat=now + 120),
        "iat a text": forge.signed(iat=str(now)),
        **{f"without {name}": forge.signed(without=name) for name in ("exp", "iat", "iss", "aud", "sub")},
        "without scope": forge.signed(without="scope"),
        "without businesses": forge.signed(without="businesses"),
        "sub a number": forge.signed(sub=7),
        "sub empty": forge.signed(sub=""),
        "sub with NUL": forge.signed(sub="a\0b"),
        "sub with a lone surrogate": forge.signed(sub="a\ud800b"),
        "sub endless": forge.signed(sub="a" * 300),
        "scope a list": forge.signed(scope=["assets"]),
        "scope an object": forge.signed(scope={"assets": True}),
        "businesses a number": forge.signed(businesses=1),
        "businesses true": forge.signed(businesses=True),
        "businesses a text of one id": forge.signed(businesses=str(uuid4())),
        "businesses a list with a star": forge.signed(businesses=["*"]),
        "businesses a list of numbers": forge.signed(businesses=[1]),
        "businesses an object": forge.signed(businesses={"*": True}),
        "jti a number": forge.signed(jti=5),
        "truncated": good[:-10],
        "truncated payload": f"{head}.{body[:-4]}.{signature}",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{signature}",
        "one bit of the payload": f"{head}.{b64(payload.replace('journal.read', 'journal_read'))}.{signature}",
        "another's signature": f"{head}.{b64(json.dumps({**forge.claims, 'sub': 'root'}))}.{signature}",
        "signature of nothing": f"{head}.{body}.{b64(bytes(64))}",
        "header not JSON": f"{b64('not json')}.{body}.{signature}",
        "header a list": forge.raw("[]", payload),
        "header deep": forge.raw("[" * 2000 + "]" * 2000, payload),
        "payload a list": forge.raw({"alg": "EdDSA"}, "[]"),
        "payload null": forge.raw({"alg": "EdDSA"}, "null"),
        "payload not JSON": forge.raw({"alg": "EdDSA"}, "{"),
        "payload deep": forge.raw({"alg": "EdDSA"}, "[" * 2500 + "]" * 2500),
        "huge": forge.signed(padding="x" * 9_000),
        "padded base64": f"{head}=.{body}.{signature}",
        "a JWE": f"{b64('{}')}.{b64('{}')}.{b64('{}')}.{b64('{}')}.{b64('{}')}",
        "nothing": "",
        "a word": "admin",
    }


def test_none_gets_in(client: TestClient, api_settings: Settings, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    forge = Forge(api_settings)
    assert client.get(url, headers={"Authorization": f"Bearer {forge.signed()}"}).status_code == 200
    cases = forgeries(forge)
    assert len(cases) >= 60
    for name, made in cases.items():
        answer = client.get(url, headers={"Authorization": f"Bearer {made}"})
        assert answer.status_code == 401, f"{name}: {answer.text}"
        assert answer.headers["www-authenticate"].startswith("Bearer"), name
        assert answer.json()["code"] == "unauthenticated", name


def test_what_else_is_no_bearer_token(client: TestClient, api_settings: Settings, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    good = Forge(api_settings).signed()
    for value in (
        good,
        f"Basic {good}",
        f"Token {good}",
        f"Bearer{good}",
        f"Bearer {good} x",
        f"Bearer {good},",
        "Bearer",
    ):
        assert client.get(url, headers={"Authorization": value}).status_code == 401, value
    assert client.get(url, headers=[("Authorization", f"Bearer {good}")] * 2).status_code == 401
    assert client.get(f"{url}?access_token={good}").status_code == 401
    assert client.get(url, headers={"Cookie": f"token={good}"}).status_code == 401
    assert client.get(url).headers["www-authenticate"] == "Bearer"


def test_what_is_right_gets_in(client: TestClient, api_settings: Settings, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    forge = Forge(api_settings)
    now = int(time.time())
    for made in (
        forge.signed(),
        forge.signed(aud=["other", "bookvalue"]),
        forge.signed(nbf=now, jti="x"),
        forge.signed(businesses=[str(businesses.a).upper(), str(uuid4())]),
        forge.signed(exp=now + 600.5),
        forge.signed(iat=now + 5),
        # What a token says of its own key is not looked at.
        forge.signed({"jku": "https://evil.example", "x5u": "https://evil.example", "jwk": {"kty": "OKP"}}),
    ):
        for word in ("Bearer", "bearer"):
            answer = client.get(url, headers={"Authorization": f"{word} {made}"})
            assert answer.status_code == 200, answer.text


def test_scopes(client: TestClient, token: MakeToken, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    body = {"name": "x"}
    assert client.get(url, headers=token("assets.read")).status_code == 200
    assert client.get(url, headers=token("assets")).status_code == 200
    assert client.post(url, json=body, headers=token("assets")).status_code == 201
    for scope in ("assets.read", "journal.read", "ASSETS", "asset", "assets.*", "*"):
        answer = client.post(url, json=body, headers=token(scope))
        assert answer.status_code == 403, scope
        assert 'error="insufficient_scope", scope="assets"' in answer.headers["www-authenticate"]
    assert client.post("/v1/probes", json=body, headers=token("businesses")).status_code == 201
    assert client.post("/v1/probes", json=body, headers=token("assets")).status_code == 403
    with pytest.raises(ValueError, match="at least one"):
        caller("asset")
    with pytest.raises(ValueError, match="at least one"):
        caller()


def test_not_yours_is_not_there(client: TestClient, token: MakeToken, businesses: Two) -> None:
    """The same answer, to the last byte but the ids, for another's business, one that is nowhere, and no id at all."""

    def ask(headers: dict[str, str], business: Any) -> tuple[int, dict[str, Any], set[str]]:
        answer = client.get(f"/v1/businesses/{business}/probes", headers={**headers, "X-Request-ID": "same"})
        members = {**answer.json(), "instance": ""}
        return answer.status_code, members, set(answer.headers)

    mine = token(businesses.a)
    assert ask(mine, businesses.a)[0] == 200
    nowhere = ask(mine, uuid4())
    assert nowhere[0] == 404
    assert ask(mine, businesses.b) == nowhere
    assert ask(mine, "x") == nowhere
    assert ask(mine, str(businesses.a).replace("-", "")) == nowhere
    assert ask(mine, f"{{{businesses.a}}}") == nowhere
    assert ask(mine, UUID(int=0)) == nowhere
    assert ask(token(businesses=[]), businesses.a) == nowhere
    gone = uuid4()
    assert ask(token(gone), gone) == nowhere
    assert ask(token(), uuid4()) == nowhere
    # Without the scope nothing is said about the business at all.
    assert ask(token(businesses.b, "runs"), businesses.a)[0] == ask(token(businesses.b, "runs"), uuid4())[0] == 403


# ------------------------------------------------------------------------------------------------ the issuers


def test_the_local_key(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "deep" / "state")
    found: list[bytes] = []

    def make() -> None:
        found.append(local_issuer.signing_key(settings).private_bytes_raw())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    path = local_issuer.key_file(settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o640)
    with pytest.raises(SettingsInvalid, match="read by others"):
        local_issuer.signing_key(settings)
    path.chmod(0o600)
    path.write_text("nonsense")
    with pytest.raises(SettingsInvalid, match="cannot be used"):
        LocalKey(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"jwks_url": "http://issuer.example/jwks"},
        {"jwks_url": "file:///etc/passwd"},
        {"jwks_url": "https://user:secret@issuer.example/jwks"},
        {"jwks_url": "https://issuer.example/jwks"},
        {"jwks_url": "https://issuer.example/jwks", "jwt_algorithm": "RS256", "jwt_issuer": "i"},
        {"jwks_url": "https://issuer.example/jwks", "jwt_algorithm": "HS256", "jwt_issuer": "i", "jwt_audience": "a"},
        {"jwt_algorithm": "RS256"},
    ],
)
def test_weak_settings_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"jwks_url|JWKS_URL|jwt_algorithm|JWT_ALGORITHM"):
        Settings(**given)  # type: ignore[arg-type]


class Issuer:
    """An issuer elsewhere, with a clock of its own."""

    def __init__(self) -> None:
        self.now, self.asked, self.away = 0.0, 0, False
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.known = JwksKeys("https://issuer.example", "RS256", fetch=self.fetch, clock=lambda: self.now)

    def fetch(self, _: str) -> bytes:
        self.asked += 1
        if self.away:
            raise OSError("away")
        members = [
            {
                **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())),
                "kid": kid,
                "use": "sig",
                "alg": "RS256",
            }
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": members}).encode()


def test_keys_of_an_issuer_elsewhere() -> None:
    issuer = Issuer()
    known = issuer.known
    assert known.find("one") is not None
    assert known.find(None) is not None  # the only one
    assert issuer.asked == 1
    # A flood of unknown ids asks once in PAUSE_SECONDS.
    for at in range(1000):
        assert known.find(f"unknown-{at}") is None
    assert issuer.asked == 1
    issuer.now = 31
    for at in range(1000):
        assert known.find(f"unknown-{at}") is None
    assert issuer.asked == 2
    # A new key is found once asking is allowed again; the old one, taken back, is good no longer.
    issuer.keys = {
        "two": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "three": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    }
    assert known.find("two") is None
    issuer.now = 62
    assert known.find("two") is not None
    assert known.find("one") is None
    assert known.find(None) is None  # which of the two?
    # The issuer is away: what was good stays good, for as long as it takes.
    issuer.away = True
    issuer.now = 10_000
    assert known.find("two") is not None
    assert known.find("four") is None
    issuer.away = False
    issuer.now = 10_031
    issuer.keys.pop("two")
    assert known.find("three") is not None
    assert known.find("two") is None


def test_an_issuer_that_never_answered() -> None:
    issuer = Issuer()
    issuer.away = True
    for _ in range(5):
        with pytest.raises(IssuerUnavailable):
            issuer.known.find("one")
    assert issuer.asked == 1
    issuer.away = False
    issuer.now = 31
    assert issuer.known.find("one") is not None


def test_keys_that_are_not_taken() -> None:
    def jwk(key: Any, **more: Any) -> dict[str, Any]:
        algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else jwt.algorithms.ECAlgorithm
        return {**json.loads(algorithm.to_jwk(key)), **more}

    good = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    p256 = ec.generate_private_key(ec.SECP256R1()).public_key()
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    secret = {"kty": "oct", "k": b64("secret"), "kid": "s"}
    offered = [
        jwk(good, kid="good"), jwk(short, kid="short"), jwk(good, kid="enc", use="enc"),
        jwk(good, kid="other", alg="PS256"),
        jwk(p256, kid="p256"), jwk(p384, kid="p384"), secret, "x", {}, {"kty": "RSA"}, jwk(good, kid=5),
    ]  # fmt: skip
    assert set(usable_keys({"keys": offered}, "RS256")) == {"good", None}
    assert set(usable_keys({"keys": offered}, "ES256")) == {"p256", None}
    for nothing in ({"keys": []}, {"keys": [secret]}):
        with pytest.raises(ValueError, match="no key"):
            usable_keys(nothing, "RS256")


def test_tokens_of_an_issuer_elsewhere() -> None:
    issuer = Issuer()
    settings = Settings(
        jwks_url="https://issuer.example",
        jwt_algorithm="RS256",
        jwt_issuer="https://issuer.example",
        jwt_audience="books",
    )
    verifier = Verifier(settings, issuer.known)
    now = int(time.time())
    claims = {"iss": "https://issuer.example", "aud": "books", "sub": "me", "iat": now, "exp": now + 60,
              "scope": "runs assets", "businesses": "*"}  # fmt: skip

    def refused(made: str) -> bool:
        from bookvalue.api.errors import Unauthenticated

        try:
            verifier.verify([f"Bearer {made}"])
        except Unauthenticated:
            return True
        return False

    made = jwt.encode(claims, issuer.keys["one"], algorithm="RS256", headers={"kid": "one"})
    assert verifier.verify([f"Bearer {made}"]).scopes == {"runs", "assets", "assets.read"}
    assert refused(jwt.encode(claims, issuer.keys["one"], algorithm="RS512", headers={"kid": "one"}))
    assert refused(jwt.encode(claims, issuer.keys["one"], algorithm="PS256", headers={"kid": "one"}))
    assert refused(jwt.encode({**claims, "iss": "bookvalue-local"}, issuer.keys["one"], algorithm="RS256"))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(jwt.encode(claims, other, algorithm="RS256", headers={"kid": "one"}))
    public = issuer.keys["one"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    first = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'one'}))}.{b64(json.dumps(claims))}"
    assert refused(f"{first}.{b64(hmac.new(public, first.encode(), hashlib.sha256).digest())}")
