"""What the first run leaves out unless it is asked for: sample documents, indexes, Slack."""

from __future__ import annotations

import json

import pytest
from bench import PROJECT, ROOT, Bench
from deployments import Deployment
from standin import discovery

from deploy.tool import documents

DATABASE = f"projects/{PROJECT}/databases/(default)"


@pytest.fixture
def deployed(bench: Bench, first: Deployment) -> Bench:
    bench.cloud.restore(first.world)
    return bench


def test_sample_documents_are_loaded_and_never_overwritten(deployed: Bench) -> None:
    mine = {"name": f"{DATABASE}/documents/orders/A-1001", "fields": {"status": {"stringValue": "mine"}}}
    deployed.cloud.things[mine["name"]] = mine
    ran = deployed.run("./deploy/firestore.sh", SAMPLE_DATA="yes")
    assert ran.code == 0, ran.text
    assert deployed.cloud.things[mine["name"]] == mine
    assert "already there" in ran.out
    assert "1 sample documents" in ran.out
    kept = {name.split("/documents/")[1] for name in deployed.cloud.things if "/documents/" in name}
    files = (ROOT / "deploy" / "data").glob("*.json")
    assert kept == {f"{file.stem}/{document}" for file in files for document in json.loads(file.read_text())}


def test_every_kind_of_value_becomes_what_firestore_knows() -> None:
    plain = {
        "nothing": None, "yes": True, "one": 1, "half": 0.5, "text": "x", "list": [1, {"a": "b"}],
        "when": {"$timestamp": "2026-12-01T09:30:00+01:00"}, "who": {"$reference": "stores/main"},
        "where": {"$geo": [25.03, 121.56]}, "raw": {"$bytes": "aGVsbG8="},
    }  # fmt: skip
    fields = {name: documents.value(value, DATABASE) for name, value in plain.items()}
    assert fields["when"] == {"timestampValue": "2026-12-01T08:30:00.000000Z"}
    assert fields["who"] == {"referenceValue": f"{DATABASE}/documents/stores/main"}
    assert discovery.check_value("firestore", "v1", "Document", {"fields": fields}) == []


def test_indexes_of_the_file_are_made_once(deployed: Bench) -> None:
    file = deployed.tree / "deploy" / "firestore.indexes.json"
    before = file.read_text()
    fields = [{"fieldPath": "store", "order": "ASCENDING"}, {"fieldPath": "tags", "arrayConfig": "CONTAINS"}]
    index = {"collectionGroup": "products", "queryScope": "COLLECTION", "fields": fields}
    try:
        file.write_text(json.dumps({**json.loads(before), "indexes": [index]}))
        ran = deployed.run("./deploy/firestore.sh")
        assert ran.code == 0, ran.text
        assert "done: index products" in ran.out
        (made,) = deployed.cloud.below(f"{DATABASE}/collectionGroups/products/indexes")
        assert made["fields"] == fields
        assert "index products" not in deployed.run("./deploy/firestore.sh").out
    finally:
        file.write_text(before)


@pytest.mark.long
def test_slack_is_found_once_somebody_has_authorised_it(deployed: Bench) -> None:
    without = deployed.run("./deploy/alerts.sh", ALERT_SLACK_CHANNEL="#shop-alerts")
    assert without.code == 0, without.text
    assert "look: no Slack channel #shop-alerts" in without.out
    name = f"projects/{PROJECT}/notificationChannels/77"
    deployed.cloud.things[name] = {"name": name, "type": "slack", "labels": {"channel_name": "#shop-alerts"}}
    ran = deployed.run("./deploy/alerts.sh", ALERT_SLACK_CHANNEL="#shop-alerts")
    assert ran.code == 0, ran.text
    for policy in deployed.cloud.below(f"projects/{PROJECT}/alertPolicies"):
        assert name in policy["notificationChannels"]
        assert len(policy["notificationChannels"]) == 2
