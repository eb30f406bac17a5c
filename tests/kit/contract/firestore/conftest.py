"""What the Firestore contract tests share: a client on the Firestore of the test."""

from __future__ import annotations

import pytest
from google.cloud import firestore as google_firestore

from tests.kit.firestores import Firestore


@pytest.fixture
def client(firestore: Firestore) -> google_firestore.Client:
    """The real client, on an empty project."""
    return firestore.client()
