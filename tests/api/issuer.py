"""An issuer elsewhere: a JWKS behind real TLS, with a certificate authority, keys and faults of its own."""

import datetime
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
NOW = datetime.datetime.now(datetime.UTC)


def signing_key(algorithm: str) -> Key:
    """A key that tokens are signed with."""
    return rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())


class Authority:
    """A certificate authority; `file` is its certificate, for whoever is to trust it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        self.certificate = (
            self._builder(name, name, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def context(self, host: str, *, ended: bool = False) -> ssl.SSLContext:
        """What a server of this name (an address, or a host) serves TLS with; `ended`: its certificate has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        called = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
        certificate = (
            self._builder(self.certificate.subject, name, key.public_key(), ended=ended)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.SubjectAlternativeName([called]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        both = self.folder / f"server-{certificate.serial_number:x}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        both.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(both)
        return made

    def _builder(self, issuer: x509.Name, name: x509.Name, public: Any, *, ended: bool = False) -> Any:
        day = datetime.timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer)
            .subject_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 3 * day)
            .not_valid_after(NOW - day if ended else NOW + day)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )


def _usage(**given: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


class Issuer:
    """Signs tokens with its keys and publishes them; `answer` may be replaced by a fault."""

    def __init__(self, algorithm: str, context: ssl.SSLContext) -> None:
        self.algorithm, self.context = algorithm, context
        self.keys: dict[str, Key] = {"one": signing_key(algorithm)}
        self.asked = 0
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self.publish
        self.server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where its keys are."""
        return f"https://127.0.0.1:{self.port}/jwks.json"

    def token(self, kid: str, key: Key | None = None) -> dict[str, str]:
        """The headers of a caller with every right, signed with one of its keys, or with another under that name."""
        now = int(time.time())
        claims = {"iss": "https://issuer.test", "aud": "books", "sub": "me", "iat": now, "exp": now + 600,
                  "scope": "assets runs", "businesses": "*"}  # fmt: skip
        made = jwt.encode(claims, key or self.keys[kid], algorithm=self.algorithm, headers={"kid": kid})
        return {"Authorization": f"Bearer {made}"}

    def publish(self, request: BaseHTTPRequestHandler) -> None:
        """Answers with the public keys."""
        kind = jwt.algorithms.RSAAlgorithm if self.algorithm == "RS256" else jwt.algorithms.ECAlgorithm
        keys = [{**json.loads(kind.to_jwk(key.public_key())), "kid": kid} for kid, key in self.keys.items()]  # type: ignore[attr-defined]
        send(request, 200, json.dumps({"keys": keys}).encode())

    @contextmanager
    def up(self) -> Iterator[None]:
        """Listens while the block lasts, at the same port each time."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                issuer.asked += 1
                issuer.answer(self)

            def log_message(self, *_: Any) -> None:
                """Nothing: the test says what matters."""

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        server.socket = self.context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def send(request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """One answer."""
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
