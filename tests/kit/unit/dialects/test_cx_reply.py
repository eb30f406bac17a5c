"""Reply -> CX WebhookResponse: every row of docs/protocol.md 8.2, each message of 8.3 that a webhook may send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fulfillment import (
    Card,
    Context,
    ConversationSuccess,
    EndInteraction,
    FormParameter,
    HandOff,
    KnowledgeInfoCard,
    OutputAudioText,
    Payload,
    PlayAudio,
    Problem,
    Raw,
    ReplaceMessages,
    Reply,
    SessionParameters,
    TargetFlow,
    TargetPage,
    TelephonyTransferCall,
    Text,
    ToolCall,
    WebhookPayload,
)
from fulfillment.call import Call
from fulfillment.dialects.cx import decode, encode
from fulfillment.dialects.remarks import tell
from fulfillment.settings import Settings
from fulfillment.testing import cx_form, cx_request
from fulfillment.testing.requests import CX_AGENT, CX_FLOW, CX_PAGE


def say(*parts: Any, body: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    request = decode(body or cx_request("order"), Call())
    encoded = encode(Reply(*parts), request, Settings(**settings))
    tell(encoded.remarks, "the handler")
    reply: dict[str, Any] = json.loads(encoded.body)
    return reply


def messages(*parts: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = say(*parts)["fulfillmentResponse"]["messages"]
    return found


def refusal(*parts: Any, **more: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        say(*parts, **more)
    return refused.value


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Text("a", "b"), {"text": {"text": ["a", "b"]}}),
        (Payload({"x": [1, None]}), {"payload": {"x": [1, None]}}),
        (ConversationSuccess({"a": 1}), {"conversationSuccess": {"metadata": {"a": 1}}}),
        (ConversationSuccess(), {"conversationSuccess": {}}),
        (OutputAudioText(text="a"), {"outputAudioText": {"text": "a"}}),
        (OutputAudioText(ssml="<speak/>"), {"outputAudioText": {"ssml": "<speak/>"}}),
        (HandOff({"queue": "vip"}), {"liveAgentHandoff": {"metadata": {"queue": "vip"}}}),
        (HandOff(), {"liveAgentHandoff": {}}),
        (PlayAudio("https://a/b.wav"), {"playAudio": {"audioUri": "https://a/b.wav"}}),
        (TelephonyTransferCall("+4930123"), {"telephonyTransferCall": {"phoneNumber": "+4930123"}}),
        (KnowledgeInfoCard(), {"knowledgeInfoCard": {}}),
        (ToolCall("t", "a", {"x": 1}), {"toolCall": {"tool": "t", "action": "a", "inputParameters": {"x": 1}}}),
        (Raw({"text": {"text": ["raw"]}}), {"text": {"text": ["raw"]}}),
    ],
)
def test_each_message_that_a_webhook_may_send(part: Any, message: dict[str, Any]) -> None:
    assert messages(part) == [message]


def test_messages_keep_their_order() -> None:
    assert messages("one", Payload({"x": 1}), "two") == [
        {"text": {"text": ["one"]}},
        {"payload": {"x": 1}},
        {"text": {"text": ["two"]}},
    ]


def test_a_platform_becomes_the_channel() -> None:
    assert messages(Text("a", platform="FACEBOOK")) == [{"text": {"text": ["a"]}, "channel": "FACEBOOK"}]


def test_messages_are_added_unless_they_replace_the_agents() -> None:
    assert "mergeBehavior" not in say("words")["fulfillmentResponse"]
    assert say("words", ReplaceMessages())["fulfillmentResponse"]["mergeBehavior"] == "REPLACE"
    assert say(ReplaceMessages()) == {"fulfillmentResponse": {"mergeBehavior": "REPLACE"}}


def test_keeping_the_agents_own_response_says_nothing() -> None:
    assert encode(Reply.keep(), decode(cx_request(), Call()), Settings()) == (b"{}", ())


def test_session_parameters_are_set_and_deleted_with_null() -> None:
    reply = say(SessionParameters({"order-id": "A-1"}, size=None))
    assert reply == {"sessionInfo": {"parameters": {"order-id": "A-1", "size": None}}}


def test_a_context_is_a_session_parameter_that_holds_an_object() -> None:
    assert say(Context("Order", 5, {"id": 1})) == {"sessionInfo": {"parameters": {"order": {"id": 1}}}}
    assert say(Context("order")) == {"sessionInfo": {"parameters": {"order": {}}}}


def test_a_context_without_lifespan_deletes_its_session_parameter() -> None:
    assert say(Context.delete("order")) == {"sessionInfo": {"parameters": {"order": None}}}


@pytest.mark.parametrize("name", ["", "a b", "__system_counters__", "x_dialog_context", "a" * 251])
def test_a_context_that_es_would_refuse_is_refused_here_too(name: str) -> None:
    assert refusal(Context(name)).cause == "invalid-reply"


def test_an_invalid_form_parameter_is_asked_for_again_and_leaves_the_session() -> None:
    reply = say(FormParameter.invalid("date"), body=cx_request("book", form=cx_form(date="x")))
    assert reply == {
        "pageInfo": {"formInfo": {"parameterInfo": [{"displayName": "date", "state": "INVALID"}]}},
        "sessionInfo": {"parameters": {"date": None}},
    }


def test_an_invalid_form_parameter_cannot_be_set_in_the_session_as_well() -> None:
    assert refusal(SessionParameters(date="x"), FormParameter.invalid("date")).cause == "invalid-reply"


def test_the_example_of_googles_samples_can_be_said() -> None:
    reply = say(FormParameter("order-number", value=123, required=True, state="INVALID"))
    assert reply["pageInfo"] == {
        "formInfo": {
            "parameterInfo": [{"displayName": "order-number", "required": True, "state": "INVALID", "value": 123}]
        }
    }
    assert "sessionInfo" not in reply


@pytest.mark.parametrize(
    ("part", "entry"),
    [
        (FormParameter("n", value=4), {"displayName": "n", "state": "FILLED", "value": 4}),
        (FormParameter("n", required=False), {"displayName": "n", "state": "EMPTY", "required": False}),
    ],
)
def test_a_form_parameter_can_be_changed(part: FormParameter, entry: dict[str, Any]) -> None:
    reply = say(part, body=cx_request("book", form=cx_form(n=None)))
    sent = reply["pageInfo"]["formInfo"]["parameterInfo"]
    assert sent == [entry | {"state": sent[0]["state"]}]
    assert sent[0]["state"] in ("EMPTY", "FILLED")  # a state is required, and without INVALID it has no effect


def test_a_parameter_that_the_form_does_not_have_is_told(caplog: pytest.LogCaptureFixture) -> None:
    say(FormParameter.invalid("dat"), body=cx_request("book", form=cx_form(date="x")))
    assert "has 'date'" in caplog.text


def test_the_payload_reaches_api_callers() -> None:
    assert say(WebhookPayload({"a": 1})) == {"payload": {"a": 1}}


@pytest.mark.parametrize(
    ("part", "target"),
    [
        (TargetPage(CX_PAGE), {"targetPage": CX_PAGE}),
        (TargetPage("b1"), {"targetPage": f"{CX_FLOW}/pages/b1"}),
        (TargetPage("START_PAGE"), {"targetPage": f"{CX_FLOW}/pages/START_PAGE"}),
        (TargetFlow(CX_FLOW), {"targetFlow": CX_FLOW}),
        (TargetFlow("f1"), {"targetFlow": f"{CX_AGENT}/flows/f1"}),
        (EndInteraction(), {"targetPage": f"{CX_FLOW}/pages/END_SESSION"}),
    ],
)
def test_a_turn_can_go_to_a_page_to_a_flow_or_to_its_end(part: Any, target: dict[str, str]) -> None:
    assert say(part) == target


def test_a_target_flow_is_named_by_the_agent_whatever_the_environment() -> None:
    body = cx_request(sessionInfo={"session": f"{CX_AGENT}/environments/e/sessions/s"})
    assert say(TargetFlow("f1"), body=body) == {"targetFlow": f"{CX_AGENT}/flows/f1"}


@pytest.mark.parametrize("second", [TargetFlow(CX_FLOW), EndInteraction(), TargetPage("b2")])
def test_a_turn_goes_to_one_place_only(second: Any) -> None:
    assert refusal(TargetPage("b1"), second).cause == "invalid-reply"


@pytest.mark.parametrize("part", [EndInteraction(), TargetPage("b1"), TargetFlow("f1")])
def test_without_a_current_page_a_short_name_is_left_out_and_told(part: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert say("bye", part, body={"fulfillmentInfo": {"tag": "t"}}) == {
        "fulfillmentResponse": {"messages": [{"text": {"text": ["bye"]}}]}
    }
    assert "full resource name" in caplog.text


def test_a_reply_over_64_kib_is_cut_to_its_texts_and_its_session(caplog: pytest.LogCaptureFixture) -> None:
    big = Payload({"x": "y" * 66_000})
    reply = say("words", big, WebhookPayload({"a": 1}), SessionParameters(a=None))
    assert reply == {
        "fulfillmentResponse": {"messages": [{"text": {"text": ["words"]}}]},
        "sessionInfo": {"parameters": {"a": None}},
    }
    assert "Only its texts were sent" in caplog.text
    assert refusal(big).cause == "reply-too-large"


def test_a_payload_of_more_than_24_levels_is_a_broken_limit(caplog: pytest.LogCaptureFixture) -> None:
    deep: Any = "x"
    for _ in range(25):
        deep = {"a": deep}
    assert refusal(Payload(deep)).cause == "reply-limit"
    say(Payload(deep), on_google=True)
    assert "24 levels" in caplog.text


def test_an_unknown_kind_of_part_is_refused() -> None:
    from fulfillment.messages import Message
    from fulfillment.parts import Part

    class NewPart(Part):
        pass

    class NewMessage(Message):
        pass

    for part in (NewPart(), NewMessage()):
        assert refusal(part).cause == "invalid-reply"


def test_a_value_that_is_no_json_is_refused() -> None:
    assert refusal(SessionParameters(x=object())).cause == "invalid-reply"


def test_a_card_becomes_what_messenger_draws() -> None:
    assert messages(Card("Title"))[0] == {"payload": {"richContent": [[{"type": "info", "title": "Title"}]]}}
