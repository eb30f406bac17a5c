"""A stand-in for Google's signer: real RSA keys, real certificates, and a real server on 127.0.0.1 that counts."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests  # noqa: F401 - loaded here, so that no deadline in a test pays for it
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt

from fulfillment.access import Guard
from fulfillment.access.basic import Basic
from fulfillment.access.certificates import Certificates
from fulfillment.access.header import Header
from fulfillment.access.id_token import IdToken
from fulfillment.access.platform_iam import PlatformIam
from fulfillment.call import Call
from fulfillment.problems import Problem
from fulfillment.settings import Settings

MakeGuard = Callable[..., Guard]
MakeCall = Callable[..., Call]
Refusal = Callable[[Guard, Call], Problem]
Status = Callable[[Guard, Call], int]
Leaks = Callable[..., list[str]]
Settled = Callable[..., bool]

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"


class Key:
    """A private key with a certificate of its own."""

    def __init__(self, key_id: Any, private: Any) -> None:
        self.id = key_id
        self.private = private
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=9))
            .sign(private, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signer = crypt.RSASigner if isinstance(private, rsa.RSAPrivateKey) else crypt.EsSigner
        self.sign = signer.from_string(pem, key_id).sign


Keys = tuple[Key, Key, Key, Key]


def encoded(value: Any) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Google:
    """Signs tokens, and serves the certificates to check them with."""

    def __init__(self, keys: Keys) -> None:
        self.key, self.next_key, self.stranger, self.elliptic = keys
        self.certificates = {self.key.id: self.key.certificate}
        self.body: bytes | None = None
        self.status = 200
        self.headers = {"Cache-Control": "public, max-age=21600, must-revalidate, no-transform"}
        self.piece = 0  # bytes sent every twentieth of a second; 0 sends all at once
        self.fetches = 0
        self.gate = threading.Event()
        self.gate.set()
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                google.fetches += 1
                gate = google.gate
                body = google.body if google.body is not None else json.dumps(google.certificates).encode()
                gate.wait(10)
                self.send_response(google.status)
                for name, value in google.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # The client may have cut us off.
                    for start in range(0, len(body), google.piece or len(body) or 1):
                        self.wfile.write(body[start : start + (google.piece or len(body))])
                        time.sleep(0.05 if google.piece else 0)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/oauth2/v1/certs"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def claims(self, **changes: Any) -> Any:
        now = int(time.time())
        claims = {
            "iss": "https://accounts.google.com",
            "aud": "https://shop.example/webhook",
            "azp": "1234567890",
            "sub": "1234567890",
            "email": AGENT,
            "email_verified": True,
            "iat": now - 60,
            "exp": now + 3540,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not ...}

    def token(self, key: Any = None, header: Any = None, payload: Any = None, **changes: Any) -> str:
        """A signed token; `...` leaves a claim or header member out."""
        key = key or self.key
        header = {"alg": "RS256", "typ": "JWT", "kid": key.id, **(header or {})}
        header = {name: value for name, value in header.items() if value is not ...}
        text = encoded(header) + b"." + encoded(self.claims(**changes) if payload is None else payload)
        return (text + b"." + encoded(key.sign(text))).decode()

    def hs256_with_the_public_key(self, secret: Any = None) -> str:
        text = encoded({"alg": "HS256", "typ": "JWT", "kid": self.key.id}) + b"." + encoded(self.claims())
        secret = self.key.public if secret is None else secret
        return (text + b"." + encoded(hmac.new(secret, text, hashlib.sha256).digest())).decode()

    def stripped(self, **changes: Any) -> str:
        """A token as Cloud Run hands it over after its own check."""
        return self.token(**changes).rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"


@pytest.fixture(scope="session")
def keys() -> Keys:
    return (
        Key("5e1f0000a", rsa.generate_private_key(65537, 2048)),
        Key("5e1f0000b", rsa.generate_private_key(65537, 2048)),
        Key("5e1f0000a", rsa.generate_private_key(65537, 2048)),
        Key("5e1f0000e", ec.generate_private_key(ec.SECP256R1())),
    )


@pytest.fixture
def google(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    google = Google(keys)
    yield google
    google.gate.set()
    google.server.shutdown()
    google.server.server_close()


def settings_with(
    auth: Any, headers: Any = None, basic: Any = (), callers: Any = (), audience: Any = (), **rest: Any
) -> Settings:
    """The settings of a few mechanisms, which share what is given."""
    own = (Header(headers), Basic(basic), PlatformIam(callers, audience), IdToken(callers, audience))
    return Settings(auth=auth, access=tuple(mechanism for mechanism in own if mechanism.name in auth), **rest)


@pytest.fixture
def guard(google: Google) -> MakeGuard:
    """Makes a guard whose certificates come from the stand-in."""

    def make(clock: Any = time.monotonic, **settings: Any) -> Guard:
        return Guard(settings_with(**settings), Certificates(google.url, clock=clock))

    return make


@pytest.fixture
def call() -> MakeCall:
    """Makes a call from its headers."""

    def make(headers: Any = None, **rest: Any) -> Call:
        return Call(headers={"host": "shop.example", **(headers or {})}, peer="169.254.1.1", **rest)

    return make


@pytest.fixture
def bearer(call: MakeCall) -> MakeCall:
    """Makes a call with a token in its Authorization header."""
    return lambda token, **rest: call({"authorization": f"Bearer {token}"}, **rest)


@pytest.fixture
def refusal() -> Refusal:
    """Returns the problem that a guard ends a call with; fails when it lets the call in."""

    def check(guard: Guard, call: Call) -> Problem:
        with pytest.raises(Problem) as caught:
            guard.check(call)
        return caught.value

    return check


CREDENTIALS = ("authorization", "x-serverless-authorization", "x-webhook-secret", "x-client-cert-subject-dn")


@pytest.fixture
def leaks() -> Leaks:
    """Returns the pieces of the call's credentials, and of the planted secrets, that a problem shows anywhere."""

    def find(problem: Problem, call: Call, *planted: str) -> list[str]:
        shown = problem.message + problem.detail + str(problem) + "".join(traceback.format_exception(problem))
        pieces = {piece for name in CREDENTIALS for piece in re.split(r"[ .,]+", call.headers.get(name, ""))}
        pieces -= {"Bearer", "Basic", "SIGNATURE_REMOVED_BY_GOOGLE"}
        return [piece for piece in (*pieces, *planted) if len(piece) > 5 and piece in shown]

    return find


class Clock:
    """A clock for the age of certificates, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settled() -> Settled:
    """Waits until a condition holds, and returns whether it does."""

    def wait(condition: Any, seconds: float = 5.0) -> Any:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.005)
        return bool(condition())

    return wait


@pytest.fixture
def status() -> Status:
    """Returns the HTTP status that a guard's check amounts to."""

    def check(guard: Guard, call: Call) -> int:
        try:
            guard.check(call)
        except Problem as problem:
            return problem.status
        return 200

    return check
