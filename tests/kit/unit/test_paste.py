"""What the log says of an intent that nobody handles: a handler to paste, that runs."""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment import Problem, Reply, Request, on
from fulfillment.routing.discovery import discover
from fulfillment.routing.paste import advice
from fulfillment.routing.routes import Routes
from fulfillment.testing import es_request
from tests.kit.contract.replies import json_values
from tests.kit.wire import decoded


def _pasted(request: Request) -> str:
    return advice(request, []).partition(":\n\n")[2]


def _run(request: Request, code: str) -> Reply:
    """Run the pasted code as a module of its own, and let what it marks answer the request."""
    module: dict[str, Any] = {"__name__": "pasted"}
    exec(compile(code, "pasted.py", "exec"), module)
    handlers = [value for value in module.values() if hasattr(value, "__fulfillment_marks__")]
    return Routes(handlers).find(request).call(request)


def test_it_names_the_intent_and_the_file() -> None:
    text = advice(decoded(es_request("Order - check", action="order.check")), ["other"])

    assert text.startswith("No handler for intent 'Order - check' (action 'order.check'). To answer it, put this into ")
    assert "handlers/order_check.py" in text


def test_the_nearest_known_name_is_asked_for() -> None:
    assert "Did you mean 'check_order'?" in advice(Request(intent="check_oder"), ["check_order", "welcome"])
    assert "Did you mean" not in advice(Request(intent="weather"), ["check_order"])


def test_the_handler_has_the_requests_own_parameters() -> None:
    parameters = {
        "order_id": "A-1",
        "guests": 2.0,
        "price": 1.5,
        "vip": True,
        "note": "",
        "days": ["Mo"],
        "size": {"a": 1},
        "geo-city": "Köln",
        "class": "x",
    }

    assert _pasted(decoded(es_request("check_order", parameters))) == (
        "from typing import Annotated\n"
        "\n"
        "from fulfillment import Parameter, Reply, on\n"
        "\n"
        "\n"
        '@on.intent("check_order")\n'
        "def check_order(\n"
        "    order_id: str,\n"
        "    guests: int,\n"
        "    price: float,\n"
        "    vip: bool,\n"
        "    note: str | None,\n"
        "    days: list[str],\n"
        "    size: dict,\n"
        '    geo_city: Annotated[str, Parameter("geo-city")],\n'
        '    value_class: Annotated[str, Parameter("class")],\n'
        ") -> Reply:\n"
        '    return Reply("...")'
    )


def test_values_of_parameters_are_not_in_it() -> None:
    text = advice(decoded(es_request("x", {"a": "my secret", "b": ["my secret"], "c": {"my secret": 1}})), [])

    assert "secret" not in text


@pytest.mark.parametrize(
    ("intent", "file"),
    [
        ("check_order", "check_order"),
        ("Order - yes", "order_yes"),
        ("2 more", "intent_2_more"),
        ("class", "intent_class"),
        ("查詢訂單", "查詢訂單"),
        ("Größe prüfen", "größe_prüfen"),
        ("ﬁnd", "find"),
        ("!?", "intent"),
        ("😀", "intent"),
        ("x" * 300, "x" * 60),
        ("../../etc/passwd", "etc_passwd"),
    ],
)
def test_the_file_has_a_name_that_python_can_import(intent: str, file: str) -> None:
    assert f"handlers/{file}.py" in advice(Request(intent=intent), [])


def test_names_from_outside_cannot_forge_a_line() -> None:
    request = Request(intent="x\nERROR forged", action="y\r\nERROR", parameters={"z\nimport os": "a"})

    assert [line for line in advice(request, []).splitlines() if line.startswith(("ERROR", "import os"))] == []


def test_a_request_without_an_intent_asks_for_a_fallback() -> None:
    request = Request(parameters={"a": 1})

    assert "No handler for a request without an intent." in advice(request, [])
    assert "@on.fallback\ndef fallback() -> Reply:" in _pasted(request)
    assert _run(request, _pasted(request)) == Reply("...")


ODD_PARAMETERS: list[dict[str, Any]] = [
    {"a": None, "b": "", "c": []},
    {"a": [None], "b": [""], "c": ["a", None, ""]},
    {"a": [1, "b", {"c": 1}], "d": [[1], [2]]},
    {"a": 1e300, "b": -0.0, "c": 2**70},
    {"request": "r", "on": "o", "reply": 1, "Reply": 2, "str": 3, "self": 4, "annotated": 5, "Annotated": 6},
    {"name": 1, "Name": 2, "NAME": 3, "name_": 4},
    {"": 1, " ": 2, "1": 3, "none": 4, "None": 5, "True": 6, "def": 7},
    {"größe": 1, "大小": 2, "😀": 3, "a'b\"c\\": 4, "new\nline": 5, "\u2028": 6},
]


