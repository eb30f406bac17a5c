"""What counts as a change of the project's files, and how it is told; what the check of a change says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local import watched_files
from deploy.local.supervisor import CannotStart, checked_routes
from tests.kit.scenarios.conftest import OWN_HANDLERS, kit_with


def test_what_is_new_gone_or_differs_in_time_or_size_is_a_change(tmp_path: Path) -> None:
    for name in ("handlers/a.py", "handlers/deep/texts/en.toml", "main.py", "requirements.txt", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    before = watched_files.snapshot(tmp_path)
    assert sorted(before) == ["handlers/a.py", "handlers/deep/texts/en.toml", "main.py", "requirements.txt"]

    (tmp_path / "handlers/a.py").unlink()
    (tmp_path / "handlers/b.py").write_text("1")
    os.utime(tmp_path / "main.py", ns=(1, 1))
    status = (tmp_path / "requirements.txt").stat()
    (tmp_path / "requirements.txt").write_text("12")
    os.utime(tmp_path / "requirements.txt", ns=(status.st_atime_ns, status.st_mtime_ns))

    changes = watched_files.difference(before, watched_files.snapshot(tmp_path))
    assert changes == {
        "handlers/a.py": "gone",
        "handlers/b.py": "new",
        "main.py": "changed",
        "requirements.txt": "changed",
    }
    assert watched_files.told(changes) == "handlers/a.py is gone, handlers/b.py is new, main.py changed and 1 more"
    assert watched_files.told({"main.py": "changed"}) == "main.py changed"


def test_a_project_without_some_of_the_files_has_no_change(tmp_path: Path) -> None:
    assert watched_files.snapshot(tmp_path) == {}


def test_a_module_that_prints_or_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = kit_with(OWN_HANDLERS, tmp_path)
    (tree / "handlers" / "__main__.py").write_text(
        "from fulfillment.routing.table import main\n\nfrom . import routes\n\nmain(routes)\n"
    )
    environment = dict(os.environ)
    assert "hello" in [route["name"] for route in checked_routes(environment, tree)]

    (tree / "handlers" / "chatty.py").write_text("print('hello')")
    with pytest.raises(CannotStart, match=r"A module of handlers/ must not print when it is imported"):
        checked_routes(environment, tree)

    (tree / "handlers" / "chatty.py").write_text("import time\n\ntime.sleep(60)")
    monkeypatch.setattr("deploy.local.supervisor._CHECK_SECONDS", 1.0)
    with pytest.raises(CannotStart, match=r"they are not imported within 1 s\. What takes long belongs"):
        checked_routes(environment, tree)
