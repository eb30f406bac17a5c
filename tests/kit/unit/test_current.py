"""The call that a thread works for: what all its threads share, and what holds for a block alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fulfillment import in_thread, on, seconds_left
from fulfillment.current import CurrentCall, current_call, varied
from fulfillment.deadline import Deadline, HandlerPool, at_most
from fulfillment.languages import texts
from fulfillment.testing import es_request
from tests.kit.wire import ask, call_of, said, webhook_of


@pytest.fixture
def greetings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en.toml").write_text('hello = "Hello."', encoding="utf-8")
    (tmp_path / "de.toml").write_text('hello = "Guten Tag."', encoding="utf-8")
    monkeypatch.setattr(texts, "folder", tmp_path)


def in_another_thread(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def within_a_call(work: Callable[[], Any], seconds: float = 4.0) -> Any:
    """What `work` returns on a handler's thread of a call that has so many seconds."""
    return HandlerPool(1, 0).run(work, Deadline(time.monotonic(), seconds))


def test_outside_of_calls_there_is_none() -> None:
    assert current_call.get() is None


def test_a_thread_that_carries_the_call_along_has_the_same_one() -> None:
    def both() -> tuple[Any, Any, Any]:
        return current_call.get(), in_another_thread(in_thread(current_call.get)), in_another_thread(current_call.get)

    here, carried, alone = within_a_call(both)

    assert isinstance(here, CurrentCall)
    assert carried is here
    assert alone is None


def test_what_is_learned_of_a_call_later_reaches_the_threads_that_carry_it_already() -> None:
    def learn() -> str:
        carried = in_thread(lambda: current_call.get().language)
        call = current_call.get()
        assert call is not None
        call.language = "de"
        return in_another_thread(carried)

    assert within_a_call(learn) == "de"


def test_a_share_of_the_time_holds_on_this_thread_and_what_it_starts_and_nowhere_else() -> None:
    def shares() -> dict[str, float]:
        begun, shortened = threading.Event(), threading.Event()

        def elsewhere() -> float:
            begun.set()
            assert shortened.wait(5)
            return seconds_left()

        left = {"before": seconds_left()}
        with ThreadPoolExecutor(2) as pool:
            other = pool.submit(in_thread(elsewhere))
            assert begun.wait(5)
            with at_most(0.25):
                left["here"] = seconds_left()
                left["started here"] = pool.submit(in_thread(seconds_left)).result()
                shortened.set()
                left["elsewhere"] = other.result()
        left["after"] = seconds_left()
        return left

    left = within_a_call(shares)

    assert left["here"] < left["before"] / 2
    assert left["started here"] < left["before"] / 2
    assert left["elsewhere"] > left["before"] / 2
    assert left["after"] > left["before"] / 2


def test_a_variation_ends_with_its_block_also_when_that_fails() -> None:
    with varied(language="de"):
        with pytest.raises(LookupError), varied(language="fr"):
            raise LookupError
        call = current_call.get()
        assert call is not None
        assert call.language == "de"
    assert current_call.get() is None


def test_a_member_that_no_call_has_is_refused() -> None:
    with pytest.raises(TypeError, match="speed"), varied(speed=1):
        pass


@pytest.mark.usefixtures("greetings")
def test_a_call_within_a_call_leaves_the_outer_one_as_it_was() -> None:
    @on.intent("inner")
    def inner() -> str:
        return texts("hello")

    @on.intent("outer")
    def outer() -> str:
        answer = webhook_of(inner).answer(call_of(es_request("inner", language="en")))
        return f"{said(answer)['fulfillmentText']} {texts('hello')}"

    answer = webhook_of(outer).answer(call_of(es_request("outer", language="de")))

    assert said(answer)["fulfillmentText"] == "Hello. Guten Tag."


@pytest.mark.usefixtures("greetings")
def test_a_flexible_webhook_does_not_speak_the_language_of_the_call_before() -> None:
    @on.intent("hello")
    def hello() -> str:
        return texts("hello")

    @on.route("/greeting")
    def greeting() -> dict[str, str]:
        return {"text": texts("hello")}

    kit = webhook_of(hello, greeting)
    assert ask(kit, es_request("hello", language="de"))[1]["fulfillmentText"] == "Guten Tag."
    assert ask(kit, {}, path="/greeting")[1] == {"text": "Hello."}
