"""What an upgrade will do to a project, found out without touching it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import own_lines
from .ownership import RECORD, Owner, goes_with_its_samples, owner, stays_without_the_kit
from .sample_needs import needed_by
from .shipped_versions import ShippedVersions, files_in, files_of, listed, plain

_SAMPLE_LISTS = ("tests/shipped.sha256", "tests/kit/shipped.sha256")
_LIST_READERS = ("tests/shipped.py", "tests/kit/shipped.py")


@dataclass(frozen=True)
class Step:
    """One file that is written or, with no content, removed. `found` is what stands there now; None: nothing."""

    path: str
    content: bytes | None
    found: bytes | None
    executable: bool = False

    @property
    def verb(self) -> str:
        """What is done with the file."""
        if self.content is None:
            return "remove"
        return "add" if self.found is None else "change"


@dataclass
class Plan:
    """The steps of an upgrade, and what it leaves alone, each by path with the reason."""

    steps: dict[str, Step] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    """Files of the kit that the user has changed: they stop the upgrade."""
    blocked: dict[str, str] = field(default_factory=dict)
    """Paths that cannot be written at all."""
    stays: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to do but the record."""
        return not self.changed and not set(self.steps) - {RECORD}


class Planner:
    """Compares a project with the new checkout and with what was ever shipped."""

    def __init__(self, checkout: Path, project: Path) -> None:
        self._checkout = checkout
        self._project = project
        self._known = ShippedVersions(checkout, project)
        self._new = {path for path in files_of(checkout) if owner(path) is not Owner.YOURS}
        self._theirs = set(files_in(project))
        self._plan = Plan()

    def plan(self) -> Plan:
        """Return the plan."""
        for path in sorted(self._new):
            if self._can_be_written(path):
                self._bring(path)
        self._keep_samples_that_lack_something()
        for path in sorted(self._theirs - self._new):
            self._take_away(path)
        self._list_samples()
        record = listed(self._checkout, self._new).encode()
        if self._content(RECORD) != record:
            self._write(RECORD, record)
        return self._plan

    def _there(self, paths: set[str]) -> set[str]:
        return {path for path in paths if (self._project / path).is_file()}

    def _content(self, path: str) -> bytes | None:
        file = self._project / path
        return file.read_bytes() if file.is_file() else None

    def _fresh(self, path: str) -> bytes:
        return (self._checkout / path).read_bytes()

    def _can_be_written(self, path: str) -> bool:
        file = self._project / path
        for folder in [*file.relative_to(self._project).parents][:-1]:
            at = self._project / folder
            if at.is_symlink() or (at.exists() and not at.is_dir()):
                self._plan.blocked[path] = f"{folder.as_posix()} is no folder of its own"
                return False
        if file.is_symlink() or file.is_dir():
            self._plan.blocked[path] = "is a link" if file.is_symlink() else "is a folder"
            return False
        return True

    def _write(self, path: str, content: bytes) -> None:
        source = self._checkout / path
        executable = source.is_file() and bool(source.stat().st_mode & 0o100)
        self._plan.steps[path] = Step(path, content, self._content(path), executable)

    def _bring(self, path: str) -> None:
        theirs, whose = self._content(path), owner(path)
        if whose is Owner.SAMPLE_LIST:
            return
        if whose is Owner.LINES and theirs is not None:
            self._merge(path, theirs)
        elif theirs is None:
            if whose is not Owner.SAMPLE or self._belongs_to_samples_that_are_there(path):
                self._write(path, self._fresh(path))
        elif plain(theirs) == plain(self._fresh(path)):
            return
        elif self._known.knows(path, theirs):
            self._write(path, self._fresh(path))
        elif whose is Owner.KIT:
            self._plan.changed[path] = "not as any version of the kit has it"
            self._write(path, self._fresh(path))
        else:
            self._plan.stays[path] = "you changed it"

    def _belongs_to_samples_that_are_there(self, path: str) -> bool:
        return goes_with_its_samples(path) and (self._project / path).parent.is_dir()

    def _merge(self, path: str, theirs: bytes) -> None:
        new = plain(self._fresh(path)).decode()
        text = plain(theirs).decode("utf-8", "surrogateescape")
        merged = own_lines.merged(
            new, text, self._known.lines(path), lambda text: self._known.knows(path, _encoded(text))
        )
        if merged is None:
            self._plan.changed[path] = "your lines go below the line `# yours`"
            self._write(path, self._fresh(path))
        elif merged != text:
            self._write(path, _encoded(merged))

    def _keep_samples_that_lack_something(self) -> None:
        """A sample is brought up to date with the samples that it imports and the texts it reads, or not at all."""
        samples = {path for path in self._plan.steps if owner(path) is Owner.SAMPLE}
        kept = True
        while kept:
            kept = False
            for path in sorted(samples):
                lacking = [one for one in needed_by(path, self._fresh(path), self._new) if self._is_behind(one)]
                if lacking:
                    self._plan.stays[path] = f"its new version needs {lacking[0]}, which you changed or deleted"
                    del self._plan.steps[path]
                    samples.discard(path)
                    kept = True

    def _is_behind(self, needed: str) -> bool:
        """Return whether a needed sample will not be as it has to be; one that is new for the project is added."""
        theirs = self._content(needed)
        if needed in self._plan.steps or (theirs is not None and plain(theirs) == plain(self._fresh(needed))):
            return False
        if theirs is None:
            if self._known.released(needed):
                return True
            self._write(needed, self._fresh(needed))
            return False
        # Texts that the user changed serve the new version where the kit's own are those of before.
        return not (needed.endswith(".toml") and self._known.released(needed, self._fresh(needed)))

    def _take_away(self, path: str) -> None:
        content, whose = self._content(path), owner(path)
        if content is None or whose in (Owner.YOURS, Owner.LINES):
            return
        if whose is Owner.SAMPLE_LIST:
            self._plan.steps[path] = Step(path, None, content)
        elif not self._known.had(path):
            if whose is Owner.KIT:
                self._plan.stays[path] = "yours, in a folder of the kit"
        elif whose is Owner.SAMPLE and stays_without_the_kit(path):
            return
        elif self._known.knows(path, content):
            if self._can_be_written(path):
                self._plan.steps[path] = Step(path, None, content)
        elif whose is Owner.KIT:
            self._plan.changed[path] = "the kit no longer has it"
            self._plan.steps[path] = Step(path, None, content)
        else:
            self._plan.stays[path] = "you changed it"

    def _list_samples(self) -> None:
        """Write the list of samples with those that will stand as shipped; one that was deleted stays so."""
        for path in self._new.intersection(_SAMPLE_LISTS):
            was_deleted = not self._there(set(_SAMPLE_LISTS)) and self._there(set(_LIST_READERS))
            if not was_deleted and self._can_be_written(path):
                text = "".join(f"{line}\n" for line in self._samples_as_shipped(path)).encode()
                if self._content(path) != text:
                    self._write(path, text)

    def _samples_as_shipped(self, path: str) -> Iterator[str]:
        for line in plain(self._fresh(path)).decode().splitlines():
            wanted, _, sample = line.partition("  ")
            step = self._plan.steps.get(sample)
            content = step.content if step else self._content(sample)
            if content is not None and hashlib.sha256(plain(content)).hexdigest() == wanted:
                yield line


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
