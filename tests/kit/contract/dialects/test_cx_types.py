"""Every CX reply parses strictly with Google's v3 and v3beta1 types, whatever a handler puts into it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fulfillment import Problem, Reply, SessionParameters
from fulfillment.call import Call
from fulfillment.dialects import cx, v1
from fulfillment.settings import Settings
from fulfillment.testing import cx_form, cx_request, v1_request
from tests.kit.contract.dialects.replies import objects, replies
from tests.kit.contract.dialects.strict import CX, cx_reply
from tests.kit.contract.v1_types import v1_reply

REQUEST = cx.decode(cx_request("order", form=cx_form(date="x")), Call())
REFUSALS = ("invalid-reply", "reply-too-large")
AS_DEPLOYED = Settings(on_google=True)


def encoded(reply: Reply) -> bytes:
    try:
        return cx.encode(reply, REQUEST, AS_DEPLOYED).body
    except Problem as problem:  # a reply that cannot be said is refused by its name, never sent
        if problem.cause not in REFUSALS:
            raise
        return b"{}"


@pytest.mark.parametrize("version", CX)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(reply=replies())
def test_a_random_reply_parses_strictly(version: str, reply: Reply) -> None:
    cx_reply(encoded(reply), version)


@pytest.mark.parametrize("version", CX)
@settings(max_examples=100, deadline=None)
@given(parameters=objects)
def test_nulls_survive(version: str, parameters: dict[str, Any]) -> None:
    given_ = {**parameters, "deleted": None}
    parsed = cx_reply(encoded(Reply(SessionParameters(given_))), version).session_info.parameters
    assert parsed["deleted"].WhichOneof("kind") == "null_value"
    assert {name for name, value in parsed.items() if value.WhichOneof("kind") == "null_value"} == {
        name for name, value in given_.items() if value is None
    }


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(reply=replies())
def test_a_random_v1_reply_has_known_members_of_their_types(reply: Reply) -> None:
    try:
        body = v1.encode(reply, v1.decode(v1_request("order"), Call()), AS_DEPLOYED).body
    except Problem as problem:
        if problem.cause not in REFUSALS:
            raise
        return
    v1_reply(body)
