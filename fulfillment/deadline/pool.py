"""The bounded pool of threads that handlers run in, and what ends a handler whose time is over."""

from __future__ import annotations

import contextvars
import ctypes
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from .. import problems
from ..current import CurrentCall, current_call
from .time_left import Deadline
from .watchdog import Watchdog

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_SLOT_WAIT = 0.25
_RAISE_AGAIN = 0.5
_REPORT_STUCK = 5.0
_WATCHDOG_SECONDS = 2.0


class HandlerStopped(BaseException):
    """Raised inside a handler whose call was given up. No `Exception`: `except Exception` must not hold it."""


class _Job(Generic[_T]):
    """One handler call. `lock` guards `ended` against `stop`: an exception is only sent to a thread still in it."""

    __slots__ = ("_work", "done", "ended", "error", "lock", "result", "stopped_at", "thread_id")

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self.done = threading.Lock()
        self.done.acquire()
        self.lock = threading.Lock()
        self.thread_id = 0
        self.ended = False
        self.stopped_at = 0.0
        self.result: _T
        self.error: BaseException | None = None

    def run(self) -> None:
        """Run the work on this thread, unless it was given up before it began."""
        with self.lock:
            self.thread_id = threading.get_ident()
            if self.stopped_at:
                self.ended = True
                return
        try:
            try:
                self.result = self._work()
            except BaseException as error:  # handed to the waiting thread, which decides
                self.error = error
            with self.lock:
                self.ended = True
        except HandlerStopped as stopped:  # sent while the work was just ending
            self.error = stopped
            self.ended = True

    def stop(self) -> bool:
        """Raise `HandlerStopped` in the running thread; False when it has ended already."""
        with self.lock:
            if self.ended:
                return False
            self.stopped_at = self.stopped_at or time.monotonic()
            if self.thread_id:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self.thread_id), ctypes.py_object(HandlerStopped)
                )
            return True


class HandlerPool:
    """At most `size` handlers at once, on threads that are made when first needed.

    A call that finds no free place waits a moment for one, but only while `waiters` or fewer do so; the other server
    threads stay free to answer, so that a full pool is told in time.

    Handlers that nothing can end keep their places. Where the server replaces workers (`watch`), the process is given
    up when a quarter of the places is lost to them; elsewhere the pool says `too-busy` when all are.
    """

    def __init__(self, size: int, waiters: int) -> None:
        self.size = size
        self.most_stuck = max(1, size // 4)
        self._watchdog = Watchdog(_WATCHDOG_SECONDS)
        self._waiters = waiters
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._running = 0
        self._waiting = 0
        self._idle = 0
        self._jobs: SimpleQueue[_Job[Any]] = SimpleQueue()
        self._stopped: list[_Job[Any]] = []
        self._sweeper: threading.Thread | None = None

    @classmethod
    def for_threads(cls, threads: int) -> HandlerPool:
        """Return a pool for a server of that many threads: smaller, so that some can still refuse in time."""
        size = max(1, threads * 4 // 5)
        return cls(size, (threads - size) // 2)

    def watch(self) -> None:
        """Let this process end, with all stacks in the log, when a handler stops all Python code for two seconds.

        To be called in a worker that its server replaces.
        """
        self._watchdog.start()

    def run(self, work: Callable[[], _T], deadline: Deadline) -> _T:
        """Run `work` on a pool thread, with the caller's context variables, and return or raise what it does.

        The current call, or a new one where there is none, has this deadline from now on.

        Raises the 503 `Problem` `too-busy` when no place was free, `deadline-exceeded` when time ran out; what is
        left running is then ended by `HandlerStopped`.
        """
        thread_waits = self._take_place(deadline)
        context = contextvars.copy_context()
        call = current_call.get()
        if call is None:
            context.run(current_call.set, CurrentCall(deadline=deadline))
        else:
            call.deadline = deadline
        job = _Job(lambda: context.run(work))
        self._watchdog.enter()
        try:
            self._jobs.put(job)
            if not thread_waits:
                threading.Thread(target=self._work, name="handler", daemon=True).start()
            return self._result(job, deadline)
        finally:
            self._watchdog.leave()

    def _result(self, job: _Job[_T], deadline: Deadline) -> _T:
        if not job.done.acquire(timeout=max(0.0, deadline.handler_seconds())) and job.stop():
            self._sweep_later(job)
            raise problems.deadline_exceeded()
        if not job.ended:  # it ended between the two: its result is about to be there
            job.done.acquire()
        if job.error is not None:
            raise job.error
        return job.result

    def _take_place(self, deadline: Deadline) -> bool:
        """Take a place, and a thread that waits for work if there is one; return whether there is."""
        with self._lock:
            if self._running >= self.size:
                self._wait_for_place(deadline)
            self._running += 1
            if not self._idle:
                return False
            self._idle -= 1
            return True

    def _wait_for_place(self, deadline: Deadline) -> None:
        if self._waiting >= self._waiters:
            raise problems.too_busy(self.size)
        self._waiting += 1
        try:
            patience = min(_SLOT_WAIT, deadline.handler_seconds() / 2)
            if not self._freed.wait_for(lambda: self._running < self.size, patience):
                raise problems.too_busy(self.size)
        finally:
            self._waiting -= 1

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job.run()
            except HandlerStopped:  # arrived after the job's own guards: the job has ended all the same
                job.ended = True
            stopped = bool(job.stopped_at)
            with self._lock:
                self._running -= 1
                if not stopped:
                    self._idle += 1
                if self._waiting:
                    self._freed.notify()
            # Last, so that the thread which is woken up does not compete with this one for the interpreter.
            job.done.release()
            del job
            if stopped:  # an exception may still be on its way to this thread: it takes no other call
                return

    def _sweep_later(self, job: _Job[Any]) -> None:
        self._watchdog.enter()
        with self._lock:
            self._stopped.append(job)
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="handler-sweeper", daemon=True)
                self._sweeper.start()

    def _sweep(self) -> None:
        """Stop again what a bare `except:` held, and tell of what cannot be stopped, with its stack."""
        reported: set[int] = set()
        while True:
            time.sleep(_RAISE_AGAIN)
            with self._lock:
                left = [job for job in self._stopped if not job.ended]
                for _ in range(len(self._stopped) - len(left)):
                    self._watchdog.leave()
                self._stopped = left
                remaining = list(left)
                if not remaining:
                    self._sweeper = None
                    return
            for job in remaining:
                job.stop()
            stuck = [job for job in remaining if time.monotonic() - job.stopped_at > _REPORT_STUCK]
            for job in stuck:
                if id(job) not in reported:
                    reported.add(id(job))
                    log.error(problems.handler_stuck(_REPORT_STUCK, _stack(job.thread_id)))
            if len(stuck) >= self.most_stuck and self._watchdog.started:
                log.critical(problems.worker_given_up(len(stuck), self.size))
                os.kill(os.getpid(), signal.SIGTERM)  # in order: the server lets its other calls finish
                return


def _stack(thread_id: int) -> str:
    frame = sys._current_frames().get(thread_id)
    return "".join(traceback.format_stack(frame)) if frame else ""
