"""Building JSON objects without the members that have nothing to say."""

from __future__ import annotations

from typing import Any


def given(**members: Any) -> dict[str, Any]:
    """Return the members whose value is not a protobuf default ("", 0, False, empty, None): those are left out."""
    return {name: value for name, value in members.items() if value}
