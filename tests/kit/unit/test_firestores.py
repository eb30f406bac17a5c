"""The machinery of the Firestore tests: what the suite says when Google's emulator is absent, or does not start."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.kit import firestores
from tests.kit.firestores import Emulator, emulator_summary, why_no_emulator


def report(name: str, kind: str = "emulator") -> SimpleNamespace:
    return SimpleNamespace(nodeid=name, user_properties=[("firestore", kind)])


def fake(folder: Path, program: str, script: str) -> None:
    file = folder / program
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_the_summary_says_that_tests_ran_against_the_emulator() -> None:
    line = emulator_summary({"passed": [report("a"), report("b"), report("c", "local")], "failed": [report("d")]})
    assert line == "Firestore: 3 tests also ran against Google's emulator, 1 of them failed."


def test_the_summary_says_why_they_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firestores, "why_no_emulator", lambda: "gcloud is not installed")
    line = emulator_summary({"passed": [report("a", "local")], "skipped": [report("b")]})
    assert line.endswith("not against Google's emulator: gcloud is not installed.")


def test_the_summary_is_silent_when_no_firestore_test_was_asked_for() -> None:
    assert emulator_summary({"passed": [SimpleNamespace(nodeid="a", user_properties=[])]}) == ""


def test_without_gcloud_there_is_no_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_no_emulator() == "gcloud is not installed"


def test_without_java_there_is_no_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "gcloud", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert why_no_emulator() == "Java is not installed"


def test_a_gcloud_without_the_component_has_no_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in ("gcloud", "java"):
        fake(tmp_path, program, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "gcloud components install cloud-firestore-emulator" in why_no_emulator()


def test_an_emulator_that_ends_is_reported_with_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "gcloud", "echo this Java is too old; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    emulator = Emulator(tmp_path)
    with pytest.raises(pytest.fail.Exception, match=r"(?s)ended with status 3.*this Java is too old"):
        emulator.wait()
    emulator.stop()


def test_an_emulator_that_does_not_start_in_time_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "gcloud", "echo still thinking; exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(firestores, "EMULATOR_START_SECONDS", 0.3)
    with pytest.raises(pytest.fail.Exception, match=r"(?s)did not start within.*still thinking"):
        Emulator(tmp_path).wait()


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [("", ["local", "emulator"]), ("both", ["local", "emulator"]), ("local", ["local"]), ("emulator", ["emulator"])],
)
def test_the_environment_chooses_the_firestores(wanted: str, kinds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTS_FIRESTORE", wanted)
    assert firestores.wanted_firestores() == kinds


def test_a_firestore_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTS_FIRESTORE", "mine")
    with pytest.raises(pytest.UsageError, match="'mine'; expected local, emulator or both"):
        firestores.wanted_firestores()


def test_another_process_can_look_after_it_and_stop_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "gcloud", "sleep 60 & echo Dev App Server is now running; wait")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    emulator = Emulator(tmp_path)
    copy = pickle.loads(pickle.dumps(emulator))
    copy.wait()
    assert copy.host == emulator.host
    copy.stop()
    for one in (emulator, copy):
        with pytest.raises(pytest.fail.Exception, match="ended"):
            one.check()
