"""What a sample needs besides itself: the samples that it imports, and the texts that it reads."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

_IMPORTS = re.compile(r"^\s*from (\.|handlers|tests\.shop)(?:\.?(\w+))? import (.*)$", re.MULTILINE)
_READS_TEXTS = re.compile(r"\btexts\(")


def needed_by(path: str, content: bytes, shipped: Collection[str]) -> list[str]:
    """Return the paths of the shipped samples without which this content of `path` does not work."""
    if not path.endswith(".py"):
        return []
    source = content.decode("utf-8", "replace")
    own_folder = PurePosixPath(path).parent.as_posix()
    found: set[str] = set()
    for package, module, names in _IMPORTS.findall(source):
        folder = own_folder if package == "." else package.replace(".", "/")
        found |= {f"{folder}/{name}.py" for name in ([module] if module else re.findall(r"\w+", names))}
    if path.startswith("handlers/") and _READS_TEXTS.search(source):
        found |= {one for one in shipped if one.startswith("handlers/texts/")}
    return sorted(found.intersection(shipped) - {path, "handlers/__init__.py"})
