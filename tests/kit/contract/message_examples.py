"""One example of each part of a reply, as docs/messages.md shows it. Each is a Python expression: of a part, or of several."""

from __future__ import annotations

from fulfillment import Raw
from fulfillment.parts import Part

CHAPTERS: dict[str, dict[str, str]] = {
    "For every channel": {
        "Text": 'Text("Hello!", "Good day!")',
        "Image": 'Image("https://shop.example/kettle.png", accessibility_text="A kettle")',
        "QuickReplies": 'QuickReplies("Which colour?", "Red", "Blue")',
        "Card": (
            'Card("Order A-1", subtitle="Shipped", image_uri="https://shop.example/a-1.png", '
            'buttons=[Button("Track it", "https://shop.example/track/A-1")])'
        ),
        "Payload": 'Payload(facebook={"text": "Hello"}, line={"type": "text", "text": "Hello"})',
        "Raw": 'Raw({"text": {"text": ["As it stands"]}})',
    },
    "How the conversation goes on": {
        "Context": 'Context("order", lifespan=3, parameters={"order_id": "A-1"})',
        "FollowUp": 'FollowUp("table_full", {"date": "2026-12-01"})',
        "SessionEntities": 'SessionEntities("store", Entity("main", "Main Street", "the big one"), "harbour")',
        "EndInteraction": "EndInteraction()",
        "HandOff": 'HandOff({"queue": "orders"})',
        "EndSlotFilling": "EndSlotFilling()",
        "WebhookPayload": 'WebhookPayload({"order": {"id": "A-1"}})',
    },
    "Dialogflow Messenger": {
        "RichContent": (
            'RichContent(Info("Order A-1", subtitle="Shipped", link="https://shop.example/A-1"), '
            'Description("Your parcel", "Two kettles", "One cup"), '
            'Picture("https://shop.example/a-1.png", "A parcel"), '
            'ListItem("Kettle", subtitle="1.7 l", event=Event("SHOW", {"product": "kettle"})), Divider(), '
            'Accordion("Details", text="Sent on Monday"), '
            'RichButton("Call us", link="tel:+15551234567", icon=Icon("call", "#FF9800")), '
            'Chips("Cancel it", Chip("Our shop", "https://shop.example")), '
            'CustomElement({"type": "html", "html": "<b>Thank you</b>"}))'
        ),
    },
    "Only Dialogflow CX": {
        "SessionParameters": 'SessionParameters(order_id="A-1", guests=None)',
        "FormParameter": 'FormParameter("guests", value=4, required=False)',
        "TargetPage": 'TargetPage("END_SESSION")',
        "TargetFlow": 'TargetFlow("00000000-0000-0000-0000-000000000000")',
        "ReplaceMessages": "ReplaceMessages()",
        "OutputAudioText": 'OutputAudioText(ssml="<speak>Hello</speak>")',
        "PlayAudio": 'PlayAudio("https://shop.example/ring.wav")',
        "ConversationSuccess": 'ConversationSuccess({"reason": "ordered"})',
        "KnowledgeInfoCard": "KnowledgeInfoCard()",
        "ToolCall": (
            'ToolCall("projects/p/locations/global/agents/a/tools/t", "track", input_parameters={"order_id": "A-1"})'
        ),
    },
    "Telephone": {
        "TelephonyPlayAudio": 'TelephonyPlayAudio("gs://shop/ring.wav")',
        "TelephonySynthesizeSpeech": 'TelephonySynthesizeSpeech("One moment please")',
        "TelephonyTransferCall": 'TelephonyTransferCall("+15551234567")',
    },
    "RCS Business Messaging": {
        "RbmText": 'RbmText("Shall we?", RbmReply("Yes", "yes"), RbmAction("Call", "call", dial="+15551234567"))',
        "RbmStandaloneCard": (
            'RbmStandaloneCard(RbmCard("Kettle", "1.7 l", file_uri="https://shop.example/kettle.png", '
            'suggestions=[RbmReply("Buy")]))'
        ),
        "RbmCarouselCard": 'RbmCarouselCard(RbmCard("Kettle"), RbmCard("Cup"), width="SMALL")',
    },
    "Google Assistant": {
        "SimpleResponse": 'SimpleResponse("Hello", display_text="Hello!")',
        "BasicCard": (
            'SimpleResponse("Here it is"), BasicCard("Order A-1", formatted_text="**Shipped**", '
            'buttons=[LinkButton("Track it", "https://shop.example/A-1")])'
        ),
        "Suggestions": 'SimpleResponse("Here it is"), Suggestions("Cancel it", "Another order")',
        "LinkOutSuggestion": 'SimpleResponse("Here it is"), LinkOutSuggestion("Our shop", "https://shop.example")',
        "ListSelect": 'SimpleResponse("Here it is"), ListSelect([SelectItem("red", "Red"), SelectItem("blue", "Blue")], title="Colours")',
        "CarouselSelect": (
            'SimpleResponse("Here it is"), CarouselSelect([SelectItem("red", "Red", "Warm", ["crimson"]), SelectItem("blue", "Blue", "Cold")])'
        ),
        "BrowseCarouselCard": (
            'SimpleResponse("Here it is"), BrowseCarouselCard([BrowseItem("Tea", "https://shop.example/tea"), '
            'BrowseItem("Coffee", "https://shop.example/coffee")])'
        ),
        "TableCard": (
            'SimpleResponse("Here it is"), TableCard([Column("Day"), Column("Open", "CENTER")], [Row(["Monday", "10-23"]), Row(["Tuesday", "10-23"])])'
        ),
        "MediaContent": 'SimpleResponse("Here it is"), MediaContent(MediaObject("Our song", "https://shop.example/song.mp3"))',
        "GooglePayload": (
            'GooglePayload([SimpleResponse("May I know where you are?")], '
            'system_intent=ask_permission("To find a shop", "DEVICE_COARSE_LOCATION"))'
        ),
    },
}
"""The chapters of docs/messages.md: the name of a part, and an expression that makes one."""

IN_A_DIALECT: dict[tuple[str, str], tuple[Part, ...]] = {("Raw", "v1"): (Raw({"type": 0, "speech": "As it stands"}),)}
"""What takes an example's place in one dialect: a raw message is each dialect's own."""
