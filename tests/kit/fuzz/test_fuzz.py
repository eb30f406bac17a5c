"""A short fuzz run; `python -m tests.kit.fuzz` is the long one."""

from __future__ import annotations

from tests.kit.firestores import Firestore

from .run import fuzz


def test_mutated_calls_get_named_causes_sound_replies_and_no_secrets(local_firestore: Firestore) -> None:
    findings = fuzz(requests=3000, seed=1)
    assert findings.faults == []
    assert all(findings.answers[f"200 {dialect}"] > 300 for dialect in ("es", "cx", "v1"))
