"""A project made from an older version of the kit is brought to this one: the kit's part is new, the user's as it was.

From 1.0.0 where this checkout's history has it, and from a version made up here, whose project knows what it got.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from deploy.upgrade.ownership import is_listed
from deploy.upgrade.shipped_versions import files_in, listed
from fulfillment.testing import es_request
from tests.kit.functions import ROOT, running
from tests.kit.projects import copy_of_the_tree, lend_environment, run
from tests.kit.wire import words_of

FIRST_VERSION = "75d16bf234b0b527916dca99a0ca90073ff3e8be"
RECORD = "deploy/upgrade/installed.sha256"
MINE = {
    "handlers/mine.py": 'from fulfillment import on\n\n\n@on.intent("mine")\ndef mine() -> str:\n    return "Mine."\n',
    "handlers/texts/de.toml": '# "de" speaks English until somebody translates.\n',
    "tests/test_mine.py": 'from handlers.mine import mine\n\n\ndef test_mine():\n    assert mine() == "Mine."\n',
    "tests/unit/test_mine_too.py": "def test_mine_too():\n    assert True\n",
    "deploy/settings.env": "PROJECT_ID=my-shop\n",
    "deploy/agent/intents/mine.json": "{}\n",
    "deploy/data/mine.json": "{}\n",
    "fulfillment/my_extension.py": "ANSWER = 42\n",
    "docs/shop.txt": "My shop\n",
    "notes.txt": "remember the milk\n",
}
SAMPLES = {
    "handlers/welcome.py": '"""Greets."""\n',
    "handlers/check_order.py": '"""Where is it?"""\n',
    "handlers/check_inventory.py": 'STOCK = {"tea": 3}\n',
    "handlers/stock_route.py": "from .check_inventory import STOCK\n\n__all__ = ['STOCK']\n",
}
CHANGED_SAMPLE = "handlers/welcome.py"
DELETED_SAMPLES = ("handlers/get_weather.py", "tests/shop/test_get_weather.py")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The new version, as somebody unpacked it: without git. Samples that this checkout has no more are stood in for."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("new"))
    missing = {name: text for name, text in SAMPLES.items() if not (tree / name).exists()}
    for name, text in missing.items():
        (tree / name).write_text(text)
    if missing:
        run(tree, sys.executable, "-m", "tests.kit.shipped")
    return tree


def first_version(into: Path) -> bool:
    """Write 1.0.0's tree, as git has it; return whether it does."""
    archive = subprocess.run(["git", "archive", FIRST_VERSION], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        return False
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(into, filter="data")
    return True


def made_up_version(checkout: Path, into: Path) -> None:
    """Write a tree that differs from the new version, with the record of what was put there."""
    shutil.copytree(checkout, into)
    for name in ("fulfillment/webhook.py", "deploy/deploy.sh", "handlers/check_order.py"):
        with (into / name).open("a") as file:
            file.write("# as it was before\n")
    (into / "deploy" / "lib" / "long_gone.py").write_text('"""Gone."""\n')
    (into / "fulfillment" / "moved").mkdir()
    (into / "fulfillment" / "moved" / "__init__.py").write_text('"""Moved."""\n')
    (into / "deploy" / "alerts.sh").unlink()
    (into / RECORD).write_text(listed(into, files_in(into)))


def the_users_part(project: Path) -> None:
    for name, text in MINE.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    with (project / CHANGED_SAMPLE).open("a") as file:
        file.write("\n\n# mine by now\n")
    for name in DELETED_SAMPLES:
        (project / name).unlink(missing_ok=True)
    for name, line in ((".gitignore", "*.sqlite"), (".gcloudignore", "!models/**"), ("requirements.txt", "idna")):
        with (project / name).open("a") as file:
            file.write(f"# for my handlers\n{line}\n")


@pytest.fixture
def project(checkout: Path, tmp_path: Path) -> Path:
    """A user's project of the version made up."""
    tree = tmp_path / "my project"
    made_up_version(checkout, tree)
    the_users_part(tree)
    return tree


@pytest.fixture
def old_project(checkout: Path, tmp_path: Path) -> Path:
    """A user's project of 1.0.0; where the history does not have it, of the version made up."""
    tree = tmp_path / "my old project"
    if not first_version(tree):
        made_up_version(checkout, tree)
    the_users_part(tree)
    return tree


@pytest.fixture(params=["project", "old_project"])
def any_project(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def upgrade(checkout: Path, project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "./deploy/upgrade.sh", str(project), *options)


def contents(folder: Path) -> dict[str, str]:
    return {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest()
        for path in sorted(files_in(folder))
        if not path.endswith(".pyc")
    }


def test_what_is_the_users_stays_and_what_is_the_kits_is_new(checkout: Path, any_project: Path) -> None:
    sample = (any_project / CHANGED_SAMPLE).read_text()
    done = upgrade(checkout, any_project, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: (any_project / name).read_text() for name in MINE} == MINE
    assert (any_project / CHANGED_SAMPLE).read_text() == sample
    assert not any((any_project / name).exists() for name in DELETED_SAMPLES)
    new, now = contents(checkout), contents(any_project)
    kits = [path for path in new if path.startswith(("fulfillment/", "docs/", "tests/kit/", "main.py"))]
    kits.remove("tests/kit/shipped.sha256")  # holds the samples that are left
    assert [path for path in kits if now[path] != new[path]] == []
    assert os.access(any_project / "deploy" / "deploy.sh", os.X_OK)
    left = {path for path in now.keys() - new.keys() if path.startswith(("fulfillment/", "deploy/lib/"))}
    assert left == {"fulfillment/my_extension.py"}
    assert not (any_project / "fulfillment" / "moved").exists()


@pytest.mark.parametrize(
    ("name", "line"), [("requirements.txt", "idna"), (".gitignore", "*.sqlite"), (".gcloudignore", "!models/**")]
)
def test_lines_of_the_user_stand_below_the_kits(checkout: Path, any_project: Path, name: str, line: str) -> None:
    upgrade(checkout, any_project, "--yes")
    text = (any_project / name).read_text()
    assert text == (checkout / name).read_text().partition("# yours\n")[0] + f"# yours\n# for my handlers\n{line}\n"


@pytest.mark.long
def test_the_project_works_with_its_own_handlers_and_tests(checkout: Path, old_project: Path) -> None:
    assert upgrade(checkout, old_project, "--yes").returncode == 0
    lend_environment(old_project)
    assert "mine" in run(old_project, ".venv/bin/python", "-m", "handlers").stdout
    checked = run(old_project, "./tests/run.sh", "--mine", "tests/test_mine.py")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 passed" in checked.stdout
    with running(old_project) as function:
        status, reply = function.call(es_request("mine"))
    assert (status, words_of(reply)) == (200, ["Mine."])


def test_the_samples_that_were_shipped_are_still_known_as_such(checkout: Path, any_project: Path) -> None:
    upgrade(checkout, any_project, "--yes")
    listed_now = next(any_project.glob("tests/**/shipped.sha256")).read_text()
    assert "handlers/check_order.py" in listed_now
    assert CHANGED_SAMPLE not in listed_now


def test_the_plan_touches_nothing_and_names_all_that_is_done_then(checkout: Path, old_project: Path) -> None:
    before = contents(old_project)
    planned = upgrade(checkout, old_project, "--plan")
    assert planned.returncode == 0
    assert contents(old_project) == before
    assert "fulfillment/my_extension.py: yours, in a folder of the kit" in planned.stdout
    assert f"{CHANGED_SAMPLE}: you changed it" in planned.stdout
    done = upgrade(checkout, old_project, "--yes")
    assert done.stdout.startswith(planned.stdout)


def test_nobody_there_to_ask_changes_nothing(checkout: Path, project: Path) -> None:
    before = contents(project)
    asked = upgrade(checkout, project)
    assert (asked.returncode, contents(project)) == (1, before)
    assert "--yes" in asked.stdout


def test_a_second_time_there_is_nothing_to_do(checkout: Path, any_project: Path) -> None:
    upgrade(checkout, any_project, "--yes")
    before = contents(any_project)
    again = upgrade(checkout, any_project, "--yes")
    assert (again.returncode, contents(any_project)) == (0, before)
    assert "Nothing to do" in again.stdout


@pytest.mark.parametrize("name", ["fulfillment/webhook.py", "main.py", "docs/upgrade.md"])
def test_a_changed_file_of_the_kit_stops_it_and_is_kept_aside_by_force(
    checkout: Path, project: Path, name: str
) -> None:
    with (project / name).open("a") as file:
        file.write("# my own change\n")
    mine, before = (project / name).read_text(), contents(project)
    stopped = upgrade(checkout, project, "--yes")
    assert (stopped.returncode, contents(project)) == (1, before)
    assert f"  {name}: " in stopped.stderr
    assert "git -C" in stopped.stderr
    assert upgrade(checkout, project, "--yes", "--force").returncode == 0
    assert (project / name).read_text() == (checkout / name).read_text()
    assert (project / ".local" / "before-upgrade-1" / name).read_text() == mine


def test_a_changed_pin_of_the_kit_stops_it(checkout: Path, any_project: Path) -> None:
    file = any_project / "requirements.txt"
    file.write_text(file.read_text().replace("Flask==", "Flask>="))
    stopped = upgrade(checkout, any_project, "--yes")
    assert stopped.returncode == 1
    assert "requirements.txt: your lines go below the line `# yours`" in stopped.stderr


def test_line_ends_of_windows_are_no_change(checkout: Path, project: Path) -> None:
    for name in ("fulfillment/webhook.py", "requirements.txt", "main.py"):
        (project / name).write_bytes((project / name).read_bytes().replace(b"\n", b"\r\n"))
    assert upgrade(checkout, project, "--yes").returncode == 0
    assert (project / "requirements.txt").read_text().endswith("# yours\n# for my handlers\nidna\n")


def test_deleted_samples_with_their_list_stay_deleted(checkout: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    made_up_version(checkout, project)
    shutil.copy(checkout / "handlers" / "check_order.py", project / "handlers")
    assert run(project, sys.executable, "-m", "tests.kit.shipped", "--remove").returncode == 0
    had = sorted((project / "handlers").glob("*.py"))
    assert upgrade(checkout, project, "--yes").returncode == 0
    assert sorted((project / "handlers").glob("*.py")) == had
    assert not list(project.glob("tests/**/shipped.sha256"))
    assert not list(project.glob("tests/shop/test_*"))


def test_a_sample_waits_for_what_it_imports(checkout: Path, tmp_path: Path) -> None:
    """stock_route imports check_inventory: a new one beside a user's own could name what is not there."""
    project = tmp_path / "project"
    shutil.copytree(checkout, project)
    with (project / "handlers" / "stock_route.py").open("a") as file:
        file.write("# as it was before\n")
    (project / RECORD).write_text(listed(project, files_in(project)))
    with (project / "handlers" / "check_inventory.py").open("a") as file:
        file.write("# mine by now\n")
    done = upgrade(checkout, project, "--yes")
    assert "handlers/stock_route.py: its new version needs handlers/check_inventory.py" in done.stdout
    assert (project / "handlers" / "stock_route.py").read_text().endswith("# as it was before\n")


@pytest.fixture
def slow_disk(checkout: Path) -> dict[str, str]:
    """Lets each file take a fiftieth of a second, so that there is a half way."""
    folder = checkout.parent / "slow"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(
        "import os, time\nreplace = os.replace\n\n\n"
        "def slowly(*files):\n    time.sleep(0.02)\n    replace(*files)\n\n\nos.replace = slowly\n"
    )
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_killed_half_way_it_finishes_the_next_time(
    checkout: Path, old_project: Path, slow_disk: dict[str, str], tmp_path: Path
) -> None:
    other = tmp_path / "never killed"
    shutil.copytree(old_project, other)
    assert upgrade(checkout, other, "--yes").returncode == 0
    before = contents(old_project)
    command = [sys.executable, "-m", "deploy.upgrade", str(old_project), "--yes"]
    running_one = subprocess.Popen(command, cwd=checkout, env=slow_disk, stdout=subprocess.DEVNULL)
    ends_at = time.monotonic() + 30
    while not (old_project / ".kit-upgrade").exists() and time.monotonic() < ends_at:
        time.sleep(0.005)
    time.sleep(0.5)
    running_one.send_signal(signal.SIGKILL)
    running_one.wait()
    assert contents(old_project) not in (before, contents(other))
    assert upgrade(checkout, old_project, "--yes").returncode == 0
    assert contents(old_project) == contents(other)
    assert not (old_project / ".kit-upgrade").exists()


def test_a_folder_behind_a_link_is_not_written_into(checkout: Path, project: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shutil.move(project / "docs", shared)
    (project / "docs").symlink_to(shared)
    before = contents(shared)
    stopped = upgrade(checkout, project, "--yes", "--force")
    assert stopped.returncode == 1
    assert "docs is no folder of its own" in stopped.stderr
    assert contents(shared) == before


@pytest.mark.parametrize("folder", [".", "/"])
def test_what_is_no_project_is_refused(checkout: Path, folder: str) -> None:
    refused = run(checkout, "./deploy/upgrade.sh", folder, "--yes")
    assert refused.returncode == 2
    assert "checkout itself" in refused.stderr or "no project of the kit" in refused.stderr


def test_it_is_called_from_the_project_too(checkout: Path, project: Path) -> None:
    planned = subprocess.run(
        [checkout / "deploy" / "upgrade.sh", ".", "--plan"], cwd=project, capture_output=True, text=True, check=True
    )
    assert planned.stdout.startswith(f"{project}: ")


def test_a_release_writes_the_list_by_which_its_projects_are_known(checkout: Path, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(checkout, release)
    for path in [path for path in files_in(release) if not is_listed(path)]:  # a user's own
        (release / path).unlink()
    package = release / "fulfillment" / "__init__.py"
    package.write_text(re.sub(r'__version__ = ".*"', '__version__ = "7.0.0"', package.read_text()))
    (release / "unforeseen.cfg").write_text("")
    (release / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    refused = run(release, sys.executable, "-m", "deploy.upgrade.release")
    assert refused.returncode == 1
    assert "unforeseen.cfg: a line in deploy/upgrade/ownership.py" in refused.stderr
    assert "expected '## 7.0.0 - YYYY-MM-DD'" in refused.stderr

    (release / "unforeseen.cfg").unlink()
    (release / "CHANGELOG.md").write_text("# Changelog\n\n## 7.0.0 - 2027-01-31\n")
    released = run(release, sys.executable, "-m", "deploy.upgrade.release")
    assert released.returncode == 0, released.stderr
    project, newer = tmp_path / "project", tmp_path / "newer"
    shutil.copytree(release, project)
    shutil.copytree(release, newer)
    with (newer / "main.py").open("a") as file:
        file.write("# newer\n")
    assert upgrade(newer, project, "--yes").returncode == 0
    assert (project / "main.py").read_text() == (newer / "main.py").read_text()
