"""The watchdog in a process of its own: it ends what it watches."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.kit.functions import ROOT

WATCHED = """
import re, signal, threading, time
from fulfillment.deadline.watchdog import Watchdog
watchdog = Watchdog(0.5)
watchdog.start()
watchdog.start()
{work}
print("lived", signal.getitimer(signal.ITIMER_REAL)[0] > 0)
"""


def end_of(work: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED.format(work=work)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    return ended.returncode, ended.stdout.strip(), ended.stderr


STUCK = 're.match("(a+)+$", "a" * 40 + "b")'


def test_what_holds_the_interpreter_ends_the_process_with_all_stacks() -> None:
    status, _, stacks = end_of(f"watchdog.enter()\nthreading.Thread(target=time.sleep, args=(9,)).start()\n{STUCK}")
    assert status == -signal.SIGALRM
    assert stacks.count("most recent call first") >= 3
    assert "re" in stacks


@pytest.mark.parametrize(
    "work",
    [
        pytest.param("time.sleep(1.2)", id="nothing runs"),
        pytest.param("watchdog.enter()\nwatchdog.leave()\ntime.sleep(1.2)", id="what ran has ended"),
        pytest.param(
            "watchdog.leave()\nwatchdog.enter()\nwatchdog.leave()\ntime.sleep(1.2)", id="ended before it began"
        ),
    ],
)
def test_while_nothing_runs_no_timer_runs(work: str) -> None:
    assert end_of(work)[:2] == (0, "lived False")


def test_while_something_runs_and_python_moves_the_timer_is_moved_on() -> None:
    work = "watchdog.enter()\nwatchdog.enter()\nwatchdog.leave()\nend = time.monotonic() + 1.5"
    assert end_of(f"{work}\nwhile time.monotonic() < end: pass")[:2] == (0, "lived True")


def test_a_handler_that_cannot_be_ended_does_not_keep_its_process_alive() -> None:
    program = """
import threading, time
from fulfillment.deadline import Deadline, HandlerPool
from fulfillment.problems import Problem
lock = threading.Lock()
lock.acquire()
try:
    HandlerPool(1, 0).run(lock.acquire, Deadline(time.monotonic(), 0.2))
except Problem as problem:
    print(problem.cause)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stdout.strip()) == (0, "deadline-exceeded")


WATCHED_POOL = """
import re, signal, threading, time
from fulfillment.deadline import Deadline, HandlerPool, pool
from fulfillment.problems import Problem
pool._REPORT_STUCK, pool._RAISE_AGAIN, pool._WATCHDOG_SECONDS = 0.2, 0.1, 0.5
lock = threading.Lock()
lock.acquire()
handlers = HandlerPool({places}, 0)
handlers.watch()

def late():
    try:
        time.sleep(0.55)
    except BaseException:
        pass
    {stuck}

try:
    handlers.run({handler}, Deadline(time.monotonic(), 0.2))
except Problem as problem:
    print(problem.cause)
time.sleep(1.5)
print("lived", signal.getitimer(signal.ITIMER_REAL)[0] > 0)
"""


def end_of_pool(handler: str, places: int = 8) -> tuple[int, list[str], str]:
    program = WATCHED_POOL.format(handler=handler, places=places, stuck=STUCK)
    ended = subprocess.run([sys.executable, "-uc", program], cwd=ROOT, capture_output=True, text=True, timeout=20)
    return ended.returncode, ended.stdout.splitlines(), ended.stderr


def test_a_watched_process_is_given_up_when_a_quarter_of_its_places_is_lost() -> None:
    status, told, log = end_of_pool("lock.acquire", places=4)
    assert (status, told) == (-signal.SIGTERM, ["deadline-exceeded"])
    assert "holds a place in the pool" in log
    assert "1 of 4 handler places are lost" in log


def test_a_watched_process_lives_on_while_fewer_places_are_lost_and_is_watched_for_them() -> None:
    status, told, log = end_of_pool("lock.acquire", places=8)
    assert (status, told) == (0, ["deadline-exceeded", "lived True"])
    assert "holds a place in the pool" in log


def test_a_watched_process_that_has_answered_has_no_timer() -> None:
    assert end_of_pool("lambda: None")[:2] == (0, ["lived False"])


def test_a_watched_process_has_no_timer_when_a_late_handler_has_ended() -> None:
    assert end_of_pool("lambda: time.sleep(0.5)")[:2] == (0, ["deadline-exceeded", "lived False"])


@pytest.mark.parametrize("handler", [f"lambda: {STUCK}", "late"])
def test_a_handler_that_holds_the_interpreter_ends_a_watched_process_in_time_or_late(handler: str) -> None:
    assert end_of_pool(handler)[0] == -signal.SIGALRM
