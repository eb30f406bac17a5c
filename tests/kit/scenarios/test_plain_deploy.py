"""The start as `gcloud functions deploy` makes it, without the kit's scripts: K_SERVICE is set."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from fulfillment.testing import es_request
from tests.kit.functions import running

GOOGLE = {"K_SERVICE": "dialogflow-webhook"}


def stripped_token() -> str:
    """Return a token as the platform hands it over: checked, and its signature removed."""
    claims = {"email": "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com", "email_verified": True}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims))
    return ".".join([*parts, "SIGNATURE_REMOVED_BY_GOOGLE"])


def test_without_a_mechanism_every_call_is_refused_and_the_log_says_what_to_set(own_tree: Path) -> None:
    with running(own_tree, GOOGLE) as function:
        status, reply = function.call(es_request("hello"))
        (line,) = function.lines()
    assert (status, reply["error"]["cause"]) == (403, "access-not-configured")
    assert "WEBHOOK_AUTH" not in str(reply)
    assert "WEBHOOK_AUTH=iam" in line["detail"]


def test_with_iam_a_call_that_the_platform_let_in_is_answered(own_tree: Path) -> None:
    with running(own_tree, {**GOOGLE, "WEBHOOK_AUTH": "iam"}) as function:
        status, _ = function.call(es_request("hello"), {"authorization": f"Bearer {stripped_token()}"})
    assert status == 200


def test_with_iam_and_a_header_both_must_hold(own_tree: Path) -> None:
    environment = {**GOOGLE, "WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS": "X-Webhook-Secret: s3cret-a1b2c3d4e5"}
    token = {"authorization": f"Bearer {stripped_token()}"}
    with running(own_tree, environment) as function:
        assert function.call(es_request("hello"), token)[0] == 401
        assert function.call(es_request("hello"), {"x-webhook-secret": "s3cret-a1b2c3d4e5"})[0] == 401
        assert function.call(es_request("hello"), {**token, "x-webhook-secret": "s3cret-a1b2c3d4e5"})[0] == 200
        assert "s3cret" not in json.dumps(function.lines())


def test_a_setting_that_cannot_work_stops_the_start_with_its_name(own_tree: Path) -> None:
    with running(own_tree, {**GOOGLE, "WEBHOOK_AUTH": "basic,iam"}, wait=False) as function:
        assert function.process.wait(timeout=30) != 0
        function.log.seek(0)
        last_words = function.log.read()
    assert "WEBHOOK_AUTH" in last_words
    assert "Example: WEBHOOK_AUTH='iam,header'" in last_words
