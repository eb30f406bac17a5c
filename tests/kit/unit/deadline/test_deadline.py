"""The time left in a call, and the pool that handlers run in under it."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from fulfillment import seconds_left
from fulfillment.current import varied
from fulfillment.deadline import (
    ANSWER_MARGIN,
    OUTSIDE_MARGIN,
    UNBOUND_SECONDS,
    Deadline,
    HandlerPool,
    HandlerStopped,
    at_most,
    pool,
)
from fulfillment.deadline.watchdog import Watchdog, server_replaces_workers
from fulfillment.problems import Problem
from tests.kit.parallel import BUSY


def ends_in(seconds: float) -> Deadline:
    """A call of which the handler has so many seconds left."""
    return Deadline(time.monotonic(), seconds + ANSWER_MARGIN)


def in_background(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def cause_of(work: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as raised:
        work()
    assert raised.value.status == 503
    return raised.value.cause


def waits(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.01)
    return what()


def forever() -> None:
    while True:
        pass


# --- The moments of a call


def test_a_handler_has_a_margin_less_than_the_call() -> None:
    deadline = Deadline(100.0, 4.5)
    assert deadline.seconds == 4.5
    assert deadline.answer_at == 104.5
    assert deadline.handler_at == pytest.approx(104.5 - ANSWER_MARGIN)


def test_a_very_short_call_keeps_three_quarters_for_the_handler() -> None:
    assert Deadline(100.0, 0.4).handler_at == pytest.approx(100.3)


def test_outside_of_a_call_there_is_time() -> None:
    assert seconds_left() == UNBOUND_SECONDS == 4.5


def test_outside_calls_end_before_the_handler_does() -> None:
    left = HandlerPool(1, 0).run(seconds_left, ends_in(2.0))
    assert 1.0 < left <= 2.0 - OUTSIDE_MARGIN


def test_no_time_left_is_zero_and_never_less() -> None:
    with varied(deadline=Deadline(time.monotonic() - 10, 1.0)):
        assert seconds_left() == 0.0


def test_a_step_can_be_given_a_share_of_the_time() -> None:
    def half_and_all() -> tuple[float, float, float]:
        before = seconds_left()
        with at_most(0.5):
            half = seconds_left()
        return before, half, seconds_left()

    before, half, after = HandlerPool(1, 0).run(half_and_all, ends_in(2.0))
    assert half == pytest.approx(before / 2, abs=0.3)
    assert after == pytest.approx(before, abs=0.3)


def test_a_share_of_more_than_all_is_all() -> None:
    def with_more() -> float:
        with at_most(2.0):
            return seconds_left()

    assert HandlerPool(1, 0).run(with_more, ends_in(2.0)) <= 2.0 - OUTSIDE_MARGIN


def test_a_share_means_nothing_outside_of_a_call() -> None:
    with at_most(0.5):
        assert seconds_left() == UNBOUND_SECONDS


# --- Running


def test_what_a_handler_returns_or_raises_comes_back() -> None:
    handlers = HandlerPool(2, 0)
    assert handlers.run(lambda: "said", ends_in(2)) == "said"
    with pytest.raises(ZeroDivisionError):
        handlers.run(lambda: 1 // 0, ends_in(2))
    assert handlers.run(lambda: "again", ends_in(2)) == "again"


def test_an_answer_is_there_as_soon_as_the_handler_has_it() -> None:
    started = time.monotonic()
    HandlerPool(2, 0).run(lambda: None, ends_in(5))
    assert time.monotonic() - started < 2


def test_as_many_handlers_run_at_once_as_there_are_places_whatever_ran_before() -> None:
    handlers, together = HandlerPool(3, 0), threading.Barrier(3)
    handlers.run(lambda: None, ends_in(5))
    calls = [in_background(lambda: handlers.run(lambda: together.wait(4), ends_in(5))) for _ in range(3)]
    for call in calls:
        call.join()
    assert not together.broken


def test_a_handler_that_has_just_ended_is_not_stopped_any_more() -> None:
    job = pool._Job(lambda: "said")
    job.run()
    assert job.stop() is False
    assert job.result == "said"


def test_a_handler_that_was_given_up_before_it_began_is_not_begun_and_not_taken_for_stuck() -> None:
    begun: list[int] = []
    job = pool._Job(lambda: begun.append(1))
    assert job.stop() is True
    job.run()
    assert (begun, job.stop()) == ([], False)


def test_context_variables_go_along_and_stay_apart() -> None:
    language = contextvars.ContextVar("language", default="en")
    language.set("de")
    handlers = HandlerPool(1, 0)

    def change() -> str:
        before = language.get()
        language.set("fr")
        return before

    assert handlers.run(change, ends_in(2)) == "de"
    assert handlers.run(change, ends_in(2)) == "de"
    assert language.get() == "de"


def test_threads_are_used_again() -> None:
    handlers = HandlerPool(4, 0)
    assert len({handlers.run(threading.get_ident, ends_in(2)) for _ in range(5)}) == 1


def test_a_pool_is_smaller_than_the_server_so_that_it_can_refuse_in_time() -> None:
    assert HandlerPool.for_threads(80).size == 64
    assert HandlerPool.for_threads(10).size == 8
    assert HandlerPool.for_threads(1).size == 1


# --- Too many, too late


def test_a_full_pool_says_so_at_once_when_enough_wait_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SLOT_WAIT", 30.0)
    handlers, go_on = HandlerPool(1, 0), threading.Event()
    busy = in_background(lambda: handlers.run(lambda: go_on.wait(60), ends_in(60)))
    assert waits(lambda: handlers._running == 1)
    started = time.monotonic()
    assert cause_of(lambda: handlers.run(lambda: None, ends_in(60))) == "too-busy"
    assert time.monotonic() - started < 5
    go_on.set()
    busy.join()


def test_a_full_pool_is_waited_for_a_moment() -> None:
    handlers = HandlerPool(1, 1)
    busy = in_background(lambda: handlers.run(lambda: time.sleep(0.1), ends_in(2)))
    assert waits(lambda: handlers._running == 1)
    assert handlers.run(lambda: "my turn", ends_in(2)) == "my turn"
    busy.join()
    assert handlers._waiting == 0


def test_a_pool_that_stays_full_says_so_in_time() -> None:
    handlers, go_on = HandlerPool(1, 1), threading.Event()
    busy = in_background(lambda: handlers.run(lambda: go_on.wait(5), ends_in(6)))
    assert waits(lambda: handlers._running == 1)
    assert cause_of(lambda: handlers.run(lambda: None, ends_in(2))) == "too-busy"
    go_on.set()
    busy.join()
    assert handlers.run(lambda: "free again", ends_in(2)) == "free again"


def test_nobody_waits_for_a_place_until_too_little_time_is_left_for_a_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SLOT_WAIT", 3.0)
    handlers, go_on = HandlerPool(1, 1), threading.Event()
    busy = in_background(lambda: handlers.run(lambda: go_on.wait(5), ends_in(6)))
    assert waits(lambda: handlers._running == 1)
    started = time.monotonic()
    assert cause_of(lambda: handlers.run(lambda: None, ends_in(2.0))) == "too-busy"
    assert time.monotonic() - started < 2.0
    go_on.set()
    busy.join()


def test_of_the_threads_that_run_no_handler_half_may_wait_for_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SLOT_WAIT", 3.0)
    handlers, go_on, begun = HandlerPool.for_threads(10), threading.Event(), threading.Semaphore(0)

    def busy() -> None:
        begun.release()
        go_on.wait(5)

    calls = [in_background(lambda: handlers.run(busy, ends_in(6))) for _ in range(8)]
    assert all(begun.acquire(timeout=5) for _ in calls)
    said: list[str] = []
    waiting = in_background(lambda: said.append(handlers.run(lambda: "my turn", ends_in(8))))
    time.sleep(0.3)
    started = time.monotonic()
    assert cause_of(lambda: handlers.run(lambda: None, ends_in(6))) == "too-busy"
    assert time.monotonic() - started < 1.5
    freed = time.monotonic()
    go_on.set()
    waiting.join()
    assert (said, time.monotonic() - freed < 1.5) == (["my turn"], True)
    for call in calls:
        call.join()


def test_a_handler_is_given_up_when_its_time_is_over() -> None:
    started, go_on = time.monotonic(), threading.Event()
    assert cause_of(lambda: HandlerPool(1, 0).run(lambda: go_on.wait(10), ends_in(0.2))) == "deadline-exceeded"
    assert time.monotonic() - started < 0.2 + BUSY
    go_on.set()


def test_a_call_that_comes_too_late_is_not_begun_in_vain() -> None:
    begun = []
    handlers = HandlerPool(1, 0)
    assert cause_of(lambda: handlers.run(lambda: begun.append(time.sleep(0.05)), ends_in(-1))) == "deadline-exceeded"
    assert waits(lambda: handlers._running == 0)
    assert handlers.run(lambda: "next", ends_in(2)) == "next"


# --- Runaways


def test_a_loop_is_ended_and_its_place_is_free_again() -> None:
    handlers = HandlerPool(1, 0)
    assert cause_of(lambda: handlers.run(forever, ends_in(0.1))) == "deadline-exceeded"
    assert waits(lambda: handlers._running == 0)
    assert handlers.run(lambda: "next", ends_in(2)) == "next"


def test_a_loop_that_swallows_every_exception_is_ended_too() -> None:
    swallowed = []

    def stubborn() -> None:
        while len(swallowed) < 3:
            try:
                forever()
            except BaseException as error:
                swallowed.append(type(error))

    handlers = HandlerPool(1, 0)
    assert cause_of(lambda: handlers.run(stubborn, ends_in(0.1))) == "deadline-exceeded"
    assert waits(lambda: handlers._running == 0)
    assert swallowed == [HandlerStopped] * 3


def test_what_ends_a_handler_is_no_exception_that_it_would_hold() -> None:
    assert not issubclass(HandlerStopped, Exception)


def test_a_thread_that_was_stopped_takes_no_other_call() -> None:
    handlers = HandlerPool(1, 0)
    threads: list[int] = []

    def loop() -> None:
        threads.append(threading.get_ident())
        forever()

    cause_of(lambda: handlers.run(loop, ends_in(0.1)))
    assert waits(lambda: handlers._running == 0)
    assert waits(lambda: all(thread.ident != threads[0] for thread in threading.enumerate()))


def test_what_cannot_be_ended_is_told_with_its_stack_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pool, "_REPORT_STUCK", 0.3)
    monkeypatch.setattr(pool, "_RAISE_AGAIN", 0.1)
    handlers, go_on = HandlerPool(1, 0), threading.Lock()
    go_on.acquire()

    def waits_for_a_lock() -> None:
        go_on.acquire()  # no exception arrives here

    with caplog.at_level(logging.ERROR):
        assert cause_of(lambda: handlers.run(waits_for_a_lock, ends_in(0.1))) == "deadline-exceeded"
        assert waits(lambda: "waits_for_a_lock" in caplog.text)
        time.sleep(0.4)
    # Only of this handler: one of a test before may still be told of.
    told = [text for text in caplog.messages if "holds a place in the pool" in text and "waits_for_a_lock" in text]
    assert len(told) == 1
    go_on.release()
    assert waits(lambda: handlers._running == 0)


def test_where_nobody_replaces_the_process_it_lives_on_with_places_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_REPORT_STUCK", 0.1)
    monkeypatch.setattr(pool, "_RAISE_AGAIN", 0.05)
    handlers, go_on = HandlerPool(1, 0), threading.Lock()
    go_on.acquire()
    cause_of(lambda: handlers.run(go_on.acquire, ends_in(0.1)))
    time.sleep(0.4)
    assert cause_of(lambda: handlers.run(lambda: None, ends_in(1))) == "too-busy"
    go_on.release()
    assert waits(lambda: handlers._running == 0)


def test_a_quarter_of_the_places_may_be_lost() -> None:
    assert (HandlerPool(64, 8).most_stuck, HandlerPool(3, 0).most_stuck) == (16, 1)


# --- The watchdog


def test_only_a_worker_of_gunicorn_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    assert not server_replaces_workers()
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/27.0.1")
    assert server_replaces_workers()


def test_an_idle_watchdog_costs_next_to_nothing() -> None:
    idle = Watchdog(2.0)
    started = time.thread_time()
    for _ in range(10_000):
        idle.enter()
        idle.leave()
    assert not idle.started
    assert time.thread_time() - started < 0.2
