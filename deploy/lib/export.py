"""An ES export as a folder: as a ZIP, and as the bodies that Dialogflow's API takes.

export.py zip FOLDER FILE          the ZIP that the console restores
export.py body FOLDER              the body of agent.restore and agent.import
export.py agent FOLDER PARENT      the body that makes an agent with the export's name, languages and time zone
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


def main(command: str, folder: str, *arguments: str) -> None:
    """Run one of the commands above."""
    if command == "zip":
        Path(arguments[0]).write_bytes(archive(Path(folder)))
    elif command == "body":
        json.dump({"agentContent": base64.b64encode(archive(Path(folder))).decode()}, sys.stdout)
    else:
        json.dump(agent(Path(folder), arguments[0]), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
