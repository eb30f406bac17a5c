"""Texts in the user's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment import Reply, on
from fulfillment.languages import Texts, current_language
from fulfillment.problems import SetupError
from tests.requests import ask, es_body, said

FILES = {
    "en.toml": 'hello = "Hello"\nbye = "Bye"\nship = "Arrives {day}"\nonly_en = "English"\n',
    "zh.toml": 'hello = "你好"\nbye = "再見"\n',
    "zh-TW.toml": 'hello = "您好"\n',
    "pt_BR.toml": 'hello = "Oi"\n',
}


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Texts(tmp_path)


@pytest.fixture(autouse=True)
def _no_language() -> Iterator[None]:
    token = current_language.set("")
    yield
    current_language.reset(token)


@pytest.mark.parametrize(
    ("language", "hello", "bye", "only_en"),
    [
        ("zh-TW", "您好", "再見", "English"),
        ("zh-tw", "您好", "再見", "English"),
        ("zh_TW", "您好", "再見", "English"),
        ("zh-HK", "你好", "再見", "English"),
        ("zh", "你好", "再見", "English"),
        ("en-US", "Hello", "Bye", "English"),
        ("pt-BR", "Oi", "Bye", "English"),
        ("fr", "Hello", "Bye", "English"),
        ("", "Hello", "Bye", "English"),
    ],
)
def test_a_text_is_taken_from_the_nearest_language_that_has_it(
    texts: Texts, language: str, hello: str, bye: str, only_en: str
) -> None:
    assert [texts(key, language) for key in ("hello", "bye", "only_en")] == [hello, bye, only_en]


def test_values_are_filled_in(texts: Texts) -> None:
    assert texts("ship", day="today {x}") == "Arrives today {x}"


def test_a_missing_value_is_named_with_its_text(texts: Texts) -> None:
    with pytest.raises(KeyError, match=r"Text 'ship' \(en\) needs the value 'day'"):
        texts("ship")


def test_a_missing_text_is_named_with_the_folder(texts: Texts) -> None:
    with pytest.raises(KeyError, match="No text 'gone' for language 'de'") as missing:
        texts("gone", "de")

    assert str(texts.folder) in str(missing.value)


def test_a_handler_speaks_the_calls_language(texts: Texts) -> None:
    @on.intent("hello")
    def hello() -> Reply:
        return Reply(texts("hello"))

    for language, words in {"zh-TW": "您好", "en": "Hello"}.items():
        assert said(ask(es_body("hello", languageCode=language), hello))["fulfillmentText"] == words
    assert said(ask({"queryResult": {"intent": {"displayName": "hello"}}}, hello))["fulfillmentText"] == "Hello"


def test_without_a_folder_every_text_is_missing() -> None:
    with pytest.raises(KeyError):
        Texts()("hello")


@pytest.mark.parametrize("text", ["hello = ", 'hello = ["a"]', "[hello]\na = 1"])
def test_a_file_that_is_no_list_of_texts_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "en.toml").write_text(text)

    with pytest.raises(SetupError, match=r"en\.toml"):
        Texts(tmp_path)("hello")


def test_another_folder_replaces_the_texts(texts: Texts, tmp_path: Path) -> None:
    assert texts("hello") == "Hello"
    other = tmp_path / "other"
    other.mkdir()
    (other / "en.toml").write_text('hello = "Hey"')

    texts.folder = other

    assert texts("hello") == "Hey"
