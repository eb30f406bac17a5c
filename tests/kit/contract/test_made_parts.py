"""What pages show of the code is as the code is now, and every part of a reply is shown."""

from __future__ import annotations

import re

import pytest

from tests.kit.contract import made_parts, pages
from tests.kit.contract.made_parts import MADE, parts, with_made
from tests.kit.contract.message_examples import CHAPTERS

EXAMPLES = {name: example for chapter in CHAPTERS.values() for name, example in chapter.items()}


@pytest.mark.parametrize("mark", MADE)
def test_a_page_shows_the_code_as_it_is(mark: str) -> None:
    page, make = MADE[mark]
    text = pages.page(page)
    # Not an assertion on the texts: their difference is long, and the command shows it in git.
    if text != with_made(text, mark, make()):
        pytest.fail(f"docs/{page}.md is older than the code. Renew it: python -m {made_parts.__name__}")


def test_every_part_of_a_reply_is_shown() -> None:
    shown = EXAMPLES.keys() | set(re.findall(r"(\w+)\(", " ".join(EXAMPLES.values()))) | {"SystemIntent"}
    assert parts().keys() - shown == set()


def test_every_member_of_a_shown_part_is_named() -> None:
    page = pages.page("messages")
    for member in ("image_uri", "accessibility_text", "postback", "url_type_hint", "thumbnail_alignment"):
        assert f"| `{member}` |" in page