@pytest.mark.parametrize("parameters", ODD_PARAMETERS, ids=lambda parameters: " ".join(parameters)[:30])
@pytest.mark.parametrize("intent", ["check order", "on", "Reply", "DICT", "def", 'it\'s "quoted" \\ \n', "查詢", "😀"])
def test_the_pasted_handler_answers_the_request_it_was_written_for(intent: str, parameters: dict[str, Any]) -> None:
    request = decoded(es_request(intent, parameters))

    assert _run(request, _pasted(request)) == Reply("...")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    intent=st.text(min_size=1, max_size=20), parameters=st.dictionaries(st.text(max_size=8), json_values, max_size=4)
)
def test_any_pasted_handler_answers_its_request(intent: str, parameters: dict[str, Any]) -> None:
    request = decoded(es_request(intent, parameters))
    code = _pasted(request)

    assert ast.parse(code)
    assert _run(request, code) == Reply("...")


def test_an_unknown_intent_is_404_with_the_advice_in_the_log_only() -> None:
    with pytest.raises(Problem) as refused:
        Routes([]).find(Request(intent="secret_intent"))

    assert (refused.value.status, refused.value.cause) == (404, "no-handler")
    assert "secret_intent" in refused.value.detail
    assert "secret_intent" not in refused.value.message


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder `later_handlers` with one handler, ready to be discovered."""
    folder = tmp_path / "later_handlers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "hello.py").write_text(
        "from fulfillment import on\n\n\n@on.intent('hello')\ndef hello():\n    return ''\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("later_handlers")]:
        del sys.modules[name]


def _discovered() -> Routes:
    routes = discover("later_handlers")
    time.sleep(0.02)  # the clock of files is coarser than the one of the start
    return routes


def _told(routes: Routes, request: Request) -> str:
    with pytest.raises(Problem) as refused:
        routes.find(request)
    assert (refused.value.status, refused.value.cause) == (404, "no-handler")
    return refused.value.detail


def test_a_file_that_came_after_the_start_is_told_instead_of_what_to_paste(package: Path) -> None:
    routes = _discovered()
    assert "put this into handlers/opening_offer.py" in _told(routes, Request(intent="opening offer"))

    (package / "more").mkdir()
    (package / "more" / "a_first.py").write_text("")
    (package / "opening_offer.py").write_text("")

    told = _told(routes, Request(intent="opening offer"))
    assert told.startswith(
        "No handler for intent 'opening offer', but later_handlers/opening_offer.py is newer than the start of this "
        "function: start it anew."
    )
    assert "put this into" not in told
    assert "later_handlers/more/a_first.py is newer" in _told(routes, Request(tag="another"))
    assert "a request without an intent, but later_handlers/more" in _told(routes, Request())


def test_a_file_that_was_copied_there_with_its_old_time_is_new_too(package: Path) -> None:
    routes = _discovered()
    (package / "opening_offer.py").write_text("")
    os.utime(package / "opening_offer.py", (0, 0))

    assert "later_handlers/opening_offer.py is newer" in _told(routes, Request(intent="opening_offer"))


def test_a_changed_file_is_told_and_one_that_is_gone_is_not(package: Path) -> None:
    routes = _discovered()
    (package / "hello.py").write_text("x = 1")
    assert "later_handlers/hello.py is newer" in _told(routes, Request(intent="hi"))

    (package / "hello.py").unlink()
    assert "put this into handlers/hi.py" in _told(routes, Request(intent="hi"))


def test_on_google_no_file_is_looked_at(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K_SERVICE", "shop")
    routes = _discovered()
    (package / "opening_offer.py").write_text("")

    assert "put this into handlers/opening_offer.py" in _told(routes, Request(intent="opening_offer"))


@on.intent("check_order")
@on.tag("cancel")
def _known() -> str:
    return "known"


@pytest.mark.parametrize(("tag", "meant"), [("cancle", "cancel"), ("check_oder", "check_order")])
def test_a_tag_is_compared_with_tags_and_with_the_intents_that_a_tag_reaches(tag: str, meant: str) -> None:
    with pytest.raises(Problem) as refused:
        Routes([_known]).find(Request(tag=tag))

    assert f"No handler for tag {tag!r}. Did you mean {meant!r}?" in refused.value.detail


def test_an_intent_is_not_compared_with_tags() -> None:
    with pytest.raises(Problem) as refused:
        Routes([_known]).find(Request(intent="cancle"))

    assert "Did you mean" not in refused.value.detail
