"""Does what a plan says. Killed half way, it is started again: each file is either the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from .ownership import RECORD
from .plan import Plan, Step

_STAGE = ".kit-upgrade"


def apply(plan: Plan, project: Path, aside: list[str]) -> Path | None:
    """Write and remove what the plan says; return the folder where copies of the files `aside` went, if any.

    A file that is no longer as it was when the plan was made is copied aside as well: nothing is lost that somebody
    saved meanwhile. The record of what is installed comes last.
    """
    stage = project / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    kept = _Aside(project)
    try:
        steps = sorted(plan.steps.values(), key=lambda step: (step.path == RECORD, step.content is None, step.path))
        for step in steps:
            now = _content(project / step.path)
            if now is not None and (step.path in aside or now != step.found) and now != step.content:
                kept.copy(step.path)
            if step.content is None:
                _remove(project, step.path)
            else:
                _write(project, stage, step)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return kept.folder


class _Aside:
    """The folder for copies of what the user had; made with the first of them."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.folder: Path | None = None

    def copy(self, path: str) -> None:
        if self.folder is None:
            number = 1
            while (folder := self._project / ".local" / f"before-upgrade-{number}").exists():
                number += 1
            self.folder = folder
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self._project / path, self.folder / path)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _write(project: Path, stage: Path, step: Step) -> None:
    assert step.content is not None
    target = project / step.path
    target.parent.mkdir(parents=True, exist_ok=True)
    stage.mkdir(exist_ok=True)
    staged = stage / "file"
    staged.write_bytes(step.content)
    staged.chmod(0o755 if step.executable else 0o644)
    os.replace(staged, target)


def _remove(project: Path, path: str) -> None:
    file = project / path
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == project:
            return
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
        if folder.exists():
            return
