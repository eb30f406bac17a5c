"""`outside.google_token`: the real google-auth against a token endpoint and a metadata server on 127.0.0.1."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fulfillment import deadline, in_thread, outside
from fulfillment.outside import google_tokens
from tests.kit.outside_servers import call_of

CALENDAR = "https://www.googleapis.com/auth/calendar"
DRIVE = "https://www.googleapis.com/auth/drive"


class Google:
    """Google's token endpoint and the metadata server of an instance; gives out token-1, token-2, ..."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.given = 0
        self.life = 3600
        self.status = 200
        self.wait = 0.0
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                google.asked.append(_claims(form["assertion"][0])["scope"])
                self._say(google.token())

            def do_GET(self) -> None:
                path = urlsplit(self.path)
                if path.path.endswith("/token"):
                    google.asked.append(parse_qs(path.query)["scopes"][0])
                    self._say(google.token())
                elif path.path.endswith("/project-id"):
                    self._say("kit", "text/plain")
                else:
                    self._say({"email": "kit@kit.iam.gserviceaccount.com", "scopes": []})

            def _say(self, answer: Any, kind: str = "application/json") -> None:
                with contextlib.suppress(OSError):
                    self.send_response(google.status if isinstance(answer, dict) else 200)
                    self.send_header("Metadata-Flavor", "Google")
                    self.send_header("Content-Type", kind)
                    self.end_headers()
                    self.wfile.write(answer.encode() if isinstance(answer, str) else json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def token(self) -> dict[str, Any]:
        self.given += 1
        number = self.given
        time.sleep(self.wait)
        if self.status != 200:
            return {"error": "invalid_grant", "error_description": "Account not found"}
        return {"access_token": f"token-{number}", "expires_in": self.life, "token_type": "Bearer"}

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def _claims(assertion: str) -> dict[str, Any]:
    from google.auth import jwt

    claims: dict[str, Any] = jwt.decode(assertion, verify=False)
    return claims


@pytest.fixture
def google() -> Iterator[Google]:
    server = Google()
    google_tokens.forget()
    yield server
    server.close()
    google_tokens.forget()


@pytest.fixture
def service_account(google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Google:
    """A key file whose tokens come from `google`."""
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "key.json"
    account = {"type": "service_account", "client_email": "kit@kit.iam.gserviceaccount.com", "private_key_id": "1"}
    file.write_text(json.dumps(account | {"private_key": key.decode(), "token_uri": f"http://{google.host}/token"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    return google


def test_the_accounts_token_for_one_scope_or_several(service_account: Google) -> None:
    assert outside.google_token(CALENDAR) == "token-1"
    assert outside.google_token([DRIVE, CALENDAR]) == "token-2"
    assert service_account.asked == [CALENDAR, f"{DRIVE} {CALENDAR}"]


def test_a_token_is_kept(service_account: Google) -> None:
    assert [outside.google_token([CALENDAR, DRIVE]), outside.google_token((DRIVE, CALENDAR))] == ["token-1"] * 2
    assert service_account.given == 1


def test_many_threads_ask_once(service_account: Google) -> None:
    service_account.wait = 0.2
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(in_thread(lambda _: outside.google_token(CALENDAR)), range(20)))
    assert (found, service_account.given) == (["token-1"] * 20, 1)


def test_a_token_is_renewed_ahead_while_the_present_one_is_given_out(
    service_account: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    service_account.life = 120  # under the 225 s that are left for renewing it
    monkeypatch.setattr(google_tokens, "RENEW_AGAIN_AFTER", 0.0)
    monkeypatch.setattr(google_tokens, "RETRY_AFTER", 0.0)
    assert outside.google_token(CALENDAR) == "token-1"
    service_account.wait = 0.5
    started = time.monotonic()
    assert outside.google_token(CALENDAR) == "token-1"
    assert time.monotonic() - started < 0.3
    until = time.monotonic() + 5
    while outside.google_token(CALENDAR) == "token-1" and time.monotonic() < until:
        time.sleep(0.05)
    assert outside.google_token(CALENDAR) == "token-2"


def test_a_token_that_is_about_to_end_is_not_given_out(
    service_account: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    service_account.life = 20
    monkeypatch.setattr(google_tokens, "RETRY_AFTER", 0.0)
    assert [outside.google_token(CALENDAR), outside.google_token(CALENDAR)] == ["token-1", "token-2"]


def test_a_token_that_comes_too_late_is_unavailable_in_time_and_serves_the_next_call(service_account: Google) -> None:
    service_account.wait = 1.0
    started = time.monotonic()
    with call_of(0.8), pytest.raises(outside.Unavailable, match=r"^google_token: no answer in time$"):
        outside.google_token(CALENDAR)
    assert time.monotonic() - started < 0.8 - deadline.ANSWER_MARGIN - deadline.OUTSIDE_MARGIN + 0.1
    with call_of(4.5):
        assert outside.google_token(CALENDAR) == "token-1"
    assert service_account.given == 1


def test_an_account_that_is_refused_is_told_and_not_asked_for_again_at_once(
    service_account: Google, caplog: pytest.LogCaptureFixture
) -> None:
    service_account.status = 400
    for _ in range(2):
        with pytest.raises(
            outside.Unavailable, match=r"^google_token: RefreshError: invalid_grant: Account not found$"
        ):
            outside.google_token(CALENDAR)
    assert service_account.given == 1
    assert "gcloud auth application-default login" in caplog.text
    service_account.status = 200
    time.sleep(google_tokens.RETRY_AFTER)
    assert outside.google_token(CALENDAR) == "token-2"


def test_no_credential_is_unavailable_and_says_what_to_do(
    google: Google, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(
        outside.Unavailable, match=r"^google_token: DefaultCredentialsError: File /nowhere/key.json was"
    ):
        outside.google_token(CALENDAR)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caplog.text


@pytest.mark.parametrize("scopes", ["", [], [""], [None]])
def test_a_scope_must_be_named(scopes: Any) -> None:
    with pytest.raises(ValueError, match="google_token needs scopes"):
        outside.google_token(scopes)


def test_on_google_it_is_the_functions_service_account(google: Google, tmp_path: Path) -> None:
    environment = {
        "HOME": str(tmp_path),
        "GCE_METADATA_HOST": google.host,
        "GCE_METADATA_IP": google.host,
        "PYTHONPATH": str(Path(__file__).parents[4]),
    }
    code = f"from fulfillment import outside\nprint(outside.google_token({CALENDAR!r}))"
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "token-1\n", found.stderr
    assert google.asked == [CALENDAR]
