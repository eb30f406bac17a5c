"""What doctor.sh found, by name; and what a check says about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is the one command that mends it; empty when it is fine."""

    thing: str
    says: str
    mend: str = ""


Findings = Iterator[Finding]


def fine(thing: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(thing, says)


def wrong(thing: str, says: str, mend: str) -> Finding:
    """Breaks calls, or will."""
    return Finding(thing, says, mend)


class Facts:
    """The files of one look; a fact that could not be had has an error instead."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._settings = settings

    def __contains__(self, fact: str) -> bool:
        return (self._folder / fact).is_file()

    def setting(self, name: str) -> str:
        """A setting of the deployment."""
        return self._settings.get(name, "")

    def uses(self, mechanism: str) -> bool:
        """Whether WEBHOOK_AUTH asks for this mechanism."""
        return mechanism in self.setting("WEBHOOK_AUTH").split(",")

    def text(self, fact: str) -> str:
        """The fact as text; empty when there is none."""
        return (self._folder / fact).read_text() if fact in self else ""

    def json(self, fact: str) -> Any:
        """The fact as JSON; an empty object when there is none."""
        return json.loads(self.text(fact) or "{}")

    def error(self, fact: str) -> str:
        """Why a fact is not there."""
        file = self._folder / f"{fact}.error"
        return file.read_text() if file.is_file() else ""

    def absent(self, fact: str) -> bool:
        """Whether Google said that the thing does not exist, rather than something else."""
        return any(sign in self.error(fact) for sign in ("NOT_FOUND", "status=[404]", "Cannot find", "error: 404"))

    def reason(self, fact: str) -> str:
        """The last line of an error that says something."""
        lines = [line.strip() for line in self.error(fact).splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def unread(self) -> list[str]:
        """The facts that could not be had, apart from those whose absence a check tells itself."""
        told = {"services", "function", "database", "agent", "public-policy"}
        return sorted(file.stem for file in self._folder.glob("*.error") if file.stem not in told)

    @property
    def agent_account(self) -> str:
        """The Dialogflow service agent of the agent's project."""
        number = self.json("agent-project").get("projectNumber", "?")
        return f"service-{number}@gcp-sa-dialogflow.iam.gserviceaccount.com"

    @property
    def url(self) -> str:
        """The function's address at run.app."""
        return str(self.json("service").get("status", {}).get("url", ""))

    def members(self, fact: str, role: str) -> list[str]:
        """Who holds `role` in the policy `fact`."""
        return [m for b in self.json(fact).get("bindings", []) if b["role"] == role for m in b.get("members", [])]

    def secrets(self) -> list[tuple[str, str, str]]:
        """Variable, secret and version of every secret of the deployed function."""
        config = self.json("function").get("serviceConfig", {})
        return [(s["key"], s["secret"], s["version"]) for s in config.get("secretEnvironmentVariables", [])]

    def variables(self) -> dict[str, str]:
        """The environment of the deployed function, without its secrets."""
        return dict(self.json("function").get("serviceConfig", {}).get("environmentVariables", {}))
