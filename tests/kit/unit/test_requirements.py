"""requirements.txt: the kit's pins above the line `# yours`, the user's packages below, and whether they fit together.

pip itself decides, without a network: it finds small packages of the test's own in a folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local.requirements import YOURS, requirements
from tests.kit.functions import ROOT

KIT = "# pinned\nkit-http==2.8\nkit-web==1.0  # with a reason\n\n# What is yours\n# yours\n"


def wheel(folder: Path, name: str, version: str, needs: Sequence[str] = ()) -> None:
    """Write an empty package that pip can install."""
    inside = f"{name}-{version}.dist-info"
    depends = "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{inside}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{depends}")
        file.writestr(
            f"{inside}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{inside}/RECORD", "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two pinned packages, and a folder in which pip finds all there is."""
    (tmp_path / "deploy/local").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/local/requirements.py", tmp_path / "deploy/local")
    (tmp_path / "index").mkdir()
    for version in ("1.5", "2.8"):
        wheel(tmp_path / "index", "kit_http", version)
    wheel(tmp_path / "index", "kit_web", "1.0", ["kit-http>=2"])
    wheel(tmp_path / "index", "pays", "1.0", ["kit-http<2"])
    wheel(tmp_path / "index", "shop_tools", "3.0", ["pays"])
    wheel(tmp_path / "index", "fits", "1.0", ["kit-http>=2"])
    return tmp_path


def asked(project: Path, *arguments: str, own: str = "") -> tuple[int, str]:
    """Return the exit status and the words of the command for these packages of the user's."""
    (project / "requirements.txt").write_text(KIT + own)
    environment = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project / "index")}
    started = (
        "import sys; sys.prefix = sys.argv.pop(1); import deploy.local.requirements as command; "
        "sys.exit(command.main(sys.argv[1:]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", started, str(project), *arguments],
        cwd=project,
        env=environment | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout


def test_of_the_shipped_file_all_is_pinned_above_the_line_and_nothing_stands_below() -> None:
    text = (ROOT / "requirements.txt").read_text()
    kit, own = requirements(text)
    assert text.count(f"\n{YOURS}\n") == 1
    assert len(kit) > 30
    assert [line.text for line in kit if not re.fullmatch(r"[\w-]+==[\w.]+", line.text)] == []
    assert {line.name for line in own} & {line.name for line in kit} == set()


def test_what_fits_is_told_by_silence(project: Path) -> None:
    assert asked(project, own="fits\n") == (0, "")


@pytest.mark.parametrize("command", [("--all",), ("why", "requirements.txt")], ids=["deployed Python", "this Python"])
def test_a_clash_names_your_package_its_wish_and_the_pin(project: Path, command: tuple[str, ...]) -> None:
    code, said = asked(project, *command, own="fits\npays\n")
    assert code == 1
    assert (
        "requirements.txt, line 8: pays 1.0 wants kit-http<2, and the kit pins kit-http==2.8 (requirements.txt, line 2)"
        in said
    )
    assert "pip index versions pays" in said


def test_a_clash_further_down_names_which_of_yours_brings_it_along(project: Path) -> None:
    code, said = asked(project, own="shop-tools==3.0\n")
    assert code == 1
    assert "line 7: pays 1.0, which shop-tools==3.0 brings along, wants kit-http<2" in said


@pytest.mark.parametrize(
    "line", ["kit-http==1.5", "kit_http == 1.5", "Kit.HTTP==1.5", "kit-http >=1,<2", "kit-http[fast]==1.5"]
)
def test_a_second_version_of_a_pinned_package_is_told(project: Path, line: str) -> None:
    code, said = asked(project, own=f"{line}\n")
    assert code == 1
    assert f"line 7: you ask for {line}, and the kit pins kit-http==2.8 (requirements.txt, line 2)" in said
    assert "Delete your line" in said


def test_two_of_yours_that_do_not_fit_are_told(project: Path) -> None:
    wheel(project / "index", "left", "1.0", ["other<2"])
    wheel(project / "index", "right", "1.0", ["other>=2"])
    for version in ("1.0", "2.0"):
        wheel(project / "index", "other", version)
    code, said = asked(project, own="left\nright\n")
    assert code == 1
    assert "line 7: left 1.0 wants other<2, and another of your packages stands against that" in said
    assert "line 8: right 1.0 wants other>=2" in said


def test_a_line_that_is_no_requirement_is_told_in_pips_words(project: Path) -> None:
    code, said = asked(project, own="fits >> 1\n")
    assert code == 1
    assert said.startswith("ERROR: Invalid requirement: 'fits >> 1'")


def test_what_is_not_there_for_the_deployed_python_is_told_and_left_to_the_build(project: Path) -> None:
    code, said = asked(project, own="nowhere-to-be-found\n")
    assert code == 0
    assert said.startswith("nowhere-to-be-found has no wheel for Python 3.13")


def test_without_packages_of_yours_nothing_is_asked(project: Path) -> None:
    shutil.rmtree(project / "index")
    assert asked(project) == (0, "")
    assert asked(project, "--all")[0] == 1


def test_the_same_file_is_asked_about_once(project: Path) -> None:
    assert asked(project, own="fits\n") == (0, "")
    (project / "index").rename(project / "gone")
    assert asked(project, own="fits\n") == (0, "")
    assert asked(project, own="fits==1.0\n")[1] != ""


def test_without_the_line_all_is_the_kits() -> None:
    kit, own = requirements("flask==1\nmine\n")
    assert ([line.name for line in kit], own) == (["flask", "mine"], [])
