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
from bench import ROOT, Bench
from conftest import Deployment

PLANTED = (".env", "key.json", "service-account.pem", ".venv/bin/python", "notes.txt", "handlers/.env",
           "handlers/__pycache__/x.pyc", "fulfillment/key.pem", "tests/test_x.py", ".git/config")  # fmt: skip


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
    for folder in (".venv", "tests", ".git", "empty", "handlers/__pycache__"):
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


def test_the_uploaded_files_answer_a_webhook_call(bench: Bench, tmp_path: Path) -> None:
    if not (ROOT / "main.py").exists():
        pytest.skip("main.py is not there yet")
    listed = bench.run("gcloud", "meta", "list-files-for-upload", ".", cwd=ROOT)
    assert listed.code == 0, listed.text
    unpacked = tmp_path / "workspace"
    for name in listed.out.split("\n"):
        if name:
            (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, unpacked / name)
    request = {
        "responseId": "r-1",
        "session": "projects/demo-shop/agent/sessions/s-1",
        "queryResult": {
            "queryText": "hello",
            "languageCode": "en",
            "intent": {"displayName": "Default Welcome Intent"},
        },
    }
    with running(unpacked) as url:
        data = json.dumps(request).encode()
        call = urllib.request.Request(url, data, {"content-type": "application/json"})
        with urllib.request.urlopen(call, timeout=20) as answer:
            assert answer.status == 200
            assert json.load(answer)["fulfillmentMessages"]


class running:  # noqa: N801
    """functions-framework over the unpacked upload, on a free port; ended with its block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "functions_framework", "--target", "dialogflow_webhook", "--host", "127.0.0.1",
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
