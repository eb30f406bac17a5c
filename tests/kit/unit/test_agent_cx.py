"""The sample agent for CX (deploy/agent-cx, JSON package): everything it names exists, and its tags are answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud import dialogflowcx_v3
from google.protobuf import json_format

from tests.kit import shipped
from tests.kit.functions import ROOT

AGENT = ROOT / "deploy" / "agent-cx"
SYMBOLIC = {"End Session", "End Flow", "Start Page", "Current Page", "Previous Page"}


def load(file: Path) -> Any:
    return json.loads(file.read_text())


FLOWS = {file.stem: load(file) for file in AGENT.glob("flows/*/*.json")}
PAGES = {file.stem: load(file) for file in AGENT.glob("flows/*/pages/*.json")}
INTENTS = {file.stem: load(file) for file in AGENT.glob("intents/*/*.json")}
ENTITIES = {file.stem: load(file) for file in AGENT.glob("entityTypes/*/*.json")}
WEBHOOKS = {file.stem: load(file) for file in AGENT.glob("webhooks/*.json")}


def members(value: Any, name: str) -> Iterator[Any]:
    """Yield every member of that name, however deep."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for inner in value.values():
            yield from members(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, name)


PLACES = [FLOWS, PAGES]
SAMPLES = {"welcome", "fallback", "get_agent_name", "check_order", "cancel_order", "check_inventory", "store_hours"}
SAMPLES |= {"book_table", "get_weather"}


def module_of(tag: str) -> str:
    return re.sub(r"\W+", "_", tag.lower()).removeprefix("default_").removesuffix("_intent")


@pytest.mark.parametrize("kind", [FLOWS, PAGES, INTENTS, ENTITIES, WEBHOOKS])
def test_each_file_is_named_after_what_it_holds(kind: dict[str, Any]) -> None:
    assert kind
    assert [name for name, resource in kind.items() if resource["displayName"] != name] == []


def test_the_start_flow_exists() -> None:
    agent = load(AGENT / "agent.json")
    assert agent["startFlow"] in FLOWS
    assert agent["defaultLanguageCode"] == "en"


@pytest.mark.parametrize(
    ("member", "known"),
    [
        ("intent", set(INTENTS)),
        ("targetPage", set(PAGES) | SYMBOLIC),
        ("targetFlow", set(FLOWS)),
        ("webhook", set(WEBHOOKS)),
    ],
)
def test_every_resource_that_is_named_exists(member: str, known: set[str]) -> None:
    assert {name for name in members(PLACES, member) if name not in known} == set()


def test_every_entity_type_exists() -> None:
    types = {name.removeprefix("@") for name in members([PAGES, INTENTS], "entityType")}
    assert {name for name in types if not name.startswith("sys.")} <= set(ENTITIES)


@pytest.mark.parametrize("intent", INTENTS)
def test_training_phrases_use_the_intents_parameters(intent: str) -> None:
    phrases = [load(file) for file in AGENT.glob(f"intents/{intent}/trainingPhrases/*.json")]
    declared = {parameter["id"] for parameter in INTENTS[intent].get("parameters", [])}
    assert set(members(phrases, "parameterId")) <= declared
    assert phrases or INTENTS[intent].get("isFallback")
    assert sum(len(file["trainingPhrases"]) for file in phrases) == INTENTS[intent].get("numTrainingPhrases", 0)


def test_ids_are_unique() -> None:
    ids = list(members([FLOWS, PAGES, INTENTS, ENTITIES, WEBHOOKS], "name"))
    assert len(ids) == len(set(ids))


def test_the_form_of_a_booking_asks_for_all_that_its_handler_takes() -> None:
    form = {parameter["displayName"]: parameter for parameter in PAGES["Book Table"]["form"]["parameters"]}
    assert list(form) == ["date", "time", "guests", "name"]
    assert all(parameter["required"] for parameter in form.values())


@pytest.mark.parametrize(
    "event", ["sys.no-match-default", "sys.no-input-default", "webhook.error", "webhook.error.timeout"]
)
def test_the_flow_handles_what_goes_wrong(event: str) -> None:
    (flow,) = FLOWS.values()
    assert event in {handler["event"] for handler in flow["eventHandlers"]}


def test_a_fulfillment_that_calls_a_webhook_has_a_tag() -> None:
    for fulfillment in [*members(PLACES, "triggerFulfillment"), *members(PLACES, "entryFulfillment")]:
        assert ("webhook" in fulfillment) == ("tag" in fulfillment)


@pytest.mark.parametrize("webhook", WEBHOOKS)
def test_a_webhook_is_one_that_the_api_takes(webhook: str) -> None:
    resource = {**WEBHOOKS[webhook], "timeout": f"{WEBHOOKS[webhook]['timeout']['seconds']}s"}
    parsed = json_format.ParseDict(resource, dialogflowcx_v3.Webhook.pb()())
    assert parsed.generic_web_service.uri.startswith("https://")


def test_every_tag_of_a_handler_that_is_there_reaches_it() -> None:
    names = {mark.name for mark, _ in shipped.routes().table()}
    modules = set(shipped.handlers())
    standard = [one for one in members(PLACES, "triggerFulfillment") if one.get("webhook") == "Shop"]
    tags = {one["tag"] for one in standard}
    assert len(tags) == 9
    # A sample whose module was deleted takes its tag's handler with it.
    assert {tag for tag in tags if tag not in names and module_of(tag) in modules} == set()
    assert {module_of(tag) for tag in tags} <= SAMPLES
