"""Logs: when words are kept out, on which threads, and what it costs a call that is answered."""

from __future__ import annotations

import contextvars
import io
import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fulfillment import logs, on
from fulfillment.access.header import Header
from fulfillment.call import Answer
from fulfillment.current import current_call
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.functions import ROOT
from tests.kit.unit.logs.calls import lines_of
from tests.kit.wire import PRODUCTION, call_of, webhook_of

SECRET = {"x-secret": "s3cret-header-5e1f"}
log = logging.getLogger("handlers.hears")


@on.intent("hears")
def hears(word: str) -> str:
    log.warning("Heard %s", word)
    return "Hm."


@on.intent("fails")
def fails(word: str) -> str:
    raise ValueError(word)


def heard(intent: str, word: str, settings: Settings = PRODUCTION, **more: str) -> Answer:
    return webhook_of(hears, fails, settings=settings).answer(
        call_of(es_request(intent, {"word": word, **more}), headers=SECRET)
    )


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (PRODUCTION, "Heard <word>"),
        (Settings(), "Heard geheim"),
        (
            Settings(
                auth=("header",),
                access=(Header({"x-secret": ("s3cret-header-5e1f",)}),),
                on_google=True,
                log_bodies=True,
            ),
            "Heard geheim",
        ),
    ],
    ids=["on Google", "elsewhere", "bodies"],
)
def test_words_are_kept_out_on_google(settings: Settings, found: str, stream: io.StringIO) -> None:
    heard("hears", "geheim", settings)

    assert lines_of(stream)[0]["message"] == found


def test_a_handler_to_paste_is_not_touched(stream: io.StringIO) -> None:
    heard("from fulfillment", "Reply", put="handlers", answer="def")

    (line,) = lines_of(stream)
    assert (
        'from fulfillment import Reply, on\n\n\n@on.intent("from fulfillment")\ndef from_fulfillment(' in line["detail"]
    )
    assert line["intent"] == "from fulfillment"


def test_the_members_of_a_call_stay_whatever_was_said(stream: io.StringIO) -> None:
    heard("fails", "handler", a="failed", b="ValueError", c="fails", d="500", e="test_log_under_way")

    (line,) = lines_of(stream)
    assert (line["intent"], line["status"], line["cause"]) == ("fails", 500, "handler-failed")
    assert line["handler"] == f"{__name__}.fails"
    assert line["stack_trace"].endswith("\nValueError: <word>")
    assert "test_log_under_way.py" in line["stack_trace"]


def test_a_thread_without_the_call_keeps_the_words_of_all_calls_out(stream: io.StringIO) -> None:
    @on.intent("starts")
    def starts(word: str) -> str:
        with ThreadPoolExecutor() as pool:
            pool.submit(log.warning, "A thread heard %s", word).result()
            pool.submit(contextvars.copy_context().run, log.warning, "Another heard %s", word).result()
        return "Hm."

    webhook_of(starts, settings=PRODUCTION).answer(call_of(es_request("starts", {"word": "geheim"}), headers=SECRET))

    assert [line["message"] for line in lines_of(stream)[:2]] == ["A thread heard <word>", "Another heard <word>"]


def test_calls_at_the_same_time_do_not_blank_each_others_words(stream: io.StringIO) -> None:
    words = [f"word{number:02}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda word: heard("hears", word), words))

    assert [line["message"] for line in lines_of(stream) if "Heard" in line["message"]] == ["Heard <word>"] * 20


def test_after_the_answer_nothing_of_a_call_is_left(stream: io.StringIO) -> None:
    heard("hears", "geheim")
    log.warning("Later, geheim")

    assert lines_of(stream)[-1]["message"] == "Later, geheim"
    assert (current_call.get(), logs.under_way) == (None, set())


def test_a_line_that_cannot_be_formatted_tells_its_place_and_no_word(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    @on.intent("mistaken")
    def mistaken(word: str) -> str:
        log.warning("Heard %d times", word)
        return "Hm."

    webhook_of(mistaken, settings=PRODUCTION).answer(
        call_of(es_request("mistaken", {"word": "geheim"}), headers=SECRET)
    )

    first, _ = lines_of(stream)
    assert first["severity"] == "ERROR"
    assert "could not be formatted (TypeError); it stands at " in first["message"]
    assert "test_log_under_way.py:" in first["message"]
    assert "geheim" not in capsys.readouterr().err + stream.getvalue()


def test_what_ends_a_thread_is_logged(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)  # pytest has its own
    logs.set_up(stream)

    def end(error: BaseException) -> None:
        raise error

    for error in (ValueError("x"), SystemExit(1)):
        thread = threading.Thread(target=end, args=(error,), name="refresher")
        thread.start()
        thread.join()

    (line,) = lines_of(stream)
    assert (line["severity"], line["message"]) == ("ERROR", "Thread 'refresher' failed")
    assert line["stack_trace"].endswith("ValueError: x")


ANSWERED = """
import io, json, sys
from fulfillment import logs
from tests.kit.unit.logs.test_log_under_way import PRODUCTION, SECRET, call_of, es_request, on, webhook_of
stream = io.StringIO()
logs.set_up(stream)
@on.intent("hi")
def hi(word: str) -> str:
    return word
found = webhook_of(hi, settings=PRODUCTION).answer(call_of(es_request("hi", {"word": "geheim"}), headers=SECRET))
print(json.dumps([found.status, json.loads(stream.getvalue())["status"], *(n for n in sys.modules if ".logs." in n)]))
"""


def test_a_call_that_is_answered_computes_no_words() -> None:
    found = subprocess.run([sys.executable, "-c", ANSWERED], cwd=ROOT, capture_output=True, text=True, check=True)

    status, logged, *modules = json.loads(found.stdout)
    assert (status, logged) == (200, 200)
    assert [name for name in modules if name.startswith("fulfillment.")] == [
        "fulfillment.logs.call_record",
        "fulfillment.logs.cloud",
    ]
