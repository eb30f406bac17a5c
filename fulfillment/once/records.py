"""The records of an effect in Firestore: who makes it, until when, and what came out.

Two moments are compared to see whether a record still counts: its update time and the time of the read. Both are the
server's, so that clocks of instances may differ. `expire_at` is for Firestore's deletion policy alone. Nothing depends
on time for safety: whoever takes an effect over changes its records, and the former owner's commit requires the records
that it wrote itself.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..deadline import ANSWER_MARGIN, OUTSIDE_MARGIN, seconds_left
from ..documents.connection import attempt, try_once
from ..documents.together import Joined
from ..problems import Problem
from .keys import Identity

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

COLLECTION = "fulfillment_once"

SKEW_SECONDS = 0.5
"""Added to an owner's time, for what a call takes to arrive."""

RUNNING, DONE, FREE = "running", "done", "free"


@dataclass(frozen=True)
class Record:
    """A record as it was read; `state` is "" where there is none.

    `mine`: this delivery owns it. `holds`: it counts, because it is done, or because its owner's time is not over.
    `fresh`: it is young enough to be of the same effect, whoever makes it now. `effect` is the idempotency key, `reply`
    None where only a hash is kept.
    """

    identity: Identity
    state: str = ""
    mine: bool = False
    holds: bool = False
    fresh: bool = False
    same: bool = True
    effect: str = ""
    reply: bytes | None = None
    reply_hash: str = ""
    update_time: Any = None


@dataclass(frozen=True)
class Claim:
    """A record that this delivery owns, as long as it was last written at `update_time`."""

    identity: Identity
    update_time: Any


@dataclass(frozen=True)
class Owned:
    """An effect that this delivery is to make; `effect` is the idempotency key."""

    effect: str
    claims: tuple[Claim, ...]


