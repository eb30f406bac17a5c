"""The files of deploy/monitoring: Google's schemas, and the log lines that the function really writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import ROOT
from standin import discovery

from tests.kit.projects import OWN_HANDLERS, kit_with

FILES = ROOT / "deploy" / "monitoring"
VALUES = (
    "FUNCTION_NAME=dialogflow-webhook",
    "NEAR_DEADLINE=3600",
    "MAX_INSTANCES_LESS_ONE=9",
    "CHANNELS=projects/p/notificationChannels/1",
)
SCHEMAS = {"policy": ("monitoring", "v3", "AlertPolicy"), "metric": ("logging", "v2", "LogMetric"),
           "dashboard": ("monitoring", "v1", "Dashboard")}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("filled")
    subprocess.run([sys.executable, "-m", "deploy.tool", "monitoring", "fill", folder, *VALUES], cwd=ROOT, check=True)
    return {file.name: json.loads(file.read_text()) for file in folder.iterdir()}


def test_every_file_fits_googles_schema(filled: dict[str, Any]) -> None:
    assert len(filled) == 10
    for name, content in filled.items():
        assert discovery.check_value(*SCHEMAS[name.split(".")[1]], content) == [], name
        assert "@" not in json.dumps(content).replace("@type", ""), f"{name}: a place is not filled"


def test_a_misspelt_member_would_be_caught(filled: dict[str, Any]) -> None:
    policy = json.loads(json.dumps(filled["latency.policy.json"]))
    threshold = policy["conditions"][0]["conditionThreshold"]
    threshold["comparision"] = threshold.pop("comparison")
    assert discovery.check_value("monitoring", "v3", "AlertPolicy", policy)


@pytest.mark.parametrize(
    ("file", "threshold"),
    [("error-rate", 0.05), ("latency", 2000), ("refused", 0), ("near-deadline", 0), ("instances", 9)],
)
def test_the_thresholds(filled: dict[str, Any], file: str, threshold: float) -> None:
    condition = filled[f"{file}.policy.json"]["conditions"][0]["conditionThreshold"]
    assert condition["comparison"] == "COMPARISON_GT"
    assert condition["thresholdValue"] == threshold
    assert filled[f"{file}.policy.json"]["notificationChannels"] == ["projects/p/notificationChannels/1"]


def test_policies_and_charts_use_metrics_that_exist(filled: dict[str, Any]) -> None:
    metrics = {content["name"] for name, content in filled.items() if name.endswith(".metric.json")}
    used = set(re.findall(r"logging\.googleapis\.com/user/([\w-]+)", json.dumps(filled)))
    assert used == metrics


def lines_of_the_function(tmp_path: Path) -> list[dict[str, Any]]:
    """What the real function writes for a good call, a call without handler, and a refused one."""
    tree = kit_with(OWN_HANDLERS, tmp_path)
    program = """
import json, sys
from functions_framework import create_app
client = create_app("dialogflow_webhook", sys.argv[1]).test_client()
def call(intent):
    return client.post("/", json={"responseId": "r", "session": "projects/p/agent/sessions/s",
        "queryResult": {"queryText": "x", "languageCode": "en", "intent": {"displayName": intent}}})
call("hello")
call("nobody handles this")
client.post("/", data=b"{")
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tree / "main.py")], cwd=tree, text=True, capture_output=True, check=True,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    parsed = [json.loads(line) for line in (ran.stderr + ran.stdout).splitlines() if line.startswith("{")]
    return [line for line in parsed if line.get("event") == "call"]


def matches(line: dict[str, Any], text: str) -> bool:
    """Whether a line passes the jsonPayload part of a Logging filter (comparisons, ":*", AND, OR, brackets)."""
    python = text.replace(" AND ", " and ").replace(" OR ", " or ")
    python = re.sub(r"resource\.[\w.]+=\"[^\"]*\"", "True", python)
    python = re.sub(r"jsonPayload\.(\w+):\*", lambda m: f"({m[1]!r} in line)", python)
    python = re.sub(
        r"jsonPayload\.(\w+)(>=|=)",
        lambda m: f"line[{m[1]!r}]{m[2].replace('=', '==') if m[2] == '=' else m[2]}",
        python,
    )
    return bool(eval(python, {"line": line}))


def test_the_metrics_match_the_lines_that_the_function_really_writes(filled: dict[str, Any], tmp_path: Path) -> None:
    lines = lines_of_the_function(tmp_path)
    assert [line["status"] for line in lines] == [200, 404, 400]
    counted, near = filled["calls.metric.json"], filled["near-deadline.metric.json"]
    for line in lines:
        assert matches(line, counted["filter"])
        assert not matches(line, near["filter"])
        for metric in (counted, filled["milliseconds.metric.json"]):
            fields = re.findall(r"jsonPayload\.(\w+)", json.dumps(metric))
            assert set(fields) <= set(line), "the metric reads members that the line has"
        assert isinstance(line["milliseconds"], int | float)
    assert matches({**lines[0], "milliseconds": 3700}, near["filter"])
    assert matches({**lines[0], "cause": "deadline-exceeded"}, near["filter"])


def test_deliveries_to_once_handlers_are_counted_by_what_became_of_them(filled: dict[str, Any], tmp_path: Path) -> None:
    metric = filled["once.metric.json"]
    line = lines_of_the_function(tmp_path)[0]
    assert not matches(line, metric["filter"])
    assert matches({**line, "once": "replayed"}, metric["filter"])
    assert metric["labelExtractors"]["once"] == "EXTRACT(jsonPayload.once)"
