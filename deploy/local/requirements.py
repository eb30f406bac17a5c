"""requirements.txt: the kit's packages, pinned, and below the line `# yours` the user's. Do they fit together?

python -m deploy.local.requirements          can the user's be installed with the kit's on the deployed Python?
                                             Asked again when the file has changed
python -m deploy.local.requirements --all    the same, asked always, and for the kit's alone too
python -m deploy.local.requirements why F    why the file F cannot be installed on this Python
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = ROOT / "requirements.txt"
YOURS = "# yours"
DEPLOYED = "3.13"
_NOTE = Path(sys.prefix) / "requirements-that-fit"
_NO_INDEX = ("Failed to establish a new connection", "Retrying (", "Could not fetch URL")


@dataclass(frozen=True)
class Line:
    """A requirement as it is written, with the file and line that it stands in."""

    name: str
    text: str
    place: str


def requirements(text: str, file: str = "requirements.txt") -> tuple[list[Line], list[Line]]:
    """Return the kit's lines and the user's. Without the line `# yours` all are the kit's."""
    kit: list[Line] = []
    own: list[Line] = []
    found = kit
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().lower() == YOURS:
            found = own
        elif (wanted := line.partition(" #")[0].strip()) and not wanted.startswith(("#", "-")):
            found.append(Line(_name(wanted), wanted, f"{file}, line {number}"))
    return kit, own


def explanation(said: str, kit: list[Line], own: list[Line]) -> str:
    """Return which of the user's packages stands against which of the kit's, and what to do; else pip's own words."""
    block = said.partition("The conflict is caused by:")[2].partition("\n\n")[0]
    wishes = dict.fromkeys(re.findall(r"^\s+(\S+) (\S+) depends on (.+)$", block, re.MULTILINE))
    # By name, since pip writes a line's bounds in an order of its own. Of the kit it names the pin besides.
    asked = Counter(map(_name, re.findall(r"^\s+The user requested (.+)$", block, re.MULTILINE)))
    # One with extras wishes for itself without them, in the same version.
    doubled = {name for name, times in asked.items() if times > 1}
    doubled |= {_name(name) for name, _, wish in wishes if "[" in name and _name(name) == _name(wish)}
    told = [_two_of_one_name(line, kit) for line in own if line.name in doubled and _pinned(line.name, kit)]
    explained = {line.name for line in own if line.name in doubled and _pinned(line.name, kit)}
    for name, version, wish in wishes:
        if _name(name) not in explained and (told_now := _wish(name, version, wish, _root(name, said), kit, own)):
            explained.add(_name(name))
            told.append(told_now)
    return "\n".join(told) or "\n".join(line for line in said.splitlines() if line.startswith("ERROR")) or said


def _two_of_one_name(line: Line, kit: list[Line]) -> str:
    pin = _pinned(line.name, kit)
    return (
        f"{line.place}: you ask for {line.text}, and the kit pins {pin.text if pin else line.name} "
        f"({pin.place if pin else ''}).\n  Delete your line: the kit's version is there for your handlers too."
    )


def _wish(name: str, version: str, wish: str, root: str, kit: list[Line], own: list[Line]) -> str:
    brings = next((line for line in own if line.name == root), None)
    if brings is None:
        return ""
    who = f"{name} {version}" + ("" if _name(name) == root else f", which {brings.text} brings along,")
    pin = _pinned(_name(wish), kit)
    against = f"the kit pins {pin.text} ({pin.place})" if pin else "another of your packages stands against that"
    return (
        f"{brings.place}: {who} wants {wish}, and {against}.\n"
        f"  Try another version of {brings.name}: {sys.executable} -m pip index versions {brings.name} lists them. "
        f"Leave the kit's pins alone: they were tested together."
    )


def _root(name: str, said: str) -> str:
    # As pip tells it: Collecting c (from b->a->-r requirements.txt (line 7))
    for what, chain in re.findall(r"^\s*(?:Collecting|Processing) (\S+) \(from (.+)\)", said, re.MULTILINE):
        package = Path(what).name.partition("-")[0] if what.endswith(".whl") else what
        if _name(package) == _name(name):
            *_, last = [name, *(part for part in chain.split("->") if not part.startswith("-r "))]
            return _name(last)
    return _name(name)


def _pinned(name: str, kit: list[Line]) -> Line | None:
    return next((line for line in kit if line.name == name), None)


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;@(]", requirement.strip(), maxsplit=1)[0]).lower()


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Ask pip what it would install; nothing is installed, what it says stands in `stdout`."""
    quick = ("--disable-pip-version-check", "--no-input", "--dry-run", "--retries", "1", "--progress-bar", "off")
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pip", "install", *quick, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def check(everything: bool) -> int:
    """Tell whether the packages fit together on the deployed Python; return the exit status."""
    text = FILE.read_text(encoding="utf-8")
    kit, own = requirements(text)
    if not everything and (not own or (_NOTE.is_file() and _NOTE.read_text(encoding="utf-8") == text)):
        return 0
    target = ("--only-binary=:all:", "--python-version", DEPLOYED, "--target", str(Path(sys.prefix) / "never-made"))
    asked = pip(*target, *(() if own else ("--no-deps",)), "-r", str(FILE))
    if asked.returncode == 0:
        _NOTE.write_text(text, encoding="utf-8")
        return 0
    said = asked.stdout
    if any(sign in said for sign in _NO_INDEX):
        print(
            "Not checked: the package index cannot be reached. The build of a deployment would say what does not fit."
        )
        return 0
    conflict = "conflicting dependencies" in said
    if own and not conflict and (missing := re.search(r"No matching distribution found for (\S+)", said)):
        print(
            f"{missing[1]} has no wheel for Python {DEPLOYED}, on which the function is deployed. If there is a source "
            "package, the build of the deployment compiles it, or fails. Is there another version of it?"
        )
        return 1 if "require a different python version" in said else 0
    print(explanation(said, kit, own))
    return 1


def why(file: str) -> int:
    """Tell why a requirements file cannot be installed on this Python."""
    kit, own = requirements(FILE.read_text(encoding="utf-8"))
    if Path(file).resolve() != FILE:
        kit += requirements(Path(file).read_text(encoding="utf-8"), file)[0]
    asked = pip("-r", file)
    if asked.returncode:
        print(explanation(asked.stdout, kit, own))
    return asked.returncode


def main(arguments: list[str]) -> int:
    """Run the command; see above."""
    return why(arguments[1]) if arguments[:1] == ["why"] else check(everything=arguments == ["--all"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
