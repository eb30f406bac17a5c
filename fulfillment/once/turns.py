"""One delivery of a turn: own it and do it, or wait for the delivery that does, and give the same answer."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..deadline import HandlerStopped, at_most, seconds_left
from ..documents.joined import Joined
from ..problems import Problem, contention, firestore_unavailable
from ..problems import once as problems
from ..reply import Reply
from ..request import Request
from . import _effect, passed
from .keys import Turn
from .records import DONE, FREE, Owned, Record, Records, hash_of

if TYPE_CHECKING:
    from ..routes import Handler
    from ..settings import Settings

log = logging.getLogger(__name__)

_POLL_SECONDS = (0.01, 0.2)
_PAUSE_SECONDS = (0.005, 0.3)
_ROUND_SECONDS = 0.1
"""What reading the record, running the handler again and committing take at least."""

_RECORD_SHARE = 0.5
"""Of the time left, for reaching the record, where the handler may run without one."""

Encode = Callable[[Reply], bytes]


def answer(handler: Handler, request: Request, encode: Encode, settings: Settings) -> bytes:
    """Return the encoded reply of an `@once` handler: what it says now, or what it said to this turn before.

    Raises what `Handler.call` does and 503 `firestore-unavailable`, 503 `in-progress` when another delivery is still
    at it, 400 `key-reused`, 503 `answered-before` where only a hash of the reply is kept.
    """
    arguments = handler.arguments(request)
    if arguments is None:
        return encode(Reply.keep())
    turn = handler.keys.turn(request, arguments) if handler.keys else None
    if turn is None:
        return encode(handler.reply_to(arguments))
    try:
        delivery = _Delivery(turn, handler, arguments, encode, settings)
        with at_most(_RECORD_SHARE if settings.once_outage == "run" else 1.0):
            opened = delivery.open()
    except Problem as problem:
        if settings.once_outage != "run" or problem.cause != "firestore-unavailable":
            raise
        log.warning(problems.run_without_record(handler.name, problem.detail))
        return encode(handler.reply_to(arguments))
    return delivery.answer(opened)


class _Delivery:
    def __init__(
        self, turn: Turn, handler: Handler, arguments: Mapping[str, Any], encode: Encode, settings: Settings
    ) -> None:
        self._handler = handler
        self._arguments = arguments
        self._encode = encode
        self._records = Records(turn, settings.once_keep, settings.once_reply == "store")
        self._said: dict[str, bytes] = {}

    def open(self) -> Owned | Record:
        """Return the turn to be done by this delivery, or the record of what was done."""
        passed("before-record")
        # Create first: nearly every delivery is the only one.
        owned = self._records.create()
        if owned is not None:
            passed("record-created")
            return owned
        return self._wait()

    def _wait(self) -> Owned | Record:
        patience, longest = _POLL_SECONDS
        while True:
            record = self._records.read()
            found = self._records.create() if record is None else self._decide(record)
            if found is not None:
                return found
            passed("waiting")
            patience = min(longest, patience * 1.5)
            pause = random.uniform(patience / 2, patience)  # noqa: S311
            if pause >= seconds_left():
                raise problems.in_progress(self._handler.name)
            time.sleep(pause)

    def _decide(self, record: Record) -> Owned | Record | None:
        if mine := self._records.mine(record):
            return mine
        if record.expired or record.state == FREE or (record.state != DONE and record.abandoned):
            taken = self._records.take_over(record)
            if taken is not None:
                passed("record-taken-over")
            return taken
        if not self._records.same(record):
            raise problems.key_reused(self._handler.name)
        return record if record.state == DONE else None

    def answer(self, opened: Owned | Record) -> bytes:
        """Do the turn until it is done, by this delivery or by another one."""
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
                return body
            self._pause(round_number, failure)
            contested = True
            # Whoever owns it now, and whether the commit took effect, stands in the record.
            opened = self._wait()
        return self._replay(opened)

    def _run(self, owned: Owned, changes: Joined) -> bytes:
        effect = _effect.set(owned.effect)
        try:
            with changes.open():
                body = self._encode(self._handler.reply_to(self._arguments))
        except HandlerStopped:  # no time is left for telling: the record says until when it was ours
            raise
        except BaseException:
            self._free(owned)
            raise
        finally:
            _effect.reset(effect)
        passed("handler-returned")
        return body

    def _free(self, owned: Owned) -> None:
        passed("before-free")
        with suppress(Problem):  # then it is free when its time is over
            self._records.free(owned)

    def _commit(self, owned: Owned, changes: Joined, body: bytes) -> Exception | None:
        """Return None when it took effect for sure, else the error after which the record has to be read."""
        from google.api_core import exceptions

        from ..documents.connection import as_problem, transient

        undecided: tuple[type[Exception], ...] = (
            *transient(),
            exceptions.FailedPrecondition,
            exceptions.AlreadyExists,
            exceptions.NotFound,
        )
        try:
            self._records.commit(owned, changes, body)
        except undecided as error:
            return error
        except Exception as error:  # for good, such as a value that no document can hold
            self._free(owned)
            if isinstance(error, exceptions.GoogleAPICallError):
                raise as_problem(error) from error
            raise
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

    def _replay(self, record: Record) -> bytes:
        passed("replaying")
        if record.reply is not None:
            return record.reply
        if (mine := self._said.get(record.reply_hash)) is not None:  # our own commit, whose answer was lost
            return mine
        again = self._handler.once.again if self._handler.once else None
        if again is None:
            raise problems.answered_before(self._handler.name)
        return self._encode(again)
