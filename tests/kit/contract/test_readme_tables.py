"""The tables of the pages say what the code says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from fulfillment.access.client_certificates import ClientCertificate
from fulfillment.dialects.losses import markdown
from fulfillment.settings import from_environment
from tests.kit.contract import pages
from tests.kit.functions import ROOT

SOURCE = "".join(file.read_text() for file in (ROOT / "fulfillment").rglob("*.py"))
CAUSES = sorted(set(re.findall(r'Problem\(\s*\d{3},\s*"([a-z-]+)"', SOURCE)))
READ_BY_THE_FUNCTION = re.compile(r'"(WEBHOOK_[A-Z_]+|THREADS|FIRESTORE_[A-Z_]+|GOOGLE_CLOUD_PROJECT)"')
VARIABLES = sorted(set(READ_BY_THE_FUNCTION.findall(SOURCE)))


def test_the_table_of_conversions_is_the_one_the_encoders_read() -> None:
    assert markdown().strip() in pages.page("parts")


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_explained(cause: str) -> None:
    assert re.search(rf"^\| .*`{cause}`.* \|", pages.page("operations"), re.MULTILINE)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_in_the_table(variable: str) -> None:
    assert re.search(rf"^\| .*`{variable}`.* \|", pages.page("settings"), re.MULTILINE)


def test_the_table_of_settings_names_none_that_the_function_does_not_read() -> None:
    named = set(re.findall(r"`(WEBHOOK_[A-Z_]+)`", pages.page("settings")))
    assert named - set(VARIABLES) == set()


def test_every_script_is_in_the_table() -> None:
    scripts = {file.name for file in (ROOT / "deploy").glob("*.sh")} - {"local.sh"}
    named = set(re.findall(r"^\| `([\w-]+\.sh)", pages.page("deploy"), re.MULTILINE))
    assert scripts - named == set()


def test_the_default_that_the_table_tells_changes_nothing() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| .* \| `([^`]+)` \|$", pages.page("settings"), re.MULTILINE)
    told = {name: default for name, default in rows if name.startswith(("WEBHOOK_", "THREADS"))}
    assert len(told) > 8
    found, wanted = from_environment(told), from_environment({})
    assert replace(found, access=wanted.access) == wanted
    assert [one.names for one in found.access if isinstance(one, ClientCertificate)] == [ClientCertificate().names]
