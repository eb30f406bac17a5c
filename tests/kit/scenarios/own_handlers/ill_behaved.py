import sys
import time
from contextlib import suppress

from fulfillment import Payload, Reply, on


@on.intent("sleep")
def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "Slept."


@on.intent("sleep politely", late="One moment, please ask me again.")
def sleep_politely(seconds: float) -> str:
    time.sleep(seconds)
    return "Slept."


@on.intent("loop")
def loop() -> str:
    while True:
        pass


@on.intent("loop and hold on")
def loop_and_hold_on() -> str:
    while True:
        with suppress(Exception):
            while True:
                pass


@on.intent("fail")
def fail() -> str:
    raise LookupError("the shelf is empty")


@on.intent("exit")
def exit_() -> str:
    sys.exit(3)


@on.intent("forget")
def forget() -> str:  # type: ignore[empty-body]
    "Nothing is returned."


@on.intent("send nonsense")
def send_nonsense() -> Reply:
    return Reply(Payload(line={"x": object()}))


@on.intent("send a book")
def send_a_book(pages: int) -> Reply:
    return Reply("x" * pages * 1000)
