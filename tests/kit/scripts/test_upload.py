"""What gcloud really uploads: the function's files, and nothing of yours."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
from bench import PROJECT, ROOT, Bench
from deployments import Deployment

from tests.kit import shipped
from tests.kit.parallel import free_port
from tests.kit.projects import OWN_HANDLERS

PLANTED = (".env", "key.json", "service-account.pem", ".venv/bin/python", "notes.txt", "handlers/.env",
           "handlers/__pycache__/x.pyc", "fulfillment/key.pem", "tests/test_x.py", "docs/protocol.md",
           ".git/config", ".vscode/launch.json", ".pre-commit-config.yaml", "CONTRIBUTING.md", "CHANGELOG.md", "pyproject.toml",
           "deploy/upgrade/versions/1.0.0.sha256")  # fmt: skip
HELLO = {
    "responseId": "r-1",
    "session": "projects/demo-shop/agent/sessions/s-1",
    "queryResult": {"queryText": "hello", "languageCode": "en", "intent": {"displayName": "hello"}},
}


def entries(archive: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        return content.namelist()


@pytest.fixture
def planted(bench: Bench, first: Deployment) -> Bench:
    """A checkout full of what must stay at home, with a function to deploy."""
    bench.cloud.restore(first.world)
    bench.cloud.uploads.clear()
    for name in PLANTED:
        file = bench.tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")
    (bench.tree / "empty").mkdir(exist_ok=True)
    yield bench
    for name in PLANTED:
        (bench.tree / name).unlink()
    for folder in (".venv", "tests", "docs", ".git", ".vscode", "empty", "handlers/__pycache__"):
        shutil.rmtree(bench.tree / folder)


def test_the_upload_holds_the_functions_files_and_nothing_else(planted: Bench) -> None:
    ran = planted.run("./deploy/function.sh", MEMORY="1Gi")
    assert ran.code == 0, ran.text
    (archive,) = planted.cloud.uploads.values()
    names = entries(archive)
    assert {"main.py", "requirements.txt", "handlers/__init__.py", "fulfillment/__init__.py"} <= set(names)
    strangers = [
        n for n in names if not n.startswith(("handlers/", "fulfillment/")) and n not in ("main.py", "requirements.txt")
    ]
    assert strangers == []
    assert not set(names) & set(PLANTED)
    assert not [name for name in names if "__pycache__" in name]


@pytest.fixture
def plain_upload(bench: Bench, first: Deployment, tmp_path: Path) -> Path:
    """The real function, sent by the plain `gcloud functions deploy` line that needs none of the scripts; unpacked."""
    if not (ROOT / "main.py").exists():
        pytest.skip("main.py is not there yet")
    bench.cloud.restore(first.world)
    bench.cloud.uploads.clear()
    checkout = tmp_path / "checkout"
    for folder in ("fulfillment", "deploy", "tests/kit/live"):
        shutil.copytree(ROOT / folder, checkout / folder)
    shutil.copy(OWN_HANDLERS / "well_behaved.py", shipped.copy_handlers(checkout / "handlers"))
    for file in ("main.py", "requirements.txt", ".gcloudignore", ".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / file, checkout)
    line = (
        "gcloud functions deploy plain --gen2 --runtime python313 --source . --entry-point dialogflow_webhook "
        "--trigger-http --no-allow-unauthenticated --set-env-vars WEBHOOK_AUTH=iam "
        f"--region europe-west1 --project {PROJECT}"
    )
    ran = bench.run("bash", "-c", line, cwd=checkout)
    assert ran.code == 0, ran.text
    unpacked = tmp_path / "workspace"
    (archive,) = bench.cloud.uploads.values()
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        content.extractall(unpacked)
    assert {entry.name for entry in unpacked.iterdir()} == {"main.py", "requirements.txt", "handlers", "fulfillment"}
    assert not [folder for folder in unpacked.rglob("*") if folder.is_dir() and not any(folder.iterdir())], (
        "no empty folder"
    )
    return unpacked


def answers(folder: Path, python: str) -> None:
    with running(folder, python) as url:
        call = urllib.request.Request(url, json.dumps(HELLO).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(call, timeout=20) as answer:
            assert answer.status == 200
            assert json.load(answer)["fulfillmentMessages"]


def test_the_upload_answers_a_webhook_call(plain_upload: Path) -> None:
    answers(plain_upload, sys.executable)


@pytest.mark.long
def test_the_upload_needs_nothing_but_its_requirements(plain_upload: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"]
    installed = subprocess.run(install, cwd=plain_upload, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"pip could not install: {installed.stderr[-200:]}")
    answers(plain_upload, python)


class running:  # noqa: N801
    """functions-framework over the unpacked upload, on a free port; ended with its block."""

    def __init__(self, folder: Path, python: str) -> None:
        self._folder, self._python = folder, python

    def __enter__(self) -> str:
        port = free_port()
        self._process = subprocess.Popen(
            [self._python, "-m", "functions_framework", "--target", "dialogflow_webhook", "--host", "127.0.0.1",
             "--port", str(port)],
            cwd=self._folder, env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}/"
            time.sleep(0.1)
        raise AssertionError("the function did not start")

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, 15)
        self._process.wait(timeout=20)
