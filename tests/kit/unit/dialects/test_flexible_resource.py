"""What the kit prints for a flexible route: what to paste into the CX webhook resource."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypedDict

import pytest

from fulfillment import on
from fulfillment.dialects.flexible.resource import resource, to_paste
from fulfillment.routing.routes import Routes
from fulfillment.routing.table import main
from tests.kit.paths import pick


@dataclass
class Distance:
    text: str
    value: int


class Trip(TypedDict):
    distance: Distance
    stops: list[str]
    note: str | None


@on.route("/trip", methods=["GET", "POST"])
def trip(origin: str, max_stops: int = 3) -> Trip:
    return {"distance": Distance("2,064 mi", 3321004), "stops": ["a"], "note": None}


@on.route("/plain", methods=["DELETE"])
def plain() -> dict[str, Any]:
    return {}


HANDLERS = {handler.name.rpartition(".")[2]: handler for handler in Routes([trip, plain]).handlers}


def test_values_go_into_the_url_where_the_method_has_no_body() -> None:
    found = resource(HANDLERS["trip"], "/trip", "GET")
    assert found["uri"] == "/trip?origin=$session.params.origin&max_stops=$session.params.max_stops"
    assert (found["webhookType"], found["httpMethod"], found["requestBody"]) == ("FLEXIBLE", "GET", "")


def test_values_go_into_the_body_quoted_where_the_method_has_one() -> None:
    found = resource(HANDLERS["trip"], "/trip", "POST")
    assert found["uri"] == "/trip"
    assert json.loads(found["requestBody"]) == {
        "origin": "$session.params.origin",
        "max_stops": "$session.params.max_stops",
    }


def test_each_member_of_the_return_type_has_a_path_however_deep() -> None:
    assert resource(HANDLERS["trip"], "/trip", "GET")["parameterMapping"] == {
        "distance_text": "$.distance.text",
        "distance_value": "$.distance.value",
        "stops": "$.stops",
        "note": "$.note",
    }


def test_a_plain_dictionary_has_no_paths_and_the_text_says_how_to_get_them() -> None:
    assert resource(HANDLERS["plain"], "/plain", "DELETE")["parameterMapping"] == {}
    assert "let plain return a dataclass" in to_paste(HANDLERS["plain"], "/plain", "DELETE")


def test_the_lines_to_paste_carry_the_labels_of_the_console() -> None:
    lines = to_paste(HANDLERS["trip"], "/trip", "POST", "https://f.example/")
    for label in ("Webhook URL", "Subtype", "Method", "Request body", "Response configuration"):
        assert label in lines
    assert "https://f.example/trip\n" in lines
    assert "distance_value = $.distance.value" in lines


def test_the_table_of_routes_ends_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    main(Routes([trip]), ["--url", "https://f.example"])
    out = capsys.readouterr().out
    assert "route  /trip" in out
    assert out.count("Flexible webhook /trip") == 2


def test_scripts_read_the_members_of_the_apis_resource(capsys: pytest.CaptureFixture[str]) -> None:
    main(Routes([trip]), ["--json"])
    (row,) = json.loads(capsys.readouterr().out)["routes"]
    assert [webhook["httpMethod"] for webhook in row["webhooks"]] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("$.routes[0].legs[0].distance.value", 3321004), ("$.routes[0].legs[0].distance.text", "2,064 mi")],
)
def test_googles_example_of_a_path_is_read_as_described(path: str, value: Any) -> None:
    answer = {"routes": [{"legs": [{"distance": {"text": "2,064 mi", "value": 3321004}}]}]}
    assert pick(answer, path) == value
