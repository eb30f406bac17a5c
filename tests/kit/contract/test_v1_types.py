"""The judge of v1 replies refuses what v1 does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit.contract.v1_types import v1_reply

SOUND = {
    "speech": "Hello.",
    "displayText": "Hello.",
    "messages": [
        {"type": 0, "speech": ["Hello.", "Hi."], "platform": "slack"},
        {"type": 1, "title": "The dome", "buttons": [{"text": "Map", "postback": "https://museum.example/map"}]},
        {
            "type": "basic_card",
            "platform": "google",
            "title": "The dome",
            "image": {"url": "https://museum.example/d.png"},
        },
    ],
    "data": {"google": {"expectUserResponse": False}, "slack": {"anything": [1]}},
    "contextOut": [{"name": "booking", "lifespan": 5, "parameters": {"code": None}}],
    "followupEvent": {"name": "full", "data": {}},
}


def test_a_sound_reply_passes() -> None:
    assert v1_reply(json.dumps(SOUND).encode()) == SOUND


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ({"fulfillmentText": "Hello."}, "reply.fulfillmentText is no member"),
        ({"speech": ["Hello."]}, "reply.speech is"),
        ({"messages": {}}, "reply.messages is"),
        ({"messages": [{"speech": "Hello."}]}, "expected a type of"),
        ({"messages": [{"type": "0", "speech": "Hello."}]}, "expected a type of"),
        ({"messages": [{"type": False, "speech": "Hello."}]}, "expected a type of"),
        ({"messages": [{"type": 0, "text": "Hello."}]}, r"messages\[0\].text is no member"),
        ({"messages": [{"type": 0, "speech": [1]}]}, r"messages\[0\].speech\[0\] is 1"),
        ({"messages": [{"type": 2, "title": "Day?", "quickReplies": ["friday"]}]}, "quickReplies is no member"),
        ({"messages": [{"type": 3, "imageUri": "https://museum.example/d.png"}]}, "imageUri is no member"),
        ({"messages": [{"type": 0, "speech": "Hello.", "platform": "FACEBOOK"}]}, "platform is 'FACEBOOK'"),
        ({"messages": [{"type": "list_card", "items": []}]}, "has another platform than google"),
        ({"contextOut": [{"name": "booking", "lifespanCount": 5}]}, "lifespanCount is no member"),
        ({"contextOut": [{"name": "booking", "lifespan": True}]}, "lifespan is True"),
        ({"followupEvent": {"name": "full", "parameters": {}}}, "parameters is no member"),
        ({"data": {"google": {"richResponse": {"items": {}}}}}, "richResponse.items is"),
        ([], "reply is"),
    ],
)
def test_what_v1_does_not_know_is_refused(reply: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        v1_reply(json.dumps(reply).encode())
