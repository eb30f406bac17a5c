"""/stock as a CX flexible webhook calls it: what is printed for its resource fits the answers it really gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fulfillment import Webhook
from fulfillment.dialects.flexible.resource import resource
from tests.kit.conversations import ask
from tests.kit.functions import ROOT
from tests.kit.paths import called, pick


@pytest.mark.parametrize(
    ("session", "answer"),
    [
        ({"product": "beans"}, {"known": True, "product_name": "Coffee beans", "stock": 42}),
        ({"product": "unicorn"}, {"known": False, "product_name": "", "stock": 0, "price": 0.0}),
    ],
)
def test_every_printed_path_is_in_the_real_answer(
    local_shop: Webhook, session: dict[str, Any], answer: dict[str, Any]
) -> None:
    ((method, handler),) = local_shop.routes.methods_at("/stock").items()
    found = resource(handler, "/stock", method)
    url, body = called(found, session)
    status, sent = ask(local_shop, body, method=method, path="/stock", query=url.partition("?")[2])
    assert status == 200, sent
    picked = {name: pick(sent, at) for name, at in found["parameterMapping"].items()}
    assert picked | answer == picked


def test_the_sample_agents_webhook_is_the_one_that_is_printed(local_shop: Webhook) -> None:
    ((method, handler),) = local_shop.routes.methods_at("/stock").items()
    found = resource(handler, "/stock", method)
    service = json.loads((ROOT / "deploy/agent-cx/webhooks/Stock.json").read_text())["genericWebService"]
    assert service["uri"].endswith(".app" + found.pop("uri"))
    assert {name: service.get(name, "") for name in found} == found
