"""The record of a turn in Firestore: who does it, until when, and what came out.

Two moments are compared to see whether an owner's time is over: the record's update time and the time of the read.
Both are the server's, so that clocks of instances may differ. Nothing depends on them for safety: whoever takes a turn
over changes the record, and the former owner's commit requires the record that it wrote itself.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..deadline import ANSWER_MARGIN, OUTSIDE_MARGIN, seconds_left
from ..documents.connection import attempt, try_once
from ..documents.joined import Joined
from .keys import Turn

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

COLLECTION = "fulfillment_once"

SKEW_SECONDS = 0.5
"""Added to an owner's time, for what a call takes to arrive."""

RUNNING, DONE, FREE = "running", "done", "free"


@dataclass(frozen=True)
class Record:
    """A turn's record as it was read.

    `effect` is the idempotency key, `reply` None where only a hash is kept. `expired`: its time is over, it counts as
    absent. `abandoned`: its owner's time is over.
    """

    state: str
    owner: str
    effect: str
    fingerprint: str
    reply: bytes | None
    reply_hash: str
    expired: bool
    abandoned: bool
    update_time: Any


@dataclass(frozen=True)
class Owned:
    """A turn that this delivery owns, as long as the record was last written at `update_time`."""

    effect: str
    update_time: Any


class Records:
    """Reads and writes the record of one turn, for one delivery of it, known by `token`."""

    def __init__(self, turn: Turn, keep_seconds: float, keep_reply: bool) -> None:
        self.token = os.urandom(16).hex()
        self._turn = turn
        self._keep = turn.keep_seconds if turn.keep_seconds is not None else keep_seconds
        self._keep_reply = keep_reply

    def create(self) -> Owned | None:
        """Make the record; None when there is one."""
        effect = os.urandom(16).hex()
        fields = self._running(effect)

        def write(client: Client, seconds: float) -> Any:
            from google.api_core.exceptions import AlreadyExists

            try:
                return self._reference(client).create(fields, retry=None, timeout=seconds).update_time
            except AlreadyExists:  # perhaps made by this very call, whose first answer was lost: the reader finds out
                return None

        written_at = attempt(write)
        return Owned(effect, written_at) if written_at else None

    def read(self) -> Record | None:
        """Return the record; None when there is none."""
        snapshot = attempt(lambda client, seconds: self._reference(client).get(retry=None, timeout=seconds))
        if not snapshot.exists:
            return None
        get, now = (snapshot.to_dict() or {}).get, snapshot.read_time
        age = (now - snapshot.update_time).total_seconds()
        return Record(
            state=get("state", ""),
            owner=get("owner", ""),
            effect=get("effect", ""),
            fingerprint=get("fingerprint", ""),
            reply=get("reply"),
            reply_hash=get("reply_hash", ""),
            # Firestore deletes late what is past its time, and the local ones never do.
            expired=get("expire_at", now) <= now,
            abandoned=age > get("lease_seconds", 0.0),
            update_time=snapshot.update_time,
        )

    def mine(self, record: Record) -> Owned | None:
        """Return the turn when the record says that this delivery owns it."""
        if record.owner == self.token and record.state == RUNNING:
            return Owned(record.effect, record.update_time)
        return None

    def take_over(self, record: Record) -> Owned | None:
        """Become the owner of what was expired, freed or abandoned; None when another delivery was faster."""
        effect = os.urandom(16).hex() if record.expired or not self.same(record) else record.effect
        written_at = self._update(self._running(effect), record.update_time)
        return Owned(effect, written_at) if written_at else None

    def free(self, owned: Owned) -> None:
        """Let the next delivery do the turn, at once; the idempotency key stays."""
        self._update({"state": FREE}, owned.update_time)

    def commit(self, owned: Owned, changes: Joined, reply: bytes) -> None:
        """Write the handler's changes and "done" as one, on condition that this delivery still owns the turn.

        Raises what the client raises; time-outs and lost connections leave open whether it took effect.
        """

        def write(client: Client, seconds: float) -> None:
            batch = client.batch()
            changes.add_to(batch, client)
            unchanged = client.write_option(last_update_time=owned.update_time)
            batch.update(self._reference(client), self._done(reply), option=unchanged)
            batch.commit(retry=None, timeout=seconds)

        try_once(write)

    def same(self, record: Record) -> bool:
        """Return whether the record is of the same request."""
        return record.fingerprint == self._turn.fingerprint

    def _running(self, effect: str) -> dict[str, Any]:
        lease = seconds_left() + OUTSIDE_MARGIN + ANSWER_MARGIN + SKEW_SECONDS
        return {
            "handler": self._turn.handler,
            "state": RUNNING,
            "owner": self.token,
            "effect": effect,
            "lease_seconds": lease,
            "fingerprint": self._turn.fingerprint,
            "expire_at": _in_seconds(max(self._keep, lease)),
            "reply": None,
            "reply_hash": "",
        }

    def _done(self, reply: bytes) -> dict[str, Any]:
        return {
            "state": DONE,
            "expire_at": _in_seconds(self._keep),
            "reply": reply if self._keep_reply else None,
            "reply_hash": hash_of(reply),
        }

    def _update(self, fields: dict[str, Any], required: Any) -> Any:
        def write(client: Client, seconds: float) -> Any:
            from google.api_core.exceptions import FailedPrecondition, NotFound

            option = client.write_option(last_update_time=required)
            try:
                return self._reference(client).update(fields, option, retry=None, timeout=seconds).update_time
            except (FailedPrecondition, NotFound):
                return None

        return attempt(write)

    def _reference(self, client: Client) -> DocumentReference:
        return client.collection(COLLECTION).document(self._turn.id)


def hash_of(reply: bytes) -> str:
    """Return what is kept of a reply in any case."""
    return hashlib.sha256(reply).hexdigest()


def _in_seconds(seconds: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
