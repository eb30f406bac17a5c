"""Links and pointers lead somewhere: between pages, from README.md, and from comments, error texts and scripts."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.contract import pages
from tests.kit.functions import ROOT

# 'docs/access.md, "On CX"' in any file, also over a line's end.
POINTER = re.compile(r'((?:docs/[\w-]+|README)\.md)[,:] \\?"([^"\\]+)\\?"')
POINTING = ("fulfillment", "deploy", "handlers", "tests", ".ci")
# What a user makes, changes or removes.
NOT_THE_KITS = (
    "deploy/settings.",
    "deploy/data",
    "deploy/agent",
    "deploy/NAME",
    "deploy/COLLECTION",
    "tests/shop",
    "tests/conversations",
    "fulfillment/mine.py",
    "tests/kit/shipped.sha256",
    "tests/kit/live/records",
    "tests/test_",
)
SUFFIXES = (".py", ".sh", ".env", ".toml", ".yaml", ".yml", ".txt", "")


def _sources() -> Iterator[Path]:
    for folder in POINTING:
        files = (file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        yield from (file for file in files if file.suffix in SUFFIXES and file != Path(__file__))
    yield from (ROOT / name for name in ("main.py", "requirements.txt", "pyproject.toml"))


def _text_of(file: Path) -> str:
    """Return a file's text with broken strings and comments joined: "a " followed by "b" is "a b"."""
    text = re.sub(r'"\s*\n\s*f?"', "", file.read_text(errors="replace"))
    return " ".join(re.sub(r"\n\s*#", "\n", text).split())


@pytest.mark.parametrize("page", pages.pages())
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: str) -> None:
    wrong = []
    for link in pages.links((ROOT / page).read_text()):
        file, anchor = pages.target(page, link)
        if not file.exists() or (anchor and anchor not in pages.anchors(file.read_text())):
            wrong.append(link)
    assert wrong == []


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len(pages.readme().splitlines()) <= 150


def test_every_page_is_in_the_readmes_table() -> None:
    linked = {pages.target("README.md", link)[0] for link in pages.links(pages.readme())}
    assert linked == set() or set(pages.DOCS.glob("*.md")) <= linked  # a user's own README links what it likes


def test_every_pointer_to_a_chapter_is_right() -> None:
    pointers = {(file, *found) for file in _sources() for found in POINTER.findall(_text_of(file))}
    wrong = {
        f"{file.relative_to(ROOT)}: {page}, {heading!r}"
        for file, page, heading in pointers
        if not (ROOT / page).exists() or heading not in pages.headings((ROOT / page).read_text())
    }
    assert pointers
    assert wrong == set()


def test_no_pointer_to_a_page_is_worded_in_another_way() -> None:
    # "README, "Settings"", "the README's table": pages that hold these are named as docs/settings.md, "Settings".
    other = re.compile(r"README(?!\.md|\b[/_])|[Tt]he README|(?:docs/[\w-]+|README)\.md,? (?:'|chapter|section)")
    product = (file for file in _sources() if "tests" not in file.relative_to(ROOT).parts[:1])
    assert {str(file.relative_to(ROOT)) for file in product if other.search(_text_of(file))} == set()


def test_every_path_that_a_page_names_is_there() -> None:
    paths = {
        (name, path)
        for name, text in pages.pages().items()
        for path in re.findall(r"`(?:\./)?((?:fulfillment|deploy|tests|docs)/[\w./*-]+)", pages.prose(text))
    }
    lost = {(name, path) for name, path in paths if not path.startswith(NOT_THE_KITS) and not any(ROOT.glob(path))}
    assert len(paths) > 50
    assert lost == set()


def test_every_module_that_a_page_runs_is_there() -> None:
    modules = {
        (name, module)
        for name, text in pages.pages().items()
        for module in re.findall(r"python3? -m ((?:tests|deploy|fulfillment|handlers)[\w.]*)", text)
    }
    lost = {(name, module) for name, module in modules if importlib.util.find_spec(module.rstrip(".")) is None}
    assert modules
    assert lost == set()
