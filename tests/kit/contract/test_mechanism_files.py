"""A mechanism is one file: it is added by that file and a name in the table, and loaded when it is chosen."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fulfillment.access import FILES, mechanism_named
from tests.kit.functions import running

ROOT = Path(__file__).parents[3]
ACCESS = ROOT / "fulfillment" / "access"
KEY = "a-key-of-the-partner-5e1f"
NEW = '''"""`partner-key`: a key in the query, as one partner sends it."""

from hmac import compare_digest

from ..environment import bad
from ..problems import unauthenticated
from .mechanism import Mechanism


class PartnerKey(Mechanism):
    name = "partner-key"
    cost = 2
    variables = {"WEBHOOK_PARTNER_KEY": "a-long-key"}

    def __init__(self, key=""):
        self.key = key

    @classmethod
    def from_environment(cls, env):
        return cls(env.get("WEBHOOK_PARTNER_KEY", ""))

    def refuse(self, others, on_google):
        if not self.key:
            raise bad("WEBHOOK_PARTNER_KEY", "is empty, and WEBHOOK_AUTH asks for partner-key", "a-long-key")

    def secrets(self):
        return [self.key]

    def checking(self, certificates, deadline):
        return self.check

    def check(self, call):
        if not compare_digest(call.headers.get("x-partner", "").encode(), self.key.encode()):
            raise unauthenticated("partner-key: the key is missing or wrong")
        return ""


MECHANISM = PartnerKey
'''


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a mechanism more: one new file, and its name in the table."""
    tree = tmp_path_factory.mktemp("project")
    for name in ("fulfillment", "handlers"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", tree)
    access = tree / "fulfillment" / "access"
    (access / "partner_key.py").write_text(NEW)
    table = (access / "__init__.py").read_text()
    (access / "__init__.py").write_text(table.replace("FILES = {", 'FILES = {\n    "partner-key": "partner_key",', 1))
    return tree


def check(tree: Path, **variables: str) -> str:
    """What the check before a deployment says; "" when nothing is wrong."""
    command = [sys.executable, "-m", "fulfillment.settings", "--check"]
    return subprocess.run(command, cwd=tree, env=variables, capture_output=True, text=True, check=False).stderr


def test_the_check_before_a_deployment_knows_a_mechanism_that_was_added(tree: Path) -> None:
    assert "is empty, and WEBHOOK_AUTH asks for partner-key" in check(tree, WEBHOOK_AUTH="iam,partner-key")
    assert check(tree, WEBHOOK_AUTH="iam,partner-key", WEBHOOK_PARTNER_KEY=KEY) == ""
    assert "lacks partner-key" in check(tree, WEBHOOK_AUTH="iam", WEBHOOK_PARTNER_KEY=KEY)
    assert "known are partner-key, iam" in check(tree, WEBHOOK_AUTH="bogus")


def test_the_function_lets_in_who_shows_it_and_nobody_else(tree: Path) -> None:
    environment = {"WEBHOOK_AUTH": "partner-key", "WEBHOOK_PARTNER_KEY": KEY, "K_SERVICE": "shop"}
    body = {"queryResult": {"intent": {"displayName": "nobody handles this"}}, "session": "projects/p/agent/sessions/s"}
    with running(tree, environment) as function:
        assert function.call(body)[0] == 401
        assert function.call(body, {"x-partner": "wrong"})[0] == 401
        status, answer = function.call(body, {"x-partner": KEY})
        assert (status, answer["error"]["cause"]) == (404, "no-handler")
        details = [line.get("detail", "") for line in function.lines() if line.get("event") == "call"]
    assert any(detail.startswith("partner-key: ") for detail in details)
    assert KEY not in json.dumps(details)


LOADED = """
import sys
from fulfillment.access import Guard
from fulfillment.settings import from_environment
Guard(from_environment())
print(*sorted(name.removeprefix("fulfillment.access.") for name in sys.modules if name.startswith("fulfillment.access.")))
"""
SHARED = {"mechanism"}


@pytest.mark.parametrize(
    ("variables", "files"),
    [
        ({}, {"loopback"}),
        (
            {
                "WEBHOOK_AUTH": "iam,header",
                "WEBHOOK_HEADERS": f"X-A: {KEY}",
                "WEBHOOK_CALLERS": "a@b.example",
                "WEBHOOK_CONCURRENCY": "80",
                "WEBHOOK_DEADLINE": "4",
                "WEBHOOK_ASSISTANT": "no",
                "WEBHOOK_CX_DEADLINE": "20",
                "WEBHOOK_API_VERSION": "v2",
                "WEBHOOK_LOG_BODIES": "no",
                "WEBHOOK_ONCE_KEEP": "60",
                "WEBHOOK_ONCE_REPLY": "hash",
                "WEBHOOK_ONCE_OUTAGE": "run",
                "K_SERVICE": "shop",
            },
            {"platform_iam", "header", "callers", "jwt", "wire"},
        ),
        ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "a:b"}, {"basic", "wire"}),
        ({"WEBHOOK_AUTH": "mtls"}, {"client_certificates"}),
    ],
    ids=lambda value: value.get("WEBHOOK_AUTH", "none") if isinstance(value, dict) else "",
)
def test_a_start_loads_the_chosen_mechanisms_only(variables: dict[str, str], files: set[str]) -> None:
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == files | SHARED


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_everything_about_its_mechanism(name: str) -> None:
    mechanism = mechanism_named(name)
    assert mechanism.name == name
    for variable in mechanism.variables:
        assert re.fullmatch(r"WEBHOOK_[A-Z_]+", variable)
        mechanism.from_environment(mechanism.variables)  # each example is of a form that is read


def test_no_file_of_access_knows_the_settings() -> None:
    imported = set()
    for file in ACCESS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported |= {node.module or "", *(f"{node.module or ''}.{alias.name}" for alias in node.names)}
    assert {"problems", "environment", "call"} <= imported
    assert [name for name in imported if "settings" in name.split(".")] == []
