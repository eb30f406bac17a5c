"""What the kit has ever shipped: how a file that was changed is told from one of an older version.

Three sources, which need each other nowhere: the list of each released version (`versions/`), the record that the last
upgrade left in the project, and this checkout's git history where it has one, which knows what lies between releases.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from .ownership import NOT_READ, RECORD, Owner, owner

VERSIONS = Path(__file__).parent / "versions"
_DIGITS = 16
"""Hexadecimal digits of SHA-256 that are kept: against mistakes, not against an attacker."""


def plain(content: bytes) -> bytes:
    """Return a file's content with the line ends of the repository: git on Windows writes others."""
    return content.replace(b"\r\n", b"\n")


def digest(content: bytes) -> str:
    """Return the digest of a file's content as the lists hold it."""
    return hashlib.sha256(plain(content)).hexdigest()[:_DIGITS]


def files_of(checkout: Path) -> list[str]:
    """Return the paths of a checkout's files from its root: those git knows, or all but caches where it has no git."""
    said = _git(checkout, "ls-files", "-z") if (checkout / ".git").exists() else ""
    paths = said.split("\0") if said else files_in(checkout)
    return sorted(path for path in paths if path and (checkout / path).is_file())


def files_in(folder: Path) -> Iterator[str]:
    """Yield the paths of all files in a folder but those of caches, whether git knows them or not."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_READ and not name.startswith(".venv")]
        for name in files:
            yield (Path(root) / name).relative_to(folder).as_posix()


def listed(checkout: Path, paths: Iterable[str]) -> str:
    """Return the list of a version: a digest and a path a line, of all that an upgrade may touch."""
    mine = sorted(path for path in paths if owner(path) not in (Owner.YOURS, Owner.SAMPLE_LIST))
    return "".join(f"{digest((checkout / path).read_bytes())}  {path}\n" for path in mine)


class ShippedVersions:
    """Every content that the kit has had at a path, as far as `checkout` and the record in `project` know."""

    def __init__(self, checkout: Path, project: Path) -> None:
        self._checkout = checkout
        self._released: dict[str, set[str]] = {}
        self._here: dict[str, set[str]] = {}
        self._blobs: dict[str, set[str]] = {}
        for file in sorted(VERSIONS.glob("*.sha256")):
            _add(self._released, file.read_text(encoding="utf-8"))
        if (project / RECORD).is_file():
            _add(self._released, (project / RECORD).read_text(encoding="utf-8"))
        _add(self._here, listed(checkout, files_of(checkout)))
        self._read_history()

    def had(self, path: str) -> bool:
        """Return whether the kit has shipped a file at this path."""
        return path in self._released or path in self._here or path in self._blobs

    def released(self, path: str, content: bytes | None = None) -> bool:
        """Return whether an older version had a file at this path, and with this content where one is given."""
        return path in self._released and (content is None or digest(content) in self._released[path])

    def knows(self, path: str, content: bytes) -> bool:
        """Return whether the kit has shipped this content at this path: nobody changed it then."""
        if digest(content) in self._released.get(path, set()) | self._here.get(path, set()):
            return True
        found = plain(content)
        blob = hashlib.sha1(b"blob %d\0" % len(found) + found, usedforsecurity=False).hexdigest()
        return blob in self._blobs.get(path, ())

    def lines(self, path: str) -> list[list[str]]:
        """Return the lines that the kit has shipped at a path where it shared a file with the user, by version."""
        found = []
        for file in sorted(VERSIONS.glob("*.lines.json")):
            found.append(json.loads(file.read_text(encoding="utf-8")).get(path, []))
        found += [_git(self._checkout, "cat-file", "blob", blob).splitlines() for blob in self._blobs.get(path, ())]
        return sorted(filter(None, found), key=len, reverse=True)

    def _read_history(self) -> None:
        if not (self._checkout / ".git").exists():  # a folder inside of somebody's repository has another history
            return
        asked = ("log", "HEAD", "--raw", "--no-abbrev", "--no-renames", "-m", "--root", "-z", "--format=")
        fields = iter(_git(self._checkout, *asked).split("\0"))
        for field in fields:
            change = field.lstrip("\n")
            if change.startswith(":"):
                path, blob = next(fields), change.split()[3]
                if blob.strip("0"):
                    self._blobs.setdefault(path, set()).add(blob)


def _add(versions: dict[str, set[str]], text: str) -> None:
    for line in text.splitlines():
        found, _, path = line.partition("  ")
        versions.setdefault(path, set()).add(found)


def _git(checkout: Path, *arguments: str) -> str:
    """Return what git says; "" where there is no git or no history: the lists know enough then."""
    git = shutil.which("git")
    if git is None:
        return ""
    ran = subprocess.run(  # noqa: S603
        [git, "-c", "core.quotePath=off", *arguments],
        cwd=checkout,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )
    return "" if ran.returncode else ran.stdout
