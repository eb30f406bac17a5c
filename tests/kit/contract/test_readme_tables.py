"""The README's tables say what the code says."""

from __future__ import annotations

import re

import pytest

from fulfillment.dialects.conversions import markdown
from tests.kit.functions import ROOT

README = (ROOT / "README.md").read_text()
SOURCE = "".join(file.read_text() for file in (ROOT / "fulfillment").rglob("*.py"))
CAUSES = sorted(set(re.findall(r'Problem\(\s*\d{3},\s*"([a-z-]+)"', SOURCE)))
VARIABLES = sorted(set(re.findall(r'"(WEBHOOK_[A-Z_]+)"', SOURCE)))


def test_the_table_of_conversions_is_the_one_the_encoders_read() -> None:
    assert markdown().strip() in README


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_explained(cause: str) -> None:
    assert re.search(rf"^\| .*`{cause}`.* \|", README, re.MULTILINE)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_in_the_table(variable: str) -> None:
    assert re.search(rf"^\| .*`{variable}`.* \|", README, re.MULTILINE)
