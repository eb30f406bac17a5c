"""Whose each file is, for an upgrade: the list names all there is, and agrees with what the tests know of it."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from deploy.upgrade.own_lines import YOURS, merged
from deploy.upgrade.ownership import Owner, is_listed, owner
from deploy.upgrade.shipped_versions import VERSIONS, files_in, files_of, listed
from tests.kit import shipped
from tests.kit.functions import ROOT

FIRST_VERSION = "75d16bf234b0b527916dca99a0ca90073ff3e8be"


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("main.py", Owner.KIT),
        ("fulfillment/webhook.py", Owner.KIT),
        ("fulfillment/py.typed", Owner.KIT),
        ("deploy/deploy.sh", Owner.KIT),
        ("deploy/agent.sh", Owner.KIT),
        ("deploy/tool/__main__.py", Owner.KIT),
        ("deploy/local/firestore/server.py", Owner.KIT),
        ("handlers/__init__.py", Owner.KIT),
        ("handlers/__main__.py", Owner.KIT),
        ("tests/run.sh", Owner.KIT),
        ("tests/conftest.py", Owner.KIT),
        ("tests/shipped.py", Owner.KIT),
        ("tests/unit/dialects/test_dispatch.py", Owner.KIT),
        ("tests/kit/unit/dialects/test_dispatch.py", Owner.KIT),
        ("pyproject.toml", Owner.KIT),
        ("docs/decisions/0001-conditional-batch.md", Owner.KIT),
        ("requirements.txt", Owner.LINES),
        (".gcloudignore", Owner.LINES),
        ("tests/kit/shipped.sha256", Owner.SAMPLE_LIST),
        ("handlers/check_order.py", Owner.SAMPLE),
        ("handlers/texts/en.toml", Owner.SAMPLE),
        ("tests/shop/test_check_order.py", Owner.SAMPLE),
        ("README.md", Owner.SAMPLE),
        (".github/workflows/tests.yaml", Owner.SAMPLE),
        ("deploy/firestore.indexes.json", Owner.ADJUSTABLE),
        ("deploy/settings.example.env", Owner.ADJUSTABLE),
        ("deploy/monitoring/calls.metric.json", Owner.ADJUSTABLE),
        ("deploy/settings.env", Owner.YOURS),
        ("deploy/settings.staging.env", Owner.YOURS),
        ("deploy/agent/intents/mine.json", Owner.YOURS),
        ("deploy/agent-cx/agent.json", Owner.YOURS),
        ("deploy/data/orders.json", Owner.YOURS),
        ("tests/test_mine.py", Owner.YOURS),
        ("tests/mine/conftest.py", Owner.YOURS),
        ("models/prices.bin", Owner.YOURS),
        (".env", Owner.YOURS),
    ],
)
def test_whose_a_file_is(path: str, whose: Owner) -> None:
    assert owner(path) is whose
    assert is_listed(path) == (path not in ("models/prices.bin",))


def test_the_kits_folders_of_tests_are_those_that_the_tests_know() -> None:
    assert [name for name in shipped.KIT if owner(f"tests/{name}/test_x.py") is not Owner.KIT] == []
    replaced = [name for name in shipped.yours() if owner(f"{name}/test_x.py") is Owner.KIT]
    assert replaced == []


def test_samples_of_the_list_are_samples() -> None:
    code = [path for path in shipped.sums() if not path.startswith("deploy/data/")]
    assert [path for path in code if owner(path) is not Owner.SAMPLE] == []


def test_each_shared_file_has_the_line_below_which_the_users_part_begins() -> None:
    shared = [path for path in files_of(ROOT) if owner(path) is Owner.LINES]
    assert len(shared) == 4
    assert [path for path in shared if YOURS not in (ROOT / path).read_text().splitlines()] == []


def test_the_list_of_the_first_version_is_that_of_its_commit(tmp_path: Path) -> None:
    text = (VERSIONS / "1.0.0.sha256").read_text()
    assert "  fulfillment/webhook.py\n" in text
    archive = subprocess.run(["git", "archive", FIRST_VERSION], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode == 0:  # else a checkout without that history
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
            tree.extractall(tmp_path, filter="data")
        assert listed(tmp_path, files_in(tmp_path)) == text


NEW = "# pinned\nkit==3\nnew==1\n\n# What is yours\n# yours\n"
OLD = "# pinned\nkit==2\n\n# What is yours\n# yours\n"
OLDEST = ["# pinned, because", "kit==1", "", "gone==1"]


@pytest.mark.parametrize(
    ("theirs", "own"),
    [
        (OLD, ""),
        (OLD + "stripe==1\n", "stripe==1\n"),
        (OLD + "stripe==1", "stripe==1\n"),
        (OLD + "\n# money\nstripe==1\n\n\n", "\n# money\nstripe==1\n"),
        ("# pinned, because\nkit==1\n\ngone==1\n", ""),
        ("kit==1\ngone==1\n", ""),
        ("# pinned, because\nkit==1\n# money\nstripe==1\n\ngone==1\nidna\n", "# money\nstripe==1\nidna\n"),
        (OLD.replace("kit==2", "kit==2.1"), None),
        (OLD.replace("kit==2", "kit==2\nstripe==1"), None),
        ("# pinned, because\nkit>=1\ngone==1\n", None),
        ("kit==1\n", None),
    ],
)
def test_the_users_lines_are_told_from_the_kits(theirs: str, own: str | None) -> None:
    found = merged(NEW, theirs, [OLD.splitlines(), OLDEST], lambda text: text in (OLD, NEW))
    assert found == (None if own is None else NEW + own)
