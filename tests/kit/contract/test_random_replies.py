"""Whatever a handler puts together, Google's types can read it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment import Reply
from fulfillment.access.header import Header
from fulfillment.dialects import es
from fulfillment.settings import Settings
from fulfillment.testing import es_context, es_request
from fulfillment.testing.requests import SESSION
from tests.kit.contract import replies
from tests.kit.contract.google_types import understood
from tests.kit.wire import decoded

SECRET = Header({"x-secret": ("a-secret-5e1f5e1f",)})
# In production a broken limit is no error, so random replies get through to the encoder.
BY_VERSION = {
    version: Settings(api_version=version, auth=("header",), access=(SECRET,), on_google=True)
    for version in ("v2", "v2beta1")
}
REQUEST = decoded(es_request("any", contexts=[es_context("order_dialog_context", 2)]))
unhurried = settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


json_of_a_payload = st.recursive(
    st.none() | st.text(max_size=10) | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@pytest.mark.parametrize("version", BY_VERSION)
@unhurried
@given(data=st.data())
def test_google_parses_any_message_of_any_text(version: str, data: Any) -> None:
    message = data.draw(replies.messages(version))

    parsed = understood(es.encode(Reply(message), REQUEST, BY_VERSION[version]).body, version)

    assert len(parsed["fulfillmentMessages"]) == 1


@pytest.mark.parametrize("version", BY_VERSION)
@unhurried
@given(data=st.data())
def test_google_parses_any_parts_in_any_order(version: str, data: Any) -> None:
    parts = data.draw(st.lists(replies.messages(version) | replies.parts, min_size=1, max_size=6))
    parts += data.draw(st.lists(replies.follow_ups, max_size=1))

    body = es.encode(Reply(*parts), REQUEST, BY_VERSION[version]).body

    parsed = understood(body, version)
    assert all(context["name"].startswith(f"{SESSION}/contexts/") for context in parsed.get("outputContexts", ()))
    assert all(kind["name"].startswith(f"{SESSION}/entityTypes/") for kind in parsed.get("sessionEntityTypes", ()))


@unhurried
@given(variants=st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_words_arrive_as_they_were_said(variants: list[str]) -> None:
    parsed = understood(es.encode(Reply(replies.Text(*variants)), REQUEST, BY_VERSION["v2"]).body, "v2")

    assert parsed["fulfillmentMessages"][0]["text"]["text"] == variants


@unhurried
@given(content=st.dictionaries(st.text(max_size=5), json_of_a_payload, max_size=4))
def test_payloads_arrive_as_they_were_said(content: dict[str, Any]) -> None:
    parsed = understood(es.encode(Reply(replies.Payload(content)), REQUEST, BY_VERSION["v2"]).body, "v2")

    assert parsed["fulfillmentMessages"][0]["payload"] == content
