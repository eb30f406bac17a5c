"""/store-hours as a CX flexible webhook calls it: what is printed for its resource fits the answers it really gives."""

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
        (
            {"store": "harbour", "date": {"year": 2026, "month": 11, "day": 21}},
            {"known": True, "store_name": "Harbour", "open": True, "hours": ["09:00-14:00", "16:00-20:00"]},
        ),
        ({"store": "moon", "date": None}, {"known": False, "store_name": "", "open": False, "hours": []}),
    ],
)
def test_every_printed_path_is_in_the_real_answer(
    local_shop: Webhook, session: dict[str, Any], answer: dict[str, Any]
) -> None:
    ((method, handler),) = local_shop.routes.methods_at("/store-hours").items()
    found = resource(handler, "/store-hours", method)
    url, body = called(found, session)
    status, sent = ask(local_shop, body, method=method, path="/store-hours", query=url.partition("?")[2])
    assert status == 200, sent
    picked = {name: pick(sent, at) for name, at in found["parameterMapping"].items()}
    assert picked | answer == picked


def test_the_sample_agents_webhook_is_the_one_that_is_printed(local_shop: Webhook) -> None:
    ((method, handler),) = local_shop.routes.methods_at("/store-hours").items()
    found = resource(handler, "/store-hours", method)
    service = json.loads((ROOT / "deploy/agent-cx/webhooks/Store hours.json").read_text())["genericWebService"]
    assert service["uri"].endswith(".app" + found.pop("uri"))
    assert {name: service.get(name, "") for name in found} == found
