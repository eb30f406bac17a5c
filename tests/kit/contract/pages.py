"""The pages that people read: README.md and docs/*.md, with their blocks of code, headings and links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.kit.functions import ROOT

README = ROOT / "README.md"
DOCS = ROOT / "docs"


class Block(NamedTuple):
    """A fenced block: the page (from the root), its language, its text without the indentation of a list."""

    page: str
    language: str
    text: str


def readme() -> str:
    """Return README.md; "" where a user has put one of their own in its place, which its title tells."""
    text = README.read_text() if README.exists() else ""
    return text if text.startswith("# Dialogflow fulfillment on Cloud Functions\n") else ""


def pages() -> dict[str, str]:
    """Return the text of each page by its path from the root."""
    docs = {file.relative_to(ROOT).as_posix(): file.read_text() for file in sorted(DOCS.rglob("*.md"))}
    return ({"README.md": readme()} if readme() else {}) | docs


def page(name: str) -> str:
    """Return the text of that page of docs/."""
    return (DOCS / f"{name}.md").read_text()


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of those languages, in the order of the pages."""
    found = []
    for name, text in pages().items():
        for indent, language, inside in re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
            if language in languages:
                found.append(Block(name, language, re.sub(rf"^{indent}", "", inside, flags=re.MULTILINE)))
    return found


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    """Return the headings of a page, as they stand."""
    return re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(text))
    return set(words)


def links(text: str) -> list[str]:
    """Return the targets of a page's links, but for those on the web."""
    targets = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(text)))
    return [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]


def target(page: str, link: str) -> tuple[Path, str]:
    """Return the file that a page's link leads to, and the anchor in it ("" for none)."""
    path, _, anchor = link.partition("#")
    return ((ROOT / page).parent / path).resolve() if path else ROOT / page, anchor
