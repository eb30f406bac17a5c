"""Texts in the user's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment import Reply, Text, on
from fulfillment.current import varied
from fulfillment.languages import Texts
from fulfillment.problems import SetupError
from fulfillment.testing import es_request
from tests.kit.wire import answer_of, said

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
    with varied(language=""):
        yield


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
        assert said(answer_of(es_request("hello", languageCode=language), hello))["fulfillmentText"] == words
    assert said(answer_of({"queryResult": {"intent": {"displayName": "hello"}}}, hello))["fulfillmentText"] == "Hello"


def test_without_a_folder_every_text_is_missing() -> None:
    with pytest.raises(KeyError):
        Texts()("hello")


@pytest.mark.parametrize("text", ["hello = ", "hello = [1]", "[hello]\na = 1"])
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


def _folder(tmp_path: Path, **files: str) -> Texts:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return Texts(tmp_path)


def test_of_several_variants_one_is_said_and_each_has_its_turn(tmp_path: Path) -> None:
    texts = _folder(tmp_path, en='hello = ["Hi {name}", "Hello {name}"]', de='hello = "Hallo {name}"')

    assert {texts("hello", name="Ada") for _ in range(100)} == {"Hi Ada", "Hello Ada"}
    assert texts("hello", "de", name="Ada") == "Hallo Ada"


def test_all_variants_go_to_dialogflow_as_one_message(tmp_path: Path) -> None:
    texts = _folder(tmp_path, en='hello = ["Hi {name}", "Hello {name}"]\nbye = "Bye"')

    assert texts.all("hello", name="Ada") == ["Hi Ada", "Hello Ada"]
    assert texts.all("bye", "fr") == ["Bye"]
    assert Text(*texts.all("hello", name="Ada")).variants == ("Hi Ada", "Hello Ada")
    with pytest.raises(KeyError, match="No text 'gone'"):
        texts.all("gone")


FAULTS = {
    "no TOML": ({"de": "broken = ["}, r"de\.toml is not valid TOML: "),
    "a list with a number": ({"de": 'hello = ["Hallo", 1]'}, r"de\.toml: hello is a list with something else than"),
    "an empty list": ({"de": "hello = []"}, r"de\.toml: hello is an empty list; expected a text, or a list of texts"),
    "a table": ({"de": '[hello]\nde = "x"'}, r"de\.toml: hello is a table"),
    "a number": ({"de": "hello = 3"}, r"de\.toml: hello is a number"),
    "an open brace": ({"de": 'hello = "Hallo {name"'}, r"de\.toml: hello: 'Hallo \{name' cannot be formatted: "),
    "a closing brace": ({"de": 'hello = "Hallo }"'}, r"cannot be formatted: .*is written twice"),
    "no name": ({"de": 'hello = "Hallo {}"'}, r"values are filled in by name, for example \{day\}"),
    "a number as a name": ({"de": 'hello = "Hallo {0}"'}, r"has \{0\}; values are filled in by name"),
    "an unknown conversion": ({"de": 'hello = "Hallo {name!z}"'}, r"!z is no conversion"),
    "another value in one language": (
        {"de": 'hello = "Hallo {nam}"'},
        r"de\.toml: hello names \{nam\} in 'Hallo \{nam\}'; in en\.toml it names \{name\}\. A handler gives all",
    ),
    "a value that one variant lacks": (
        {"en": 'hello = ["Hello {name}", "Hello"]'},
        r"en\.toml: hello names no values in 'Hello'; in en\.toml it names \{name\}",
    ),
    "a value inside a format": ({"de": 'hello = "{name:>{width}}"'}, r"\{name\}, \{width\}"),
    "a key that the default lacks": ({"de": 'bye = "Ade"'}, r"en\.toml lacks bye, which de\.toml has"),
    "one language twice": (
        {"pt_BR": 'hello = "Oi {name}"', "pt-BR": 'hello = "Oi {name}"'},
        r"pt_BR\.toml: pt-BR\.toml is the same language; keep one of them",
    ),
}


@pytest.mark.parametrize(("files", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_any_language_is_named_before_a_user_of_another_one_calls(
    files: dict[str, str], told: str, tmp_path: Path
) -> None:
    texts = _folder(tmp_path, **({"en": 'hello = "Hello {name}"'} | files))

    with pytest.raises(SetupError, match=told):
        texts("hello", "en", name="Ada")


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_bytes('hello = "Grüße"'.encode("latin-1"))

    with pytest.raises(SetupError, match=r"de\.toml is not UTF-8 \(byte 11\)"):
        Texts(tmp_path).read()


def test_a_folder_in_a_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "de.toml").mkdir()

    with pytest.raises(SetupError, match=r"de\.toml cannot be read: Is a directory"):
        Texts(tmp_path).read()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    texts = _folder(tmp_path, en='a = 1\nb = "{"', de="c = [")

    with pytest.raises(SetupError) as stopped:
        texts.read()

    assert [line.partition(".toml")[0].rpartition("/")[2] for line in str(stopped.value).splitlines()] == [
        *("de", "en", "en")
    ]


def test_of_very_many_faults_the_first_twenty_are_told(tmp_path: Path) -> None:
    texts = _folder(tmp_path, en="\n".join(f"t{number} = 1" for number in range(25)))

    with pytest.raises(SetupError, match=r"t19 is a number[^\n]*\n\.\.\. and 5 more$"):
        texts.read()


def test_braces_that_are_meant_and_formats_are_no_fault(tmp_path: Path) -> None:
    texts = _folder(tmp_path, en='a = "{{x}} {price:.2f} {order[status]} {price!r}"', de='a = "{order[status]}{price}"')

    assert texts("a", price=2.5, order={"status": "sent"}) == "{x} 2.50 sent 2.5"


def test_a_missing_text_is_no_fault_and_is_told_by_its_language(texts: Texts) -> None:
    assert texts.missing() == {
        "zh": ["ship", "only_en"],
        "zh-tw": ["ship", "only_en"],
        "pt-br": ["bye", "ship", "only_en"],
    }


def test_one_language_alone_may_be_any(tmp_path: Path) -> None:
    texts = _folder(tmp_path, de='hello = "Hallo"')

    assert texts("hello", "de-AT") == "Hallo"
    assert texts.missing() == {}
