"""What is cited is there: sections of docs/protocol.md and docs/platform.md, documents, addresses of sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.functions import ROOT

CITED = ("docs/protocol.md", "docs/platform.md")
FOLDERS = ("fulfillment", "deploy", "handlers", "tests", "docs")
SUFFIXES = (".py", ".sh", ".md", ".toml", ".env", ".tsv", ".yaml", ".yml")
# "docs/protocol.md 6.2", "... 7.2 to 7.4", "... 8.1, 8.2 and 8.3"
CITATION = re.compile(r"(docs/[\w/.-]+?\.md)((?:(?:,| and| to)? \d{1,2}(?:\.\d{1,2})?(?![\w.]\d|\d))+)")
DOCUMENT = re.compile(r"\bdocs/[\w/.-]+?\.md\b")
OTHER_WORDS = re.compile(r"protocol(?: reference,?|,)? \d+\.\d|protocol reference\b|\(protocol: ")


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (file for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES)
    yield from (ROOT / name for name in ("main.py", "README.md", "CHANGELOG.md"))


TEXTS = {str(file.relative_to(ROOT)): file.read_text() for file in _files() if file != Path(__file__)}


def _sections(document: str) -> set[str]:
    return set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", (ROOT / document).read_text(), re.MULTILINE))


def _citations() -> Iterator[tuple[str, str, str]]:
    for file, text in TEXTS.items():
        for document, numbers in CITATION.findall(" ".join(text.split())):
            yield from ((file, document, section) for section in re.findall(r"\d+(?:\.\d+)?", numbers))


@pytest.mark.parametrize("document", CITED)
def test_the_document_is_cited_by_sections_that_it_has(document: str) -> None:
    cited = {(file, section) for file, named, section in _citations() if named == document}
    assert cited
    assert {(file, section) for file, section in cited if section not in _sections(document)} == set()


def test_every_document_that_is_named_is_there() -> None:
    named = {(file, document) for file, text in TEXTS.items() for document in DOCUMENT.findall(text)}
    assert {(file, document) for file, document in named if not (ROOT / document).is_file()} == set()


def test_no_citation_is_worded_in_another_way() -> None:
    found = {file: OTHER_WORDS.findall(" ".join(text.split())) for file, text in TEXTS.items()}
    # Handlers are the user's, who may speak of any protocol.
    assert {file: words for file, words in found.items() if words and not file.startswith("handlers/")} == {}


@pytest.mark.parametrize("document", CITED)
def test_a_section_has_a_number_of_its_own(document: str) -> None:
    numbers = re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", (ROOT / document).read_text(), re.MULTILINE)
    assert len(numbers) == len(set(numbers)) > 10


@pytest.mark.parametrize("document", CITED)
def test_every_mark_of_a_source_has_an_address(document: str) -> None:
    text = (ROOT / document).read_text()
    rows = re.findall(r"^\| ([a-z0-9, -]+?) \| .*(?:https?://|github\.com)", text, re.MULTILINE)
    known = {mark for row in rows for mark in row.split(", ")}
    plain = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    used = {word for marks in re.findall(r"\[([a-z][a-z0-9 ,-]*)\](?!\()", plain) for word in marks.split(", ")}
    assert used
    assert used - known == set()
