"""An ES export as a folder: as a ZIP, and as the bodies that Dialogflow's API takes.

export zip FOLDER FILE          the ZIP that the console restores
export body FOLDER              the body of agent.restore and agent.import
export agent FOLDER PARENT      the body that makes an agent with the export's name, languages and time zone
"""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

_SAME_EVERY_TIME = (2020, 1, 1, 0, 0, 0)


def archive(folder: Path) -> bytes:
    """The ZIP; agent.json lies at its root, and the same folder gives the same bytes."""
    if not (folder / "agent.json").is_file():
        raise SystemExit(f"{folder} is no agent export: it has no agent.json")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for file in sorted(folder.rglob("*.json")):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _SAME_EVERY_TIME)
            target.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def agent(folder: Path, parent: str) -> dict[str, Any]:
    """An agent as the API's `agent` method makes it."""
    settings = json.loads((folder / "agent.json").read_text())
    return {
        "parent": parent,
        "displayName": settings.get("displayName") or "webhook-agent",
        "defaultLanguageCode": settings["language"],
        "supportedLanguageCodes": settings.get("supportedLanguages", []),
        "timeZone": settings["defaultTimezone"],
    }


def _zip(folder: str, file: str) -> None:
    Path(file).write_bytes(archive(Path(folder)))


def _body(folder: str) -> None:
    json.dump({"agentContent": base64.b64encode(archive(Path(folder))).decode()}, sys.stdout)


def _agent(folder: str, parent: str) -> None:
    json.dump(agent(Path(folder), parent), sys.stdout)


COMMANDS = {"zip": _zip, "body": _body, "agent": _agent}
