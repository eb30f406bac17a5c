"""Writes the list of this version's files for later upgrades: python3 -m deploy.upgrade.release, a step of a release.

The list is deploy/upgrade/versions/VERSION.sha256; it belongs into the commit that is released.
"""

from __future__ import annotations

from .__main__ import CHECKOUT, _version
from .shipped_versions import VERSIONS, files_of, listed


def main() -> None:
    """Write it."""
    file = VERSIONS / f"{_version(CHECKOUT)}.sha256"
    paths = [path for path in files_of(CHECKOUT) if CHECKOUT / path != file]
    file.write_text(listed(CHECKOUT, paths), encoding="utf-8")
    print(f"{file.relative_to(CHECKOUT)}: {len(file.read_text().splitlines())} files")


if __name__ == "__main__":
    main()
