"""The shop's flexible routes: what is printed for their webhook resources fits the answers they really give."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from fulfillment import Webhook
from fulfillment.dialects.flexible.resource import resource
from tests.conversations import ask
from tests.paths import pick

SESSION = {"product": "beans", "store": "harbour", "date": {"year": 2026, "month": 11, "day": 21}}


@pytest.mark.parametrize(
    ("path", "known", "answer"),
    [
        ("/stock", True, {"product_name": "Coffee beans", "stock": 42}),
        ("/stock", False, {"product_name": "", "stock": 0, "price": 0.0}),
        ("/store-hours", True, {"store_name": "Harbour", "open": True, "hours": ["09:00-14:00", "16:00-20:00"]}),
        ("/store-hours", False, {"store_name": "", "open": False, "hours": []}),
    ],
)
def test_every_printed_path_is_in_the_real_answer(
    local_shop: Webhook, path: str, known: bool, answer: dict[str, Any]
) -> None:
    ((method, handler),) = local_shop.routes.methods_at(path).items()
    found = resource(handler, path, method)
    session = SESSION if known else {"product": "unicorn", "store": "moon", "date": None}
    url, body = called(found, session)
    status, sent = ask(local_shop, body, method=method, path=path, query=url.partition("?")[2])
    assert status == 200, sent
    picked = {name: pick(sent, at) for name, at in found["parameterMapping"].items()}
    assert picked["known"] is known
    assert picked | answer == picked


def called(found: dict[str, Any], session: dict[str, Any]) -> tuple[str, bytes]:
    """Return URL and body with the references replaced, as Google's page describes it."""

    def text(match: re.Match[str]) -> str:
        value = session[match[1]]
        return quote(value if isinstance(value, str) else json.dumps(value), safe="")

    url = re.sub(r"\$session\.params\.([\w-]+)", text, found["uri"])
    body = re.sub(r'"\$session\.params\.([\w-]+)"', lambda match: json.dumps(session[match[1]]), found["requestBody"])
    return url, body.encode()
