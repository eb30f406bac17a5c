"""The bench on which scripts run: a copy of the kit, an empty environment, the stand-in, the real gcloud and curl."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from standin import Cloud
from standin.certificates import Authority
from standin.island import Island
from standin.server import serve
from warm_gcloud import WarmGcloud

ROOT = Path(__file__).resolve().parents[3]
PROJECT, NUMBER = "demo-shop", 123456789012
AGENT_PROJECT, AGENT_NUMBER = "demo-agent", 987654321098
FRESH_APIS = ("storage.googleapis.com", "bigquery.googleapis.com")
_STAND_IN_HANDLERS = '''"""Prints a table of routes, as the kit's handlers do."""
import json

NAMES, PATHS = {names!r}, {paths!r}


def route(kind, name, slot_filling=False):
    return dict(kind=kind, name=name, handler="handlers.shop." + name, file="handlers/shop.py", line=1, methods=[],
                parameters=[], slot_filling=slot_filling)


intents = [route("intent", name, name == "book_table") for name in NAMES]
print(json.dumps(dict(routes=intents + [route("route", path) for path in PATHS] + [route("fallback", "")])))
'''
INTENTS = ("Default Welcome Intent", "get-agent-name", "check_order", "cancel_order", "check_inventory", "store_hours",
           "book_table", "table_full", "get_weather")  # fmt: skip


@dataclass
class Ran:
    """What a script did: exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Bench:
    """`run` starts a script of the kit against `cloud`; `settings` become environment variables."""

    folder: Path
    island: Island
    cloud: Cloud = field(default_factory=Cloud)
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(self.folder)
        self.server = serve(self.cloud, self.authority, self.island.run)
        self.tree = self.folder / "kit"
        self.copy_kit(self.tree)
        self.config = self.folder / "gcloud"
        self.config.mkdir()
        # gcloud would ask the network whether it runs on Google's machines; this file is its memory of the answer.
        (self.config / "gce").write_text("False")
        os.utime(self.config / "gce", (time.time() + 86400,) * 2)
        self.gcloud_calls = self.folder / "calls"
        self._place_tools()

    def copy_kit(self, target: Path) -> None:
        for name in ("deploy", "fulfillment"):
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "settings.*env"))
        shutil.copy(ROOT / "deploy" / "settings.example.env", target / "deploy")
        for name in ("requirements.txt", ".gcloudignore", ".gitignore"):
            shutil.copy(ROOT / name, target)
        (target / "main.py").write_text("def dialogflow_webhook(request):\n    return {}\n")
        self.handlers(*INTENTS, tree=target)

    def handlers(self, *names: str, paths: tuple[str, ...] = (), tree: Path | None = None) -> None:
        """Stand-in handlers for these intents and flexible paths, and a fallback; `book_table` fills slots."""
        folder = (tree or self.tree) / "handlers"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("")
        (folder / "__main__.py").write_text(_STAND_IN_HANDLERS.format(names=names, paths=paths))

    def _place_tools(self) -> None:
        """A `gcloud` first in the path that notes the call and becomes the real one, cold where COLD_GCLOUD is set."""
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "python3").symlink_to(sys.executable)
        real = shutil.which("gcloud")
        assert real is not None
        self._warm = WarmGcloud(real, self.folder, self.environment())
        (tools / "gcloud").write_text(
            f"""#!/bin/bash
printf "%s\\n" "$*" >>"{self.gcloud_calls}"
[[ -z "${{COLD_GCLOUD:-}}" ]] || exec "{real}" "$@"
exec {shlex.join(self.island.run(self._warm.start))} "$@"
"""
        )
        (tools / "gcloud").chmod(0o755)

    def environment(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self.server.server_address[1]}"
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy)
        return {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "NO_PROXY": "127.0.0.1",
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(self.authority.pem),
            "CURL_CA_BUNDLE": str(self.authority.pem),
            "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.stand-in",
            "CLOUDSDK_CONFIG": str(self.config),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "RETRY_WAITS": "0 0 0 0 0",
            **proxies,
            **self.settings,
        }

    def run(self, *command: str, stdin: str = "", cwd: Path | None = None, **settings: str) -> Ran:
        """Run `command` at the root of the copied kit; it may not wait for anybody."""
        where = cwd or self.tree

        def start() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["env", "-i", *(f"{k}={v}" for k, v in (self.environment() | settings).items()), *command],
                cwd=where, input=stdin, text=True, capture_output=True, timeout=600, check=False,
            )  # fmt: skip

        done = self.island.run(start)
        return Ran(done.returncode, done.stdout, done.stderr)

    def calls(self) -> list[str]:
        """The gcloud command lines since the last `forget`."""
        return self.gcloud_calls.read_text().splitlines() if self.gcloud_calls.exists() else []

    def forget(self) -> None:
        self.cloud.forget()
        self.gcloud_calls.unlink(missing_ok=True)

    def agent(self, project: str = PROJECT, location: str | None = None, intents: tuple[str, ...] = INTENTS) -> None:
        """An ES agent whose intents do not call the webhook yet."""
        from standin import dialogflow

        name = dialogflow.parent(project, location) + "/agent"
        self.cloud.things[name] = {
            "parent": name.removesuffix("/agent"), "displayName": "Shop", "defaultLanguageCode": "en",
            "timeZone": "Europe/Berlin", "apiVersion": "API_VERSION_V2",
        }  # fmt: skip
        self.cloud.things[f"{name}/fulfillment"] = {"name": f"{name}/fulfillment"}
        for intent in intents:
            dialogflow.add_intent(self.cloud, name, intent)
        dialogflow.add_intent(self.cloud, name, "Default Fallback Intent", isFallback=True, action="input.unknown")

    def close(self) -> None:
        self._warm.close()
        self.server.shutdown()


def words(text: str) -> str:
    """Text with runs of blanks made one, to compare what people read."""
    return re.sub(r"\s+", " ", text)
