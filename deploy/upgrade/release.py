"""Writes the list of this version's files for later upgrades: python3 -m deploy.upgrade.release, a step of a release.

The list is deploy/upgrade/versions/VERSION.sha256; it belongs into the commit that is released. Exit status 1, and
nothing is written, where the changelog has no date for this version or nobody has said whose a file is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .__main__ import CHECKOUT, version_of
from .ownership import is_listed
from .shipped_versions import files_of, listed


def what_is_missing(checkout: Path) -> list[str]:
    """Return what has to be mended before this checkout can be released."""
    version = version_of(checkout)
    missing = [f"{path}: a line in deploy/upgrade/ownership.py" for path in files_of(checkout) if not is_listed(path)]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        missing.append(f"fulfillment/__init__.py: the version is {version}; expected one such as 2.0.0")
    headings = re.findall(r"^## (.+)$", (checkout / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if not headings or not re.fullmatch(re.escape(version) + r" - \d{4}-\d\d-\d\d", headings[0]):
        found = headings[0] if headings else "nothing"
        missing.append(f"CHANGELOG.md: its first heading is {found!r}; expected '## {version} - YYYY-MM-DD'")
    return missing


def write_list(checkout: Path) -> Path:
    """Write the list of this version and return its file."""
    name = f"deploy/upgrade/versions/{version_of(checkout)}.sha256"
    text = listed(checkout, (path for path in files_of(checkout) if path != name))
    (checkout / name).write_text(text, encoding="utf-8")
    return checkout / name


def main() -> int:
    """Check, and write."""
    if missing := what_is_missing(CHECKOUT):
        print("Not ready for a release:", *missing, sep="\n  ", file=sys.stderr)
        return 1
    file = write_list(CHECKOUT)
    print(f"{file.relative_to(CHECKOUT)}: {len(file.read_text(encoding='utf-8').splitlines())} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
