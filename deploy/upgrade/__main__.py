"""The command behind ./deploy/upgrade.sh; its options stand there. Exit status 0: done, or nothing to do; 1: stopped,
and nothing was changed; 2: wrong options or folder."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from .apply import apply
from .ownership import RECORD
from .plan import Plan, Planner

CHECKOUT = Path(__file__).parents[2]
_MANY = 8
"""As many files of a folder are named one by one."""


def main() -> int:
    """Show the plan, ask, and carry it out."""
    options = _options()
    project = (Path(options.started_in) / options.project.expanduser()).resolve()
    if wrong := _wrong_with(project):
        print(wrong, file=sys.stderr)
        return 2
    plan = Planner(CHECKOUT, project).plan()
    print(f"{project}: {version_of(project)} to {version_of(CHECKOUT)}")
    if plan.empty and not plan.blocked:
        if not options.plan:
            apply(plan, project, [])
        print("The kit's files are those of this checkout. Nothing to do.")
        return 0
    _show(plan)
    if stopped := _stopped(plan, options.force, project):
        print(f"\n{stopped}", file=sys.stderr)
        return 1
    if options.plan:
        return 0
    if not options.yes and not _agreed():
        print("Nothing was changed.")
        return 1
    aside = apply(plan, project, list(plan.changed))
    _tell_what_is_next(aside)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy/upgrade.sh", add_help=False)
    parser.add_argument("--started-in", default=".", help=argparse.SUPPRESS)
    parser.add_argument("project", type=Path)
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--force", action="store_true")
    return parser.parse_args()


def _wrong_with(project: Path) -> str:
    if not (project / "main.py").is_file() or not (project / "fulfillment" / "__init__.py").is_file():
        return (
            f"{project} is no project of the kit: expected main.py and fulfillment/ in it. Name your project's folder."
        )
    if project == CHECKOUT:
        return (
            f"{project} is this checkout itself. Run the script of a new checkout, with your project's folder: "
            "git clone NEW-KIT ../kit && ../kit/deploy/upgrade.sh ."
        )
    return ""


def version_of(folder: Path) -> str:
    """Return the version that a project or checkout says it is."""
    text = (folder / "fulfillment" / "__init__.py").read_text(encoding="utf-8", errors="replace")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    return found[1] if found else "an unknown version"


def _show(plan: Plan) -> None:
    for verb in ("add", "change", "remove"):
        paths = [step.path for step in plan.steps.values() if step.verb == verb and step.path != RECORD]
        _list(f"{verb} {len(paths)}", dict.fromkeys(paths, ""))
    _list("stay as they are", plan.stays)


def _list(title: str, paths: dict[str, str]) -> None:
    if not paths:
        return
    print(f"\n{title}:")
    folders = Counter(_folder(path) for path in paths)
    for folder in sorted(folder for folder, count in folders.items() if count > _MANY and not any(paths.values())):
        print(f"  {folder}/ ({folders[folder]} files)")
    for path, reason in sorted(paths.items()):
        if any(paths.values()) or folders[_folder(path)] <= _MANY:
            print(f"  {path}{': ' + reason if reason else ''}")


def _folder(path: str) -> str:
    return "/".join(path.split("/")[:-1][:2]) or "."


def _stopped(plan: Plan, force: bool, project: Path) -> str:
    if plan.blocked:
        named = "\n".join(f"  {path}: {why}" for path, why in sorted(plan.blocked.items()))
        return f"Stopped, nothing was changed. These cannot be written; make room for them:\n{named}"
    if not plan.changed or force:
        return ""
    named = "\n".join(f"  {path}: {why}" for path, why in sorted(plan.changed.items()))
    return (
        f"Stopped, nothing was changed. {len(plan.changed)} files of the kit were changed in your project:\n{named}\n"
        f"What you changed: git -C {project} log --patch -- {sorted(plan.changed)[0]}, or git diff where it is not "
        "committed.\nMove what you need into handlers/ and put the kit's file back, or go on with --force: your "
        "versions are then copied to .local/before-upgrade-1 first."
    )


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("\nNobody can be asked here: --yes does it.")
        return False
    print("\nCommit your project first, then git shows and undoes all of this.")
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _tell_what_is_next(aside: Path | None) -> None:
    print("\nDone.")
    if aside:
        print(f"Your versions of changed files of the kit: {aside}")
    print(
        "Next: read what changed in CHANGELOG.md of the new checkout, then ./tests/run.sh --mine in your project.\n"
        "It stopped half way? Start it again: it goes on where it was."
    )


if __name__ == "__main__":
    sys.exit(main())
