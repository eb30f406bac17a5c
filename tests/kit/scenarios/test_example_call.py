"""The `curl` line that `ready` prints: run by bash and the real curl, the real function answers it with 200."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import example_call
from fulfillment.settings import Settings, from_environment
from tests.kit.functions import Function, running

from .conftest import kit_with

HANDLERS = Path(__file__).parent / "example_handlers"
NONE = Settings()


def rows_of(tree: Path) -> list[dict[str, Any]]:
    listed = subprocess.run(
        [sys.executable, "-m", "handlers", "--json"], cwd=tree, capture_output=True, text=True, check=True
    )
    rows: list[dict[str, Any]] = json.loads(listed.stdout)["routes"]
    return rows


def run(line: str) -> tuple[str, str]:
    """Return the status and the body (of HEAD: the headers) that curl got."""
    command = line.replace("curl ", "curl -s --max-time 20 -w '\\n%{http_code}' ", 1)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return status, body


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit_with(HANDLERS, tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def rows(tree: Path) -> list[dict[str, Any]]:
    return rows_of(tree)


@pytest.fixture(scope="module")
def function(tree: Path) -> Iterator[Function]:
    with running(tree) as function:
        yield function


SAID = {
    "plain": "Hi",
    'it\'s quoted "$HOME" `id` \\ größe': "example",
    "simple types": "example 1 1.5 True 2026-12-01 19:00:00 2026-12-01T19:00:00+01:00",
    "choices": "Celsius small 3",
    "composites": "example 1.5 2026-12-01 dict example 1",
    "lists": "['example'] ['S'] EUR 1",
    "optional ones": "None None 3",
    "contexts": "cart 5 None 1 ['cart']",
    "slots": "None False",
    "an.action": "action 1",
    "an event": "event 1",
    "ANOTHER_EVENT": "event",
    "a tag": "tag small cart",
    "fallback": "fallback",
    "/stock": '{"product": "example", "sizes": [1], "currency": "EUR"}',
    "/look": '{"product": "example", "sizes": [1], "currency": "EUR"}',
    "/head": "content-type: application/json",
    "/gone": '{"product": "example", "day": "2026-12-01"}',
    "/put": '{"product": "example", "at": "2026-12-01T19:00:00+01:00"}',
}


@pytest.mark.parametrize("name", SAID)
def test_the_line_for_every_kind_of_handler_is_answered(
    name: str, rows: list[dict[str, Any]], function: Function
) -> None:
    (row,) = [row for row in rows if row["name"] == name]
    status, body = run(example_call.curl_line([row], NONE, f"http://127.0.0.1:{function.port}/"))

    assert status == "200", body
    # Google's JSON may be written with escapes and without spaces.
    said = json.dumps(json.loads(body), ensure_ascii=False) if body.startswith("{") else body.lower()
    assert SAID[name] in said


def test_every_handler_of_the_examples_is_tried(rows: list[dict[str, Any]]) -> None:
    assert sorted(row["name"] for row in rows) == sorted(SAID)


def test_the_sample_is_shown_first_and_else_what_needs_no_context(rows: list[dict[str, Any]]) -> None:
    def shown(*names: str) -> str:
        chosen = [row for row in rows if row["name"] in names]
        return example_call.curl_line(chosen, NONE, "http://127.0.0.1:1/")

    assert '"displayName": "plain"' in shown("contexts", "plain")
    assert '"displayName": "contexts"' in shown("contexts", "an.action")
    assert '"action": "an.action"' in shown("a tag", "an.action", "/stock")
    assert '"tag": "a tag"' in shown("a tag", "fallback", "/stock", "an event")
    sample = dict(rows[0], kind="intent", name="check_order")
    assert '"displayName": "check_order"' in example_call.curl_line([*rows, sample], NONE, "http://127.0.0.1:1/")


def test_without_handlers_the_line_gets_a_handler_to_paste(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "__init__.py").write_text((HANDLERS / "__init__.py").read_text())
    (tmp_path / "tree").mkdir()
    with running(kit_with(empty, tmp_path / "tree")) as function:
        status, _ = run(example_call.curl_line([], NONE, f"http://127.0.0.1:{function.port}/"))
        log = json.dumps(function.lines())
    assert status == "404"
    assert "put this into handlers/default_welcome_intent.py" in log


@pytest.mark.parametrize(
    "environment",
    [
        {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": 'dialogflow:it\'s $a "long" `password`\nold:a-long-password-too'},
        {
            "WEBHOOK_AUTH": "header",
            "WEBHOOK_HEADERS": 'X-Webhook-Secret: it\'s $a "long" `secret`\nX-Webhook-Secret: old-old-old-old-old\n'
            "X-Second: another long secret",
        },
        {"WEBHOOK_AUTH": "iam"},
        {"WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS": "X-Webhook-Secret: 0123456789abcdef0123"},
        {
            "WEBHOOK_AUTH": "iam",
            "WEBHOOK_CALLERS": "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com",
            "WEBHOOK_AUDIENCE": "https://shop.example/",
        },
        {"WEBHOOK_AUTH": "none"},
    ],
    ids=["basic", "header", "iam", "iam and header", "iam with callers and audience", "none"],
)
def test_the_line_shows_the_credentials_that_are_asked_for(
    environment: dict[str, str], tree: Path, rows: list[dict[str, Any]]
) -> None:
    settings = from_environment(environment)
    with running(tree, environment) as function:
        status, body = run(example_call.curl_line(rows, settings, f"http://127.0.0.1:{function.port}/"))
    assert status == "200", body
    assert example_call.what_it_lacks(settings) == ""


def test_what_no_line_can_show_is_told() -> None:
    settings = from_environment(
        {"WEBHOOK_AUTH": "id-token,mtls", "WEBHOOK_CALLERS": "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com"}
    )
    assert example_call.what_it_lacks(settings) == "a token that Google signs and the headers of your load balancer"
