"""The Actions on Google side of a request, `request.assistant`, and its questions (docs/protocol.md 7)."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import ListSelect, SelectItem
from fulfillment.assistant import read
from fulfillment.call import Call
from fulfillment.dialects import es, google, v1
from fulfillment.messages import google as questions
from fulfillment.testing import es_request, v1_request

VERSION_2 = {
    "user": {
        "userId": "u",
        "locale": "en-US",
        "lastSeen": "2018-04-25T15:10:31Z",
        "userStorage": "{}",
        "permissions": ["NAME"],
        "profile": {"displayName": "Ann B", "givenName": "Ann", "familyName": "B"},
        "userVerificationStatus": "VERIFIED",
        "accessToken": "secret-1",
        "idToken": "secret-2",
        "packageEntitlements": [{"packageName": "p"}],
    },
    "conversation": {"conversationId": "c", "type": "ACTIVE"},
    "inputs": [
        {
            "intent": "actions.intent.OPTION",
            "rawInputs": [{"query": "the first", "inputType": "TOUCH"}],
            "arguments": [{"name": "OPTION", "textValue": "key1"}],
        }
    ],
    "surface": {"capabilities": [{"name": "actions.capability.SCREEN_OUTPUT"}]},
    "availableSurfaces": [{"capabilities": [{"name": "actions.capability.AUDIO_OUTPUT"}]}],
    "device": {"location": {"city": "Oslo"}},
    "isInSandbox": True,
}
VERSION_1 = {
    "user": {"user_id": "u"},
    "conversation": {"conversation_id": "c", "type": 1},
    "inputs": [
        {
            "intent": "assistant.intent.action.MAIN",
            "raw_inputs": [{"input_type": 2, "query": "talk to my app"}],
            "arguments": [{"name": "trigger_query", "raw_text": "orders", "text_value": "orders"}],
        }
    ],
}


@pytest.mark.parametrize(
    "request_",
    [
        v1.decode(v1_request(original={"source": "google", "version": "2", "data": VERSION_2}), Call()),
        es.decode({**es_request(), "originalDetectIntentRequest": {"source": "google", "payload": VERSION_2}}, Call()),
    ],
    ids=["v1", "es"],
)
def test_user_surface_and_arguments_are_read(request_: Any) -> None:
    assistant = request_.assistant
    user = assistant.user
    assert (user.id, user.locale, user.last_seen, user.storage) == ("u", "en-US", "2018-04-25T15:10:31Z", "{}")
    assert (user.display_name, user.given_name, user.family_name) == ("Ann B", "Ann", "B")
    assert (user.permissions, user.verification) == (("NAME",), "VERIFIED")
    assert user.entitlements == ({"packageName": "p"},)
    assert (assistant.conversation_id, assistant.conversation_type) == ("c", "ACTIVE")
    assert (assistant.intent, assistant.query, assistant.input_type) == ("actions.intent.OPTION", "the first", "TOUCH")
    assert assistant.argument("OPTION") == "key1"
    assert assistant.argument("PLACE") is None
    assert assistant.has_screen
    assert assistant.available_capabilities == {"actions.capability.AUDIO_OUTPUT"}
    assert (assistant.location, assistant.in_sandbox) == ({"city": "Oslo"}, True)


def test_version_1_with_its_snake_case_names_and_numbers_is_read() -> None:
    assistant = read(VERSION_1, "1")
    assert (assistant.version, assistant.user.id, assistant.conversation_id) == ("1", "u", "c")
    assert (assistant.conversation_type, assistant.input_type) == ("NEW", "VOICE")
    assert (assistant.query, assistant.argument("trigger_query")) == ("talk to my app", "orders")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ({"name": "OPTION", "textValue": "k"}, "k"),
        ({"name": "CONFIRMATION", "boolValue": True}, True),
        ({"name": "CONFIRMATION"}, False),
        ({"name": "PERMISSION", "textValue": "true", "boolValue": True}, True),
        ({"name": "PERMISSION", "textValue": "false"}, False),
        ({"name": "REPROMPT_COUNT", "intValue": "2"}, 2),
        ({"name": "X", "floatValue": 1.5}, 1.5),
        ({"name": "DATETIME", "datetimeValue": {"date": {"year": 2026}}}, {"date": {"year": 2026}}),
        ({"name": "PLACE", "placeValue": {"city": "Oslo"}}, {"city": "Oslo"}),
        ({"name": "SIGN_IN", "extension": {"@type": "t", "status": "OK"}}, {"@type": "t", "status": "OK"}),
        ({"name": "text", "rawText": "hello"}, "hello"),
    ],
)
def test_each_kind_of_argument_has_its_value(argument: dict[str, Any], value: Any) -> None:
    assert read({"inputs": [{"arguments": [argument]}]}).argument(argument["name"]) == value


def test_a_refusal_has_its_status() -> None:
    argument = {"name": "PLACE", "status": {"code": 7, "message": "denied"}}
    assert read({"inputs": [{"arguments": [argument]}]}).arguments["PLACE"].status == 7


def test_on_other_channels_there_is_none() -> None:
    from_slack = {"source": "slack", "payload": VERSION_2}
    request = es.decode({**es_request(), "originalDetectIntentRequest": from_slack}, Call())
    assert request.assistant.user.id == ""


@pytest.mark.parametrize("payload", [{"user": 1}, {"inputs": [1]}, {"inputs": [{"arguments": 3}]}, {"surface": []}])
def test_a_member_of_the_wrong_type_counts_as_absent(payload: dict[str, Any]) -> None:
    assert read(payload).arguments == {}


def test_the_users_tokens_are_not_shown_in_logs() -> None:
    assert "secret" not in repr(read(VERSION_2))


TWO = ListSelect([SelectItem("a", "A"), SelectItem("b", "B")])


@pytest.mark.parametrize(
    ("question", "intent", "spec", "members"),
    [
        (questions.ask_option(TWO), "OPTION", "OptionValueSpec", {"listSelect"}),
        (questions.ask_simple_option(*TWO.items), "OPTION", "OptionValueSpec", {"simpleSelect"}),
        (questions.ask_permission("why", "NAME"), "PERMISSION", "PermissionValueSpec", {"optContext", "permissions"}),
        (questions.ask_confirmation("sure?"), "CONFIRMATION", "ConfirmationValueSpec", {"dialogSpec"}),
        (questions.ask_date_time("when?"), "DATETIME", "DateTimeValueSpec", {"dialogSpec"}),
        (questions.ask_sign_in("why"), "SIGN_IN", "SignInValueSpec", {"optContext"}),
        (questions.ask_place("where?", "why"), "PLACE", "PlaceValueSpec", {"dialogSpec"}),
        (
            questions.ask_new_surface("why", "title", "actions.capability.SCREEN_OUTPUT"),
            "NEW_SURFACE",
            "NewSurfaceValueSpec",
            {"context", "notificationTitle", "capabilities"},
        ),
        (questions.ask_link("Shop", "https://a"), "LINK", "LinkValueSpec", {"openUrlAction", "dialogSpec"}),
        (
            questions.ask_register_update("news", arguments=[{"name": "n", "textValue": "v"}]),
            "REGISTER_UPDATE",
            "RegisterUpdateValueSpec",
            {"intent", "arguments", "triggerContext"},
        ),
        (questions.ask_delivery_address("why"), "DELIVERY_ADDRESS", "DeliveryAddressValueSpec", {"addressOptions"}),
    ],
)
@pytest.mark.parametrize("v1_form", [True, False])
def test_each_question_of_the_assistant_can_be_asked(
    question: Any, intent: str, spec: str, members: set[str], v1_form: bool
) -> None:
    asked = google.encode(questions.GooglePayload(system_intent=question), v1=v1_form)["systemIntent"]
    assert asked["intent"] == f"actions.intent.{intent}"
    assert asked["data"].pop("@type") == f"type.googleapis.com/google.actions.v2.{spec}"
    assert set(asked["data"]) == members


def test_v2_and_v1_say_the_same_apart_from_v1s_explicit_members() -> None:
    payload = questions.GooglePayload(system_intent=questions.ask_option(TWO))
    assert google.encode(payload, v1=True) == google.encode(payload) | {"isSsml": False, "noInputPrompts": []}
