"""The Firestores that tests run against: the kit's local one, and Google's emulator where it can be started.

Both listen on 127.0.0.1 only. Each test gets a project of its own, so nothing has to be wiped between tests.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from google.cloud import firestore

from fulfillment import documents
from tests.kit.parallel import LOOPBACK, free_port, once_for_all, shared_folder

EMULATOR_START_SECONDS = 60.0


@dataclass(frozen=True)
class Firestore:
    """A Firestore for one test.

    Attributes:
        kind: "local" or "emulator".
        host: what FIRESTORE_EMULATOR_HOST is set to.
        project: what GOOGLE_CLOUD_PROJECT is set to; nobody else uses it.
    """

    kind: str
    host: str
    project: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:12]}")
    _clients: list[firestore.Client] = field(default_factory=list, repr=False)

    def set_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make every client that is made from now on talk to this Firestore, and to nobody else."""
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", self.host)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", self.project)
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        monkeypatch.delenv("FIRESTORE_DATABASE", raising=False)
        # gRPC would ask a proxy even for loopback.
        monkeypatch.setenv("no_grpc_proxy", LOOPBACK)
        documents.reset()

    def environment(self) -> dict[str, str]:
        """What a function in a process of its own needs to find this Firestore."""
        return {
            "FIRESTORE_EMULATOR_HOST": self.host,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "no_grpc_proxy": LOOPBACK,
        }

    def client(self, project: str | None = None, database: str | None = None) -> firestore.Client:
        """A real client on this Firestore, on the test's own project unless told; closed when the test ends."""
        client = firestore.Client(project=project or self.project, database=database)
        self._clients.append(client)
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()


class Emulator:
    """Google's emulator, run by gcloud without touching the network, in a process group of its own.

    A pickled one stands for the same emulator in another process, which can wait for it and stop it too.
    """

    def __init__(self, folder: Path) -> None:
        self._log = folder / "emulator.log"
        self.host = f"{LOOPBACK}:{free_port()}"
        with self._log.open("wb") as log:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                ["gcloud", "emulators", "firestore", "start", f"--host-port={self.host}"],
                env=offline_gcloud(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._group = self._process.pid

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_process": None}

    def wait(self) -> None:
        """Return when it serves; fail the test with the emulator's own words when it does not."""
        end = time.monotonic() + EMULATOR_START_SECONDS
        while time.monotonic() < end:
            self.check()
            if "is now running" in self._log.read_text(errors="replace"):
                return
            time.sleep(0.05)
        self.stop()
        pytest.fail(f"Google's emulator did not start within {EMULATOR_START_SECONDS:.0f} s. {self._last_words()}")

    def check(self) -> None:
        """Fail the test clearly when the emulator has died."""
        if self._process is not None and self._process.poll() is not None:
            pytest.fail(f"Google's emulator ended with status {self._process.returncode}. {self._last_words()}")
        if self._gone(within=0):
            pytest.fail(f"Google's emulator has ended. {self._last_words()}")

    def stop(self) -> None:
        """End the whole group: the JVM outlives a gcloud that is ended alone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._group, number)
            except ProcessLookupError:
                break
            if self._gone(within=5):
                break

    def _gone(self, within: float) -> bool:
        end = time.monotonic() + within
        while True:
            with contextlib.suppress(ChildProcessError):  # another process started it
                os.waitpid(self._group, os.WNOHANG)
            try:
                os.killpg(self._group, 0)
            except ProcessLookupError:
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join([f"The end of {self._log}:", *lines[-15:]])


def emulator_of_the_run(config: pytest.Config) -> Emulator:
    """Google's emulator, one for all test processes of a run; the first one that asks starts it."""

    def start() -> Emulator:
        folder = shared_folder(config) / "emulator-files"
        folder.mkdir(exist_ok=True)
        return Emulator(folder)

    emulator = once_for_all(config, "emulator", start)
    emulator.wait()
    return emulator


def stop_emulator_of_the_run(config: pytest.Config) -> None:
    """End it, if it was ever started, at the end of the run."""
    started = shared_folder(config) / "emulator"
    if started.exists():
        pickle.loads(started.read_bytes()).stop()


def offline_gcloud(folder: Path) -> dict[str, str]:
    """An environment in which gcloud asks nobody anything: no account, no updates, no metadata server."""
    on_google = folder / "gce"
    on_google.write_text("False")
    tomorrow = time.time() + 86_400
    os.utime(on_google, (tomorrow, tomorrow))
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "CLOUDSDK_CONFIG": str(folder),
        "CLOUDSDK_CORE_PROJECT": "nobody",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    }


def wanted_firestores() -> list[str]:
    """Return the Firestores of the fixture `firestore`, by the environment's TESTS_FIRESTORE; both where it is not set."""
    both = ["local", "emulator"]
    wanted = os.environ.get("TESTS_FIRESTORE") or "both"
    if wanted not in (*both, "both"):
        raise pytest.UsageError(f"TESTS_FIRESTORE is {wanted!r}; expected local, emulator or both")
    return both if wanted == "both" else [wanted]


def why_no_emulator() -> str:
    """What Google's emulator lacks on this machine; "" when it can be started."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return "gcloud is not installed"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "Java is not installed"
    if not any((root / "platform" / "cloud-firestore-emulator").is_dir() for root in _sdk_roots(Path(gcloud))):
        return "gcloud has no Firestore emulator (gcloud components install cloud-firestore-emulator)"
    return ""


def emulator_summary(stats: Mapping[str, Sequence[Any]]) -> str:
    """Whether tests of the `firestore` fixture also ran against Google's emulator; "" when none was asked for.

    Args:
        stats: pytest's reports by outcome.
    """
    asked = [
        (outcome, report)
        for outcome in ("passed", "failed", "error", "skipped")
        for report in stats.get(outcome, ())
        if ("firestore", "emulator") in getattr(report, "user_properties", ())
    ]
    ran = {report.nodeid for outcome, report in asked if outcome != "skipped"}
    if ran:
        failed = {report.nodeid for outcome, report in asked if outcome in ("failed", "error")}
        return f"Firestore: {len(ran)} tests also ran against Google's emulator, {len(failed)} of them failed."
    if asked:
        return f"Firestore: the tests ran on the local one only, not against Google's emulator: {why_no_emulator()}."
    return ""


def _sdk_roots(gcloud: Path) -> list[Path]:
    """Where the SDK of this gcloud can be: above the real file, or where Linux packages put it."""
    real = gcloud.resolve()
    return [
        real.parents[1],
        real.parents[1] / "lib" / "google-cloud-sdk",
        real.parents[1] / "share" / "google-cloud-sdk",
    ]
