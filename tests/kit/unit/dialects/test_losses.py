"""The table of what each dialect makes of each part of a reply, exercised in full: every cell says what happens."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import fulfillment
from fulfillment import (
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    Button,
    Card,
    CarouselSelect,
    Chips,
    Column,
    Context,
    ConversationSuccess,
    EndInteraction,
    EndSlotFilling,
    FollowUp,
    FormParameter,
    GooglePayload,
    HandOff,
    Image,
    KnowledgeInfoCard,
    LinkOutSuggestion,
    ListSelect,
    MediaContent,
    MediaObject,
    OutputAudioText,
    Payload,
    PlayAudio,
    QuickReplies,
    Raw,
    RbmCard,
    RbmCarouselCard,
    RbmStandaloneCard,
    RbmText,
    ReplaceMessages,
    Reply,
    RichContent,
    Row,
    SelectItem,
    SessionEntities,
    SessionParameters,
    SimpleResponse,
    Suggestions,
    TableCard,
    TargetFlow,
    TargetPage,
    TelephonyPlayAudio,
    TelephonySynthesizeSpeech,
    TelephonyTransferCall,
    Text,
    ToolCall,
    WebhookPayload,
)
from fulfillment.call import Call
from fulfillment.dialects import cx, es, losses, remarks, v1
from fulfillment.dialects.losses import DIALECTS, TABLE
from fulfillment.parts import Part
from fulfillment.settings import Settings
from fulfillment.testing import cx_request, es_request, v1_request
from fulfillment.testing.requests import CX_FLOW
from tests.kit.wire import ask, webhook_of, words_of

TWO = [SelectItem("a", "A"), SelectItem("b", "B")]
CARD = RbmCard("T")

# One of each, and the member (for v1: the type) by which its native form is known.
PARTS: list[tuple[Part, dict[str, Any]]] = [
    (Text("t"), {"es": "text", "cx": "text", "v1": 0}),
    (Image("https://i", "a"), {"es": "image", "v1": 3}),
    (QuickReplies("T", "a"), {"es": "quickReplies", "v1": 2}),
    (Card("T", "S", "https://i", [Button("B", "https://p"), Button("W", "words")]), {"es": "card", "v1": 1}),
    (Payload(slack={"text": "t"}), {"es": "payload", "cx": "payload"}),
    (RichContent(Chips("a")), {"es": "payload", "cx": "payload"}),
    (Raw({"text": {"text": ["r"]}, "type": 0}), {"es": "text", "cx": "text", "v1": 0}),
    (SimpleResponse("s"), {"es": "simpleResponses", "v1": "simple_response"}),
    (BasicCard("T", formatted_text="F"), {"es": "basicCard", "v1": "basic_card"}),
    (Suggestions("a"), {"es": "suggestions", "v1": "suggestion_chips"}),
    (LinkOutSuggestion("N", "https://p"), {"es": "linkOutSuggestion", "v1": "link_out_chip"}),
    (ListSelect(TWO), {"es": "listSelect", "v1": "list_card"}),
    (CarouselSelect(TWO), {"es": "carouselSelect", "v1": "carousel_card"}),
    (
        BrowseCarouselCard([BrowseItem("A", "https://a"), BrowseItem("B", "https://b")]),
        {"es": "browseCarouselCard", "v1": "browse_carousel_card"},
    ),
    (TableCard([Column("H")], [Row(["c"])]), {"es": "tableCard", "v1": "table_card"}),
    (MediaContent(MediaObject("N", "https://s")), {"es": "mediaContent", "v1": "media_content"}),
    (TelephonyPlayAudio("gs://b/o"), {"es": "telephonyPlayAudio"}),
    (TelephonySynthesizeSpeech("s"), {"es": "telephonySynthesizeSpeech"}),
    (TelephonyTransferCall("+15551234567"), {"es": "telephonyTransferCall", "cx": "telephonyTransferCall"}),
    (RbmText("t"), {"es": "rbmText"}),
    (RbmStandaloneCard(CARD), {"es": "rbmStandaloneRichCard"}),
    (RbmCarouselCard(CARD, CARD), {"es": "rbmCarouselRichCard"}),
    (OutputAudioText("s"), {"cx": "outputAudioText"}),
    (PlayAudio("https://s"), {"cx": "playAudio"}),
    (ConversationSuccess(), {"cx": "conversationSuccess"}),
    (KnowledgeInfoCard(), {"cx": "knowledgeInfoCard"}),
    (ToolCall("t", "a"), {"cx": "toolCall"}),
    (HandOff(), {"es": "liveAgentHandoff", "cx": "liveAgentHandoff"}),
    (Context("c"), {"es": "outputContexts", "v1": "contextOut"}),
    (FollowUp("e"), {"es": "followupEventInput", "v1": "followupEvent"}),
    (EndSlotFilling(), {"es": "outputContexts", "v1": "contextOut"}),
    (SessionEntities("store", "a"), {"es": "sessionEntityTypes"}),
    (EndInteraction(), {"es": "endInteraction"}),
    (WebhookPayload({"a": 1}), {"es": "payload", "cx": "payload"}),
    (GooglePayload([SimpleResponse("s")]), {"es": "payload", "v1": "data"}),
    (SessionParameters(a=1), {"cx": "sessionInfo"}),
    (FormParameter.invalid("a"), {"cx": "pageInfo"}),
    (TargetPage("b1"), {"cx": "targetPage"}),
    (TargetFlow("f1"), {"cx": "targetFlow"}),
    (ReplaceMessages(), {"cx": "fulfillmentResponse"}),
]


def rich(dialect: str, *elements: dict[str, Any]) -> dict[str, Any]:
    return {"payload": {"richContent": [list(elements)]}}


def in_messages(dialect: str, *messages: dict[str, Any]) -> dict[str, Any]:
    if dialect == "cx":
        return {"fulfillmentResponse": {"messages": list(messages)}}
    return {"fulfillmentMessages": list(messages)}


def converted_card(dialect: str) -> dict[str, Any]:
    picture = {"rawUrl": "https://i"} if dialect == "cx" else {"src": {"rawUrl": "https://i"}}
    link = {"anchor": {"href": "https://p"}} if dialect == "cx" else {"link": "https://p"}
    return rich(
        dialect,
        {"type": "info", "title": "T", "subtitle": "S", "image": picture},
        {"type": "button", "text": "B"} | link,
        {"type": "chips", "options": [{"text": "words"}]},
    )


def converted_replies(dialect: str) -> dict[str, Any]:
    chips = rich(dialect, {"type": "chips", "options": [{"text": "a"}]})
    return in_messages(dialect, {"text": {"text": ["T"]}}, chips)


PICTURE = {"type": "image", "rawUrl": "https://i", "accessibilityText": "a"}
GOODBYE = {"expectUserResponse": False, "isSsml": False, "noInputPrompts": []}
CONVERTED: dict[tuple[str, str], dict[str, Any]] = {
    ("Image", "cx"): in_messages("cx", rich("cx", PICTURE)),
    ("Image", "messenger"): in_messages("messenger", rich("messenger", PICTURE)),
    ("QuickReplies", "cx"): converted_replies("cx"),
    ("QuickReplies", "messenger"): converted_replies("messenger"),
    ("Card", "cx"): in_messages("cx", converted_card("cx")),
    ("Card", "messenger"): in_messages("messenger", converted_card("messenger")),
    ("Payload", "v1"): {"data": {"slack": {"text": "t"}}},
    ("TelephonyPlayAudio", "cx"): in_messages("cx", {"playAudio": {"audioUri": "gs://b/o"}}),
    ("TelephonySynthesizeSpeech", "cx"): in_messages("cx", {"outputAudioText": {"text": "s"}}),
    ("Context", "cx"): {"sessionInfo": {"parameters": {"c": {}}}},
    ("EndInteraction", "cx"): {"targetPage": f"{CX_FLOW}/pages/END_SESSION"},
    ("EndInteraction", "v1"): {"data": {"google": GOODBYE}},
    ("WebhookPayload", "v1"): {"data": {"a": 1}},
    ("ReplaceMessages", "es"): {},
    ("ReplaceMessages", "messenger"): {},
    ("ReplaceMessages", "v1"): {},
}

FILLING = [{"name": "x_dialog_context", "lifespanCount": 2, "lifespan": 2}]
BODIES = {
    "es": es_request("order", contexts=FILLING),
    "messenger": es_request("order", contexts=FILLING, session="projects/p/agent/sessions/dfMessenger-1"),
    "cx": cx_request("order"),
    "v1": v1_request("order", contexts=FILLING),
}
MODULES: dict[str, Any] = {"es": es, "messenger": es, "cx": cx, "v1": v1}


@pytest.fixture(autouse=True)
def nothing_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remarks, "_told", set())


def say(part: Part, dialect: str, api_version: str = "v2beta1") -> dict[str, Any]:
    module = MODULES[dialect]
    request = module.decode(BODIES[dialect], Call())
    settings = Settings(api_version=api_version, on_google=True)
    encoded = module.encode(Reply(part), request, settings)
    remarks.tell(encoded.remarks, "the handler")
    reply: dict[str, Any] = json.loads(encoded.body)
    return reply


def native_form(reply: dict[str, Any], dialect: str, mark: Any) -> bool:
    if mark in reply:
        return True
    messages = reply.get("fulfillmentMessages") or reply.get("fulfillmentResponse", {}).get("messages")
    if dialect == "v1":
        return [message["type"] for message in reply["messages"]] == [mark]
    assert isinstance(messages, list)
    return len(messages) == 1 and mark in messages[0]


CELLS = [(part, marks, dialect) for part, marks in PARTS for dialect in DIALECTS]


@pytest.mark.parametrize(
    ("part", "marks", "dialect"), CELLS, ids=[f"{type(part).__name__}-{dialect}" for part, _, dialect in CELLS]
)
def test_a_part_becomes_what_its_cell_says(
    part: Part, marks: dict[str, Any], dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = type(part).__name__
    way = losses.way(name, dialect)
    assert way is not None
    if (name, dialect) == ("FollowUp", "cx"):
        return  # the handler of the event runs in the same call: the next test
    reply = say(part, dialect)
    if way.kind == "native":
        mark = marks["es" if dialect == "messenger" else dialect]
        assert native_form(reply, dialect, mark)
        assert "left out" not in caplog.text
    elif way.kind == "converted":
        assert reply == CONVERTED[name, dialect]
        assert "left out" not in caplog.text
    else:
        assert reply == {}
        assert f"the handler: {name} in a reply was left out" in caplog.text
        assert way.note in caplog.text


def test_a_follow_up_on_cx_is_converted_into_the_other_handlers_words() -> None:
    from fulfillment import on

    @on.intent("go")
    def go() -> FollowUp:
        return Reply(FollowUp("end"))  # type: ignore[return-value]

    @on.event("end")
    def end() -> str:
        return "end"

    assert words_of(ask(webhook_of(go, end), cx_request("go"))[1]) == ["end"]


def test_the_table_has_a_row_for_every_part_there_is_and_the_tests_have_one_of_each() -> None:
    classes = {getattr(fulfillment, name, None) for name in fulfillment.__all__}
    inner = {"Button", "SelectItem", "BrowseItem", "Column", "Row", "LinkButton", "MediaObject", "Entity", "Event"}
    inner |= {"Icon", "Chip", "RbmReply", "RbmAction", "RbmCard", "SystemIntent", "Message"}
    elements = {"Accordion", "Chips", "CustomElement", "Description", "Divider", "Info", "ListItem", "Picture"}
    elements |= {"RichButton"}
    parts = {kind.__name__ for kind in classes if isinstance(kind, type) and issubclass(kind, Part)}
    assert set(TABLE) == parts - inner - elements
    assert {type(part).__name__ for part, _ in PARTS} == set(TABLE)


@pytest.mark.parametrize("dialect", ["cx", "v1"])
def test_every_encoder_is_for_a_cell_that_is_not_dropped(dialect: str) -> None:
    encoders: dict[str, Any] = __import__(f"fulfillment.dialects.{dialect}.messages", fromlist=["x"])._ENCODERS
    for name in encoders:
        way = losses.way(name, dialect)
        assert way is not None
        assert way.kind != "dropped"


def test_every_es_encoder_is_for_a_native_cell() -> None:
    from fulfillment.dialects.es.messages import _ENCODERS

    for name in _ENCODERS:
        way = losses.way(name, "es")
        assert way is not None
        assert way.kind == "native"


def test_a_dropped_part_is_logged_once_per_handler_with_a_suggestion(caplog: pytest.LogCaptureFixture) -> None:
    from fulfillment import on

    @on.intent("one")
    def one() -> Reply:
        return Reply("words", SessionEntities("store", "a"), BasicCard("T"))

    @on.intent("two")
    def two() -> Reply:
        return Reply("words", BasicCard("T"))

    webhook = webhook_of(one, two)
    for tag in ("one", "one", "two", "one", "two"):
        ask(webhook, cx_request(tag))
    lines = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert len(lines) == 3
    assert sum("use Card" in line for line in lines) == 2
    assert sum("sessionEntityTypes" in line for line in lines) == 1
    assert sum("one" in line.partition("was left out")[0] for line in lines) == 2


def test_es_messenger_is_known_by_its_session_or_its_user() -> None:
    card = Card("T")
    plain = {**es_request("order"), "originalDetectIntentRequest": {"payload": {}}}
    with_user = {**es_request("order"), "originalDetectIntentRequest": {"payload": {"userId": "u"}}}
    slack = {**plain, "originalDetectIntentRequest": {"source": "slack", "payload": {"userId": "u"}}}
    kinds = []
    for body in (plain, with_user, slack, BODIES["messenger"]):
        reply = json.loads(es.encode(Reply(card), es.decode(body, Call()), Settings()).body)
        kinds.append(next(iter(reply["fulfillmentMessages"][0])))
    assert kinds == ["card", "payload", "card", "payload"]


def test_a_card_for_another_platform_stays_a_card_in_messenger() -> None:
    assert "card" in say(Card("T", platform="FACEBOOK"), "messenger")["fulfillmentMessages"][0]


def test_one_command_prints_the_table() -> None:
    out = subprocess.run(
        [sys.executable, "-m", "fulfillment.dialects"], capture_output=True, text=True, check=True
    ).stdout
    lines = out.splitlines()
    assert lines[0] == "| part | ES | ES Messenger | CX | v1 |"
    assert len(lines) == len(TABLE) + 2
    for name, ways in TABLE.items():
        (row,) = [line for line in lines if line.startswith(f"| `{name}` |")]
        for way in ways:
            assert way.kind in row
            assert way.note in row