class Records:
    """Reads and writes the records of a handler's effects, for one delivery, known by `token`."""

    def __init__(self, handler: str, keep_seconds: float, keep_reply: bool) -> None:
        self.token = os.urandom(16).hex()
        self._handler = handler
        self._keep_seconds = keep_seconds
        self._keep_reply = keep_reply
        # The whole call's, although reaching the records may have less.
        self._ends_at = time.monotonic() + seconds_left()

    def read(self, identities: Sequence[Identity]) -> list[Record]:
        """Return the records, as of one moment."""

        def look(client: Client, seconds: float) -> list[Any]:
            references = [self._reference(client, identity) for identity in identities]
            return list(client.get_all(references, retry=None, timeout=seconds))

        found = {snapshot.id: snapshot for snapshot in attempt(look)}
        return [self._record(identity, found[identity.id]) for identity in identities]

    def take(self, records: Sequence[Record], effect: str) -> Owned | None:
        """Become the owner of what is not there or does not hold; None when another delivery was faster.

        An effect that was begun and not made keeps its idempotency key; else it is `effect`.
        """
        begun = next((one.effect for one in records if one.fresh and one.same and one.state != DONE), "")
        fields = [self._running(one.identity, begun or effect) for one in records]
        written = self._write(list(zip(records, fields, strict=True)))
        if written is None:
            return None
        claims = tuple(Claim(one.identity, at) for one, at in zip(records, written, strict=True))
        return Owned(begun or effect, claims)

    def adopt(self, record: Record, done: Record) -> None:
        """Let a record say the same as one that is done.

        Does nothing where it cannot be written: this delivery has its answer.
        """
        said = {"state": DONE, "reply": done.reply, "reply_hash": done.reply_hash}
        with suppress(Problem):
            self._write([(record, self._running(record.identity, done.effect) | said)])

    def free(self, claims: Sequence[Claim]) -> None:
        """Let the next delivery make the effect, at once; the idempotency key stays."""

        def write(client: Client, seconds: float) -> None:
            batch = client.batch()
            for claim in claims:
                unchanged = client.write_option(last_update_time=claim.update_time)
                batch.update(self._reference(client, claim.identity), {"state": FREE}, option=unchanged)
            with suppress(*_lost()):
                batch.commit(retry=None, timeout=seconds)

        attempt(write)

    def commit(self, claims: Sequence[Claim], changes: Joined, reply: bytes) -> None:
        """Write the handler's changes and "done" as one, on condition that this delivery still owns the effect.

        Raises what the client raises; time-outs and lost connections leave open whether it took effect.
        """

        def write(client: Client, seconds: float) -> None:
            batch = client.batch()
            changes.add_to(batch, client)
            for claim in claims:
                unchanged = client.write_option(last_update_time=claim.update_time)
                batch.update(self._reference(client, claim.identity), self._done(claim, reply), option=unchanged)
            batch.commit(retry=None, timeout=seconds)

        try_once(write)

    def _record(self, identity: Identity, snapshot: Any) -> Record:
        if not snapshot.exists:
            return Record(identity)
        get = (snapshot.to_dict() or {}).get
        age = (snapshot.read_time - snapshot.update_time).total_seconds()
        state, lease = get("state", ""), get("lease_seconds", 0.0)
        keep = get("keep_seconds", self._keep(identity))  # version 1.0.0 wrote none
        return Record(
            identity=identity,
            state=state,
            mine=state == RUNNING and get("owner", "") == self.token,
            holds=(state == DONE and age <= keep) or (state == RUNNING and age <= lease),
            fresh=age <= max(keep, lease),
            same=get("fingerprint", "") == identity.fingerprint,
            effect=get("effect", ""),
            reply=get("reply"),
            reply_hash=get("reply_hash", ""),
            update_time=snapshot.update_time,
        )

    def _keep(self, identity: Identity) -> float:
        return self._keep_seconds if identity.keep_seconds is None else identity.keep_seconds

    def _running(self, identity: Identity, effect: str) -> dict[str, Any]:
        lease = max(0.0, self._ends_at - time.monotonic()) + OUTSIDE_MARGIN + ANSWER_MARGIN + SKEW_SECONDS
        keep = self._keep(identity)
        return {
            "handler": self._handler,
            "state": RUNNING,
            "owner": self.token,
            "effect": effect,
            "lease_seconds": lease,
            "keep_seconds": keep,
            "fingerprint": identity.fingerprint,
            "expire_at": _after(datetime.datetime.now(datetime.UTC), max(keep, lease)),
            "reply": None,
            "reply_hash": "",
        }

    def _done(self, claim: Claim, reply: bytes) -> dict[str, Any]:
        return {
            "state": DONE,
            "expire_at": _after(claim.update_time, self._keep(claim.identity)),
            "reply": reply if self._keep_reply else None,
            "reply_hash": hash_of(reply),
        }

    def _write(self, wanted: Sequence[tuple[Record, dict[str, Any]]]) -> list[Any] | None:
        """Write all of these records, if they still are what was read; return the times of the writes, or None."""

        def write(client: Client, seconds: float) -> list[Any] | None:
            batch = client.batch()
            for record, fields in wanted:
                reference = self._reference(client, record.identity)
                if record.update_time is None:
                    batch.create(reference, fields)
                else:
                    batch.update(reference, fields, option=client.write_option(last_update_time=record.update_time))
            try:
                return [result.update_time for result in batch.commit(retry=None, timeout=seconds)]
            except _lost():  # perhaps made by this very call, whose first answer was lost: the reader finds out
                return None

        return attempt(write)

    def _reference(self, client: Client, identity: Identity) -> DocumentReference:
        return client.collection(COLLECTION).document(identity.id)


def hash_of(reply: bytes) -> str:
    """Return what is kept of a reply in any case."""
    return hashlib.sha256(reply).hexdigest()


def _lost() -> tuple[type[Exception], ...]:
    """Return the errors of a write whose document is no longer what was read."""
    from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound

    return AlreadyExists, FailedPrecondition, NotFound


def _after(moment: datetime.datetime, seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment.timestamp() + seconds, datetime.UTC)
