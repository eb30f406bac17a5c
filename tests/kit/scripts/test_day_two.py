"""After the deployment: min instances, rotation, rollback, smoke test, logs, teardown."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import PROJECT, Bench, words
from deployments import Deployment

FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/dialogflow-webhook"
SERVICE = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
SECRET = f"projects/{PROJECT}/secrets/dialogflow-webhook-headers"


@pytest.fixture
def deployed(bench: Bench, first: Deployment) -> Bench:
    bench.cloud.restore(first.world)
    return bench


class TestMinInstances:
    def test_they_change_without_a_build_and_the_price_is_told(self, deployed: Bench) -> None:
        deployed.cloud.uploads.clear()
        ran = deployed.run("./deploy/min-instances.sh", "3")
        assert ran.code == 0, ran.text
        assert deployed.cloud.things[FUNCTION]["serviceConfig"]["minInstanceCount"] == 3
        assert deployed.cloud.uploads == {}
        assert "about $29.57 a month" in ran.out
        assert "the settings say MIN_INSTANCES=1" in ran.out

    def test_more_than_the_maximum_is_refused(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/min-instances.sh", "11")
        assert ran.code == 1
        assert "raise MAX_INSTANCES" in ran.err
        assert deployed.cloud.changes() == []

    def test_a_word_is_refused_before_any_call(self, deployed: Bench) -> None:
        assert deployed.run("./deploy/min-instances.sh", "many").code == 2
        assert deployed.cloud.seen == []


class TestRotation:
    def test_no_moment_comes_in_which_the_agents_secret_is_not_accepted(self, deployed: Bench, tmp_path: Path) -> None:
        new = tmp_path / "new-headers"
        new.write_text("X-Webhook-Secret: the-second-one-of-all\n")
        moments = watch(deployed)
        ran = deployed.run("./deploy/rotate-secret.sh", WEBHOOK_HEADERS_FILE=str(new), ROTATE_PAUSE="0")
        assert ran.code == 0, ran.text
        assert moments, "something changed"
        for sent, accepted in moments:
            assert sent in accepted, moments
        assert moments[-1] == ("the-second-one-of-all", ["the-second-one-of-all"])
        assert "the-second-one-of-all" not in ran.text + "".join(deployed.calls())
        states = {v["name"].rpartition("/")[2]: v["state"] for v in deployed.cloud.below(f"{SECRET}/versions")}
        assert states == {"1": "DISABLED", "2": "DISABLED", "3": "ENABLED"}

    @pytest.mark.long
    def test_the_same_text_is_no_rotation(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/rotate-secret.sh", ROTATE_PAUSE="0")
        assert ran.code == 0, ran.text
        assert deployed.cloud.changes() == []

    def test_iam_alone_has_nothing_to_rotate(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/rotate-secret.sh", WEBHOOK_AUTH="iam", WEBHOOK_HEADERS_FILE="")
        assert "has no password" in ran.err


def watch(bench: Bench) -> list[tuple[str, list[str]]]:
    """After each request: the secret the agent sends, and those the function accepts."""
    moments: list[tuple[str, list[str]]] = []
    cloud = bench.cloud
    dispatch = cloud._dispatch

    def watched(seen: Any) -> Any:
        answer = dispatch(seen)
        if seen.changes:
            agent = cloud.things[f"projects/{PROJECT}/agent/fulfillment"]["genericWebService"]["requestHeaders"]
            secrets = cloud.things[FUNCTION]["serviceConfig"]["secretEnvironmentVariables"]
            pinned = next(s["version"] for s in secrets if s["key"] == "WEBHOOK_HEADERS")
            text = base64.b64decode(cloud.things[f"{SECRET}/versions/{pinned}"]["payload"]["data"]).decode()
            moments.append((agent["X-Webhook-Secret"], [line.split(": ")[1] for line in text.splitlines() if line]))
        return answer

    cloud._dispatch = watched
    return moments


@pytest.fixture(autouse=True)
def _unwatched(bench: Bench) -> Iterator[Any]:
    yield
    bench.cloud.__dict__.pop("_dispatch", None)


class TestRollback:
    def test_calls_go_to_the_revision_before(self, deployed: Bench) -> None:
        before = deployed.cloud.things[SERVICE]["status"]["latestReadyRevisionName"]
        assert before == "dialogflow-webhook-00002-abc"
        ran = deployed.run("./deploy/rollback.sh")
        assert ran.code == 0, ran.text
        traffic = deployed.cloud.things[SERVICE]["spec"]["traffic"]
        assert [(t.get("revisionName"), t["percent"]) for t in traffic] == [("dialogflow-webhook-00001-abc", 100)]
        again = deployed.run("./deploy/rollback.sh")
        assert "there is no revision before dialogflow-webhook-00001-abc" in again.err

    @pytest.mark.long
    def test_and_back_to_the_newest(self, deployed: Bench) -> None:
        deployed.cloud.things[SERVICE]["spec"]["traffic"] = [
            {"percent": 100, "revisionName": "dialogflow-webhook-00001-abc"}
        ]
        assert deployed.run("./deploy/rollback.sh", "--to-latest").code == 0
        assert deployed.cloud.things[SERVICE]["spec"]["traffic"][0]["latestRevision"] is True


class TestSmoke:
    def test_a_good_answer(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/smoke.sh", "hello")
        assert ran.code == 0, ran.text
        assert (
            "intent Default Welcome Intent answer Hello! webhook Webhook execution successful latency 312 ms"
            in words(ran.out)
        )

    @pytest.mark.parametrize(
        ("message", "cause"),
        [
            ("Webhook call failed. Error: 403 Forbidden.", "./deploy/grant-invoker.sh"),
            ("Webhook call failed. Error: 401 Unauthorized.", "./deploy/link.sh"),
            ("Webhook call failed. Error: DEADLINE_EXCEEDED.", "no answer within 5 seconds"),
            ("Webhook call failed. Error: 500 Internal Server Error.", "./deploy/logs.sh"),
        ],
    )
    def test_a_failed_webhook_has_a_likely_cause(self, deployed: Bench, message: str, cause: str) -> None:
        deployed.cloud.knobs["detect"] = {"webhookStatus": {"code": 14, "message": message}}
        ran = deployed.run("./deploy/smoke.sh", "hello", "--language", "zh-TW")
        assert ran.code == 1
        assert cause in ran.out

    def test_an_intent_without_webhook_call_is_no_success(self, deployed: Bench) -> None:
        deployed.cloud.knobs["detect"] = {"queryResult": {}}
        ran = deployed.run("./deploy/smoke.sh", "hello")
        assert ran.code == 1
        assert "not called" in ran.out


def test_logs_are_a_table_with_errors_first(deployed: Bench) -> None:
    def entry(second: int, trace: str, **members: object) -> dict:
        return {
            "timestamp": f"2026-11-20T10:00:{second:02d}.5Z",
            "insertId": trace,
            "trace": trace,
            "logName": "x",
            **members,
        }

    def call(status: int, cause: str) -> dict:
        return {
            "event": "call",
            "status": status,
            "cause": cause,
            "intent": "check_order",
            "handler": "handlers.check_order.check_order",
            "milliseconds": 120.4,
            "deadline_milliseconds": 4500,
            "id": "c-1",
        }

    refused = entry(9, "t9", httpRequest={"status": 403, "latency": "0.002s"})
    good = entry(1, "t1", jsonPayload=call(200, ""))
    failed = entry(5, "t5", jsonPayload=call(503, "firestore-unavailable"))
    the_same = entry(5, "t5", httpRequest={"status": 503, "latency": "0.9s"})
    deployed.cloud.knobs["log_entries"] = [good, failed, refused, the_same]
    ran = deployed.run("./deploy/logs.sh", "--since", "2h")
    assert ran.code == 0, ran.text
    lines = [words(line) for line in ran.out.splitlines()]
    assert lines[1].startswith("2026-11-20 10:00:09 403 (before the function)")
    assert lines[2].startswith("2026-11-20 10:00:05 503 firestore-unavailable check_order")
    assert lines[3].startswith("2026-11-20 10:00:01 200 check_order")
    assert lines[-1] == "3 calls, 2 not answered with 200."


class TestTeardown:
    def test_the_id_must_be_typed(self, deployed: Bench) -> None:
        for arguments in ([], ["another-project"]):
            ran = deployed.run("./deploy/teardown.sh", *arguments, WEBHOOK_HEADERS_FILE="/no/longer/there")
            assert ran.code == 2
            assert f"./deploy/teardown.sh {PROJECT}" in ran.err
        assert deployed.cloud.seen == []

    def test_everything_goes_but_the_data_and_a_second_time_is_fine(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/teardown.sh", PROJECT)
        assert ran.code == 0, ran.text
        first_change = deployed.cloud.changes()[0]
        assert (first_change.method, first_change.body["enabled"]) == ("PATCH", False), "the fulfillment goes off first"
        left = deployed.cloud.things
        assert FUNCTION not in left
        assert SECRET not in left
        assert f"projects/{PROJECT}/serviceAccounts/dialogflow-webhook@{PROJECT}.iam.gserviceaccount.com" not in left
        assert not [n for n in left if "alertPolicies" in n or "/metrics/" in n or "/dashboards/" in n]
        assert f"projects/{PROJECT}/databases/(default)" in left
        assert f"projects/{PROJECT}/secrets/weather-api-key" in left
        assert f"projects/{PROJECT}/agent" in left
        assert "dialogflow-webhook@" not in str(deployed.cloud.policies)
        deployed.cloud.seen.clear()
        again = deployed.run("./deploy/teardown.sh", PROJECT)
        assert again.code == 0, again.text
        assert "done:" not in again.out

    @pytest.mark.long
    def test_with_data_the_database_goes_too(self, deployed: Bench) -> None:
        deployed.cloud.things[f"projects/{PROJECT}/databases/(default)"]["deleteProtectionState"] = (
            "DELETE_PROTECTION_ENABLED"
        )
        ran = deployed.run("./deploy/teardown.sh", PROJECT, "--with-data")
        assert ran.code == 0, ran.text
        assert f"projects/{PROJECT}/databases/(default)" not in deployed.cloud.things
