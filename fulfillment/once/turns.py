"""One delivery of a turn: own its effect and make it, or wait for the delivery that does, and give the same answer."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..current import varied
from ..deadline import HandlerStopped, at_most, seconds_left
from ..documents.together import Joined
from ..problems import Problem, contention, firestore_unavailable
from ..problems import once as problems
from ..reply import Reply
from . import Effect, current_effect, passed
from .keys import Identity, Turn
from .records import DONE, Claim, Owned, Record, Records, hash_of

if TYPE_CHECKING:
    from ..dialects import Step
    from ..routing.handler import Handler
    from ..settings import Settings

log = logging.getLogger(__name__)

_POLL_SECONDS = (0.01, 0.2)
_PAUSE_SECONDS = (0.005, 0.3)
_ROUND_SECONDS = 0.1
"""What reading the record once more, or running the handler again and committing, takes at least."""

_RECORD_SHARE = 0.5
"""Of the time left, for reaching the record, where the handler may run without one."""

Tell = Callable[[str], None]
"""Told what became of a delivery: "ran", "replayed", "waited" (for another delivery's answer) or "taken-over"."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of a turn from an `@once` handler on; `go_on` takes a reply of it to the encoded end of the turn."""

    handler: Handler
    arguments: Mapping[str, Any]
    go_on: Callable[[Reply], bytes]

    def run(self) -> bytes:
        """Call the handler, and go on."""
        return self.go_on(self.handler.reply_to(self.arguments))


def answer(step: Step, go_on: Callable[[Reply], bytes], settings: Settings, tell: Tell) -> bytes:
    """Return the encoded answer of a turn from an `@once` handler on: what is said now, or was said to it before.

    `go_on` takes a reply of the handler to the encoded end of the turn. Where another `@once` handler led here, this
    one joins its effect.
    Raises what the handler and `go_on` do and 503 `firestore-unavailable`, 503 `in-progress` when another delivery is
    still at it, 400 `key-reused`, 500 `bad-once-key`, 503 `answered-before` where only a hash of the reply is kept.
    """
    handler = step.handler
    arguments = handler.arguments(step.request)
    if arguments is None:
        return go_on(Reply.keep())
    rest = _Rest(handler, arguments, go_on)
    led_by = current_effect()
    # Where no record can be written, there is none to join either.
    turn = handler.turn(step.request, arguments) if led_by is None or led_by.join else None
    if turn is None:
        return rest.run()
    if led_by and led_by.join:
        return led_by.join(turn, rest)
    delivery = _Delivery(turn, rest, settings, tell)
    try:
        with at_most(_RECORD_SHARE if settings.once_outage == "run" else 1.0):
            opened = delivery.open()
    except Problem as problem:
        if settings.once_outage != "run" or problem.cause != "firestore-unavailable":
            raise
        log.warning(problems.run_without_record(handler.name, problem.detail))
        return delivery.answer_without_record()
    return delivery.answer(opened)


class _Delivery:
    def __init__(self, turn: Turn, rest: _Rest, settings: Settings, tell: Tell) -> None:
        self._turn = turn
        self._rest = rest
        self._handler = rest.handler
        self._tell = tell
        self._records = Records(turn.handler, settings.once_keep, settings.once_reply == "store")
        self._identities = turn.identities
        # Records of handlers that this one led to: in this run, and in an earlier run that took another way.
        self._joined: dict[str, Claim] = {}
        self._unused: dict[str, Claim] = {}
        self._said: dict[str, bytes] = {}
        self._took_over = False
        self._waited = False

    def open(self) -> Owned | Record:
        """Return the effect to be made by this delivery, or the record of what was made."""
        passed("before-record")
        # Create first: nearly every delivery is the only one.
        owned = self._records.take([Record(identity) for identity in self._identities], self._turn.effect)
        if owned is not None:
            passed("record-created")
            return owned
        return self._wait(self._identities, self._turn.effect)

    def answer_without_record(self) -> bytes:
        """Make the effect unprotected, under the idempotency key that it has with a record too."""
        self._tell("ran")
        with varied(effect=Effect(self._turn.effect, None)):
            return self._rest.run()

    def answer(self, opened: Owned | Record) -> bytes:
        """Make the effect until it is made, by this delivery or by another one."""
        contested = False
        round_number = 0
        while isinstance(opened, Owned):
            round_number += 1
            changes = Joined(contested)
            body = self._run(opened, changes)
            self._said[hash_of(body)] = body
            passed("before-commit")
            failure = self._commit(opened, changes, body)
            passed("after-commit")
            if failure is None:
                self._free_all(list(self._unused.values()))
                self._tell("taken-over" if self._took_over else "ran")
                return body
            self._pause(round_number, failure)
            contested = True
            # Whoever owns it now, and whether the commit took effect, stands in the records.
            opened = self._wait(self._identities, self._turn.effect)
        return self._replay(opened, self._rest)

    def _wait(self, identities: Sequence[Identity], effect: str) -> Owned | Record:
        patience, longest = _POLL_SECONDS
        while True:
            found = self._records.read(identities)
            if any(one.state and one.identity.apart and not one.same for one in found):
                identities = self._identities = tuple(
                    one.identity if one.same else one.identity.apart or one.identity for one in found
                )
                continue
            decided = self._decide(found, effect)
            if decided is not None:
                return decided
            passed("waiting")
            self._waited = True
            patience = min(longest, patience * 1.5)
            pause = random.uniform(patience / 2, patience)  # noqa: S311
            if pause + _ROUND_SECONDS >= seconds_left():
                self._tell("waited")
                raise problems.in_progress(self._handler.name)
            time.sleep(pause)

    def _decide(self, found: Sequence[Record], effect: str) -> Owned | Record | None:
        others = [one for one in found if one.holds and not one.mine]
        if any(not one.same for one in others):
            raise problems.key_reused(self._handler.name)
        done = next((one for one in others if one.state == DONE), None)
        if done is not None:
            if done is not found[0]:  # known by its key: the next delivery of this turn may come when that has ended
                self._records.adopt(found[0], done)
            return done
        if others:
            return None
        if all(one.mine for one in found):
            return Owned(found[0].effect, tuple(Claim(one.identity, one.update_time) for one in found))
        taken = self._records.take(found, effect)
        if taken is not None and any(one.state and not one.mine for one in found):
            self._took_over = True
            passed("record-taken-over")
        return taken

    def _run(self, owned: Owned, changes: Joined) -> bytes:
        self._unused |= self._joined
        self._joined = {}
        try:
            with varied(effect=Effect(owned.effect, self._join)), changes.open():
                body = self._rest.run()
        except HandlerStopped:  # no time is left for telling: the records say until when they were ours
            raise
        except BaseException:
            self._free(owned)
            raise
        passed("handler-returned")
        return body

    def _join(self, turn: Turn, rest: _Rest) -> bytes:
        """Call a handler that this one leads to: what it changes, and the record of its key, join the commit."""
        if turn.key is None:  # the turn itself is protected already
            return rest.run()
        opened = self._wait([turn.key], turn.effect)
        if isinstance(opened, Record):
            return self._replay(opened, rest)
        self._joined[turn.key.id] = opened.claims[0]
        self._unused.pop(turn.key.id, None)
        with varied(effect=Effect(opened.effect, self._join)):
            return rest.run()

    def _free(self, owned: Owned) -> None:
        passed("before-free")
        self._free_all([*owned.claims, *self._joined.values()])
        self._free_all(list(self._unused.values()))

    def _free_all(self, claims: list[Claim]) -> None:
        if claims:
            with suppress(Problem):  # then they are free when their time is over
                self._records.free(claims)

    def _commit(self, owned: Owned, changes: Joined, body: bytes) -> Exception | None:
        """Return None when it took effect for sure, else the error after which the records have to be read."""
        from google.api_core import exceptions

        from ..documents.connection import as_problem, transient

        undecided: tuple[type[Exception], ...] = (
            *transient(),
            exceptions.FailedPrecondition,
            exceptions.AlreadyExists,
            exceptions.NotFound,
        )
        try:
            self._records.commit([*owned.claims, *self._joined.values()], changes, body)
        except undecided as error:
            return error
        except Exception as error:  # for good, such as a value that no document can hold
            self._free(owned)
            if isinstance(error, exceptions.GoogleAPICallError):
                raise as_problem(error) from error
            raise self._handler.failure(error) from error
        return None

    def _pause(self, round_number: int, failure: Exception) -> None:
        from google.api_core import exceptions

        shortest, longest = _PAUSE_SECONDS
        pause = random.uniform(shortest, min(longest, 0.02 * 2 ** min(round_number, 5)))  # noqa: S311
        if pause + _ROUND_SECONDS >= seconds_left():
            # Aborted and AlreadyExists are conflicts.
            if isinstance(failure, exceptions.Conflict | exceptions.FailedPrecondition | exceptions.NotFound):
                raise contention(str(failure)[:200]) from failure
            raise firestore_unavailable(str(failure)[:200]) from failure
        time.sleep(pause)

    def _replay(self, record: Record, rest: _Rest) -> bytes:
        passed("replaying")
        mine = self._said.get(record.reply_hash)  # our own commit, whose answer was lost
        if mine is not None:
            self._tell("ran")
            return mine
        self._tell("waited" if self._waited else "replayed")
        if record.reply is not None:
            return record.reply
        once = rest.handler.once
        if once is None or once.again is None:
            raise problems.answered_before(rest.handler.name)
        return rest.go_on(once.again)
