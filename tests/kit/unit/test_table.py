"""`python -m handlers` prints which handler answers what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest

from fulfillment import Context, Parameter, Reply, Request, on
from fulfillment.languages import Texts
from fulfillment.routing import table
from fulfillment.routing.routes import Routes
from tests.kit import shipped

ROOT = Path(__file__).parents[3]


@on.intent("order", slot_filling=True)
@on.action("order.check")
def order(
    request: Request,
    order_id: str,
    cart: Context | None,
    city: Annotated[str, Parameter("geo-city")] = "",
) -> Reply:
    return Reply("Hi")


@on.route("/stock", methods=["GET", "POST"])
def stock() -> str:
    return "Hi"


ROUTES = Routes([order, stock])


def test_the_table_shows_kind_name_parameters_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    table.main(ROUTES, [])

    line = order.__code__.co_firstlineno
    printed = [row.split("  ") for row in capsys.readouterr().out.splitlines()]
    rows = [[cell.strip() for cell in row if cell] for row in printed]
    assert rows[0] == ["KIND", "NAME", "PARAMETERS", "HANDLER"]
    assert rows[1][:3] == ["action", "order.check", "order_id, geo-city?, context cart"]
    assert rows[1][3].endswith(f"test_table.py:{line}")
    assert rows[2][:2] == ["intent", "order (slot filling)"]
    assert rows[3][:3] == ["route", "/stock", "-"]


def test_json_is_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    table.main(ROUTES, ["--json"])

    rows = json.loads(capsys.readouterr().out)["routes"]
    assert [(row["kind"], row["name"]) for row in rows] == [
        *(("action", "order.check"), ("intent", "order"), ("route", "/stock"))
    ]
    assert rows[1]["parameters"] == [
        {"name": "order_id", "type": "str", "required": True, "schema": {"type": "string"}},
        {"name": "geo-city", "type": "str", "required": False, "schema": {"type": "string"}},
    ]
    assert (rows[1]["contexts"], rows[1]["required_contexts"]) == (["cart"], [])
    assert (rows[0]["slot_filling"], rows[1]["slot_filling"]) == (False, True)
    assert rows[2]["methods"] == ["GET", "POST"]
    assert rows[1]["handler"].endswith("order")
    assert rows[1]["line"] == order.__code__.co_firstlineno


@pytest.fixture
def languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(table, "texts", Texts(tmp_path))
    return tmp_path


def test_the_table_says_which_texts_a_language_lacks(languages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (languages / "en.toml").write_text('hello = "Hello"\nbye = "Bye"\nsorry = "Sorry"')
    (languages / "de.toml").write_text('hello = "Hallo"')
    table.main(ROUTES, [])

    told = capsys.readouterr().out
    assert "\nTexts: en (3), de (1)\n  de lacks bye, sorry: its users get these in en.\n" in told

    table.main(ROUTES, ["--json"])
    assert json.loads(capsys.readouterr().out)["texts"] == {
        "en": {"keys": ["hello", "bye", "sorry"], "missing": []},
        "de": {"keys": ["hello"], "missing": ["bye", "sorry"]},
    }


def test_a_missing_default_language_is_told(languages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (languages / "de.toml").write_text('hello = "Hallo"')
    table.main(ROUTES, [])

    assert "Texts: de (1)\n  There is no en.toml: users of other languages" in capsys.readouterr().out


def test_without_handlers_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    table.main(Routes([]), [])

    assert "Put a module into handlers/" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--json"]], ids=["table", "json"])
def test_the_command_runs(arguments: list[str], tmp_path: Path) -> None:
    handlers = shipped.copy_handlers(tmp_path / "handlers")
    (handlers / "own.py").write_text('from fulfillment import on\n\n\n@on.intent("own")\ndef own() -> str: ...\n')
    printed = subprocess.run(
        [sys.executable, "-m", "handlers", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout

    assert json.loads(printed)["routes"] if arguments else printed.startswith("KIND")
