"""deploy/agent is an ES export that Restore takes: every rule that can be checked offline."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from bench import PROJECT, ROOT, Bench

from tests.kit import shipped
from tests.kit.projects import kit_with

AGENT = ROOT / "deploy" / "agent"
LANGUAGES = ("en", "zh-tw")
WITHOUT_PHRASES = {"Default Fallback Intent", "table_full"}
SYSTEM = {"@sys.any", "@sys.date", "@sys.time", "@sys.number-integer", "@sys.geo-city"}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


INTENTS = {i["name"]: i for i in (load(f) for f in (AGENT / "intents").glob("*.json") if "_usersays_" not in f.name)}
ENTITIES = {e["name"]: e for e in (load(f) for f in (AGENT / "entities").glob("*.json") if "_entries_" not in f.name)}


def parameters(name: str) -> dict[str, dict[str, Any]]:
    return {p["name"]: p for p in INTENTS[name]["responses"][0]["parameters"]}


def phrases(name: str, language: str) -> list[dict[str, Any]]:
    file = AGENT / "intents" / f"{name}_usersays_{language}.json"
    return load(file) if file.exists() else []


def test_the_zip_has_agent_json_at_its_root_and_nothing_strange(tmp_path: Path) -> None:
    target = tmp_path / "agent.zip"
    subprocess.run([sys.executable, "-m", "deploy.tool", "export", "zip", AGENT, target], cwd=ROOT, check=True)
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert json.loads(archive.read("package.json")) == {"version": "1.0.0"}
    assert "agent.json" in names
    assert all(re.fullmatch(r"(agent|package)\.json|(intents|entities)/[^/]+\.json", name) for name in names)
    assert len(names) == len(list(AGENT.rglob("*.json")))


def test_the_agent_speaks_both_languages_and_v2() -> None:
    agent = load(AGENT / "agent.json")
    assert (agent["language"], agent["supportedLanguages"]) == ("en", ["zh-tw"])
    assert agent["onePlatformApiVersion"] == "v2"
    assert agent["defaultTimezone"]
    assert agent["webhook"]["url"] == "", "link.sh knows the URL"
    assert "secondaryKey" not in agent


def module_of(intent: str) -> str:
    return re.sub(r"\W+", "_", intent.lower()).removeprefix("default_").removesuffix("_intent")


def test_the_intents_are_those_of_the_shop() -> None:
    assert set(INTENTS) == {
        "Default Welcome Intent", "Default Fallback Intent", "get-agent-name", "check_order", "cancel_order",
        "check_inventory", "store_hours", "book_table", "table_full", "get_weather",
    }  # fmt: skip


def test_every_handler_has_its_intent_with_the_parameters_it_asks_for(tmp_path: Path) -> None:
    tree = kit_with(shipped.copy_handlers(tmp_path / "shipped"), tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "handlers", "--json"], cwd=tree, capture_output=True, text=True, check=True
    )
    for route in json.loads(ran.stdout)["routes"]:
        if route["kind"] == "intent" and route["name"] in INTENTS:
            asked = {p["name"] for p in route["parameters"]}
            assert asked <= set(parameters(route["name"])), route["name"]
            assert INTENTS[route["name"]]["webhookForSlotFilling"] == route["slot_filling"], route["name"]
    handled = {route["name"] for route in json.loads(ran.stdout)["routes"] if route["kind"] == "intent"}
    # A sample whose module was deleted takes its intent's handler with it.
    modules = set(shipped.handlers())
    assert [name for name in set(INTENTS) - handled if module_of(name) in modules - {"table_full"}] == []


def test_ids_are_stable_and_used_once() -> None:
    texts = [f.read_text(encoding="utf-8") for f in AGENT.rglob("*.json")]
    ids = re.findall(r'"id": "([^"]+)"', "".join(texts))
    assert all(uuid.UUID(i).version == 5 for i in ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", sorted(INTENTS))
class TestIntent:
    def test_file_name_and_form(self, name: str) -> None:
        intent = INTENTS[name]
        assert (AGENT / "intents" / f"{re.sub('[:?]', '_', name)}.json").exists()
        assert len(intent["responses"]) == 1
        assert intent["webhookUsed"] is True
        assert intent["webhookForSlotFilling"] is (name == "book_table")
        assert "parentId" not in intent

    def test_it_answers_in_both_languages_when_the_webhook_fails(self, name: str) -> None:
        messages = INTENTS[name]["responses"][0]["messages"]
        assert all(isinstance(m["type"], str) for m in messages)
        assert {m["lang"] for m in messages if m["type"] == "0" and m["speech"]} == set(LANGUAGES)

    def test_every_type_resolves(self, name: str) -> None:
        for parameter in parameters(name).values():
            kind = parameter["dataType"]
            assert kind == "" or kind in SYSTEM or kind.removeprefix("@") in ENTITIES, kind

    def test_required_parameters_are_asked_for_in_both_languages(self, name: str) -> None:
        for parameter in parameters(name).values():
            if parameter["required"]:
                assert {p["lang"] for p in parameter["prompts"]} == set(LANGUAGES)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_phrases_use_its_parameters(self, name: str, language: str) -> None:
        said = phrases(name, language)
        assert (len(said) >= 5) is (name not in WITHOUT_PHRASES)
        for phrase in said:
            assert phrase["isTemplate"] is False
            assert phrase["lang"] == language
            assert "".join(part["text"] for part in phrase["data"]).strip()
            for part in phrase["data"]:
                if "alias" in part:
                    assert part["meta"] == parameters(name)[part["alias"]]["dataType"]

    def test_what_values_point_at_exists(self, name: str) -> None:
        events = {event["name"] for intent in INTENTS.values() for event in intent["events"]}
        for parameter in parameters(name).values():
            for text in (parameter["value"], parameter["defaultValue"]):
                if text.startswith("#"):
                    assert text[1:].split(".")[0] in events
                elif text:
                    assert text == f"${parameter['name']}"

    def test_input_contexts_are_produced_by_some_intent(self, name: str) -> None:
        produced = {c["name"] for i in INTENTS.values() for c in i["responses"][0]["affectedContexts"]}
        assert set(INTENTS[name]["contexts"]) <= produced


def test_welcome_and_fallback_are_what_dialogflow_expects() -> None:
    assert INTENTS["Default Welcome Intent"]["events"] == [{"name": "WELCOME"}]
    assert INTENTS["Default Fallback Intent"]["fallbackIntent"] is True
    assert INTENTS["Default Fallback Intent"]["responses"][0]["action"] == "input.unknown"
    assert [name for name, intent in INTENTS.items() if intent["fallbackIntent"]] == ["Default Fallback Intent"]


def test_no_phrase_belongs_to_two_intents() -> None:
    owners: dict[tuple[str, str], str] = {}
    for name in INTENTS:
        for language in LANGUAGES:
            for phrase in phrases(name, language):
                text = "".join(part["text"] for part in phrase["data"]).lower()
                assert owners.setdefault((language, text), name) == name, text


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_entities_have_the_same_values_in_every_language(name: str) -> None:
    values = {
        lang: {e["value"]: e["synonyms"] for e in load(AGENT / "entities" / f"{name}_entries_{lang}.json")}
        for lang in LANGUAGES
    }
    assert set(values["en"]) == set(values["zh-tw"])
    for entries in values.values():
        assert all(synonyms[0] == value for value, synonyms in entries.items()), "a value is its own first synonym"


def test_the_store_can_be_overridden_by_session_entities() -> None:
    assert ENTITIES["store"]["isOverridable"] is True


def test_entity_values_are_in_the_sample_data() -> None:
    data = ROOT / "deploy" / "data"
    if not {"deploy/data/stores.json", "deploy/data/products.json"} <= shipped.unchanged():
        pytest.skip("the sample documents were removed or changed")
    stores = {e["value"] for e in load(AGENT / "entities" / "store_entries_en.json")}
    assert stores == set(load(data / "stores.json"))
    products = {e["value"] for e in load(AGENT / "entities" / "product_entries_en.json")}
    assert products <= {alias for p in load(data / "products.json").values() for alias in p["aliases"]}


class TestRestore:
    """deploy/agent.sh puts it into an agent."""

    def test_into_a_project_without_an_agent(self, bench: Bench) -> None:
        bench.cloud.apis[PROJECT].add("dialogflow.googleapis.com")
        for name in [n for n in bench.cloud.things if "/agent" in n]:
            del bench.cloud.things[name]
        ran = bench.run("./deploy/agent.sh", "restore")
        assert ran.code == 0, ran.text
        assert bench.cloud.things[f"projects/{PROJECT}/agent"]["defaultLanguageCode"] == "en"
        restored = {
            i["displayName"]: i.get("webhookState") for i in bench.cloud.below(f"projects/{PROJECT}/agent/intents")
        }
        assert set(restored) == set(INTENTS)
        assert restored["book_table"] == "WEBHOOK_STATE_ENABLED_FOR_SLOT_FILLING"
        assert bench.cloud.changes()[-1].path.endswith("agent:train")

    def test_never_over_an_agent_with_intents_unless_told(self, bench: Bench) -> None:
        bench.cloud.apis[PROJECT].add("dialogflow.googleapis.com")
        for verb in ("restore", "import"):
            ran = bench.run("./deploy/agent.sh", verb)
            assert ran.code == 1
            assert "is not empty: get-agent-name" in ran.err
            assert f"./deploy/agent.sh {verb} --replace" in ran.err
        assert bench.cloud.changes() == []
        assert bench.run("./deploy/agent.sh", "import", "--replace").code == 0
