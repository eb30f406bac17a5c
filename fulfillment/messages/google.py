"""Actions on Google beyond the API's own messages: `GooglePayload`, the JSON under `payload.google`.

Source: docs/protocol.md 7.2 to 7.4. Google closed the Assistant's conversational actions in 2023; old agents, tests
and bridges still speak this form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..parts import Part
from . import Message
from .assistant import CarouselSelect, LinkOutSuggestion, ListSelect, SelectItem, SimpleResponse, Suggestions

_TYPE = "type.googleapis.com/google.actions.v2"


@dataclass(frozen=True)
class SystemIntent(Part):
    """A question that the Assistant asks by itself, for example for a permission.

    `intent` is the name, for example "actions.intent.PERMISSION"; `spec` the value spec's type, for example
    "google.actions.v2.PermissionValueSpec"; `data` its members.
    """

    intent: str
    spec: str
    data: Mapping[str, Any] = field(default_factory=dict)


def ask_option(choices: ListSelect | CarouselSelect) -> SystemIntent:
    """Let the user choose from a list or carousel; the chosen key comes back as argument OPTION."""
    from ..dialects.google import select

    return SystemIntent("actions.intent.OPTION", "google.actions.v2.OptionValueSpec", select(choices))


def ask_permission(reason: str, *permissions: str) -> SystemIntent:
    """Ask for NAME, DEVICE_PRECISE_LOCATION, DEVICE_COARSE_LOCATION or UPDATE."""
    return SystemIntent(
        "actions.intent.PERMISSION",
        "google.actions.v2.PermissionValueSpec",
        {"optContext": reason, "permissions": list(permissions)},
    )


def ask_confirmation(question: str) -> SystemIntent:
    """Ask a yes-or-no question."""
    return SystemIntent(
        "actions.intent.CONFIRMATION",
        "google.actions.v2.ConfirmationValueSpec",
        {"dialogSpec": {"requestConfirmationText": question}},
    )


def ask_date_time(question: str, date_question: str = "", time_question: str = "") -> SystemIntent:
    """Ask for a date and a time."""
    spec = {
        "requestDatetimeText": question,
        "requestDateText": date_question or question,
        "requestTimeText": time_question or question,
    }
    return SystemIntent("actions.intent.DATETIME", "google.actions.v2.DateTimeValueSpec", {"dialogSpec": spec})


def ask_sign_in(reason: str) -> SystemIntent:
    """Ask the user to link their account."""
    return SystemIntent("actions.intent.SIGN_IN", "google.actions.v2.SignInValueSpec", {"optContext": reason})


def ask_place(question: str, reason: str) -> SystemIntent:
    """Ask for a place; `reason` is said when the device's location is wanted for it."""
    extension = {
        "@type": f"{_TYPE}.PlaceValueSpec.PlaceDialogSpec",
        "requestPrompt": question,
        "permissionContext": reason,
    }
    return SystemIntent(
        "actions.intent.PLACE", "google.actions.v2.PlaceValueSpec", {"dialogSpec": {"extension": extension}}
    )


def ask_new_surface(reason: str, notification: str, *capabilities: str) -> SystemIntent:
    """Ask to go on with another device, for example one with "actions.capability.SCREEN_OUTPUT"."""
    return SystemIntent(
        "actions.intent.NEW_SURFACE",
        "google.actions.v2.NewSurfaceValueSpec",
        {"context": reason, "notificationTitle": notification, "capabilities": list(capabilities)},
    )


def ask_simple_option(*items: SelectItem) -> SystemIntent:
    """Let the user choose by voice alone: titles and synonyms are listened for, nothing is shown."""
    options = [
        {"optionInfo": {"key": item.key, "synonyms": list(item.synonyms)}, "title": item.title} for item in items
    ]
    return SystemIntent(
        "actions.intent.OPTION", "google.actions.v2.OptionValueSpec", {"simpleSelect": {"items": options}}
    )


def ask_link(question: str, url: str) -> SystemIntent:
    """Ask to go on in an app, at a deep link; `question` names where the user goes."""
    dialog = {"extension": {"@type": f"{_TYPE}.LinkValueSpec.LinkDialogSpec", "destinationName": question}}
    return SystemIntent(
        "actions.intent.LINK",
        "google.actions.v2.LinkValueSpec",
        {"openUrlAction": {"url": url}, "dialogSpec": dialog},
    )


def ask_register_update(
    intent: str, frequency: Literal["DAILY", "ROUTINES"] = "DAILY", arguments: Sequence[Mapping[str, Any]] = ()
) -> SystemIntent:
    """Ask to send regular updates: `intent` is run then, with `arguments` as Actions on Google has them."""
    spec: dict[str, Any] = {"intent": intent, "triggerContext": {"timeContext": {"frequency": frequency}}}
    if arguments:
        spec["arguments"] = list(arguments)
    return SystemIntent("actions.intent.REGISTER_UPDATE", "google.actions.v2.RegisterUpdateValueSpec", spec)


def ask_delivery_address(reason: str) -> SystemIntent:
    """Ask for a delivery address; `reason` is said before."""
    return SystemIntent(
        "actions.intent.DELIVERY_ADDRESS",
        "google.actions.v2.DeliveryAddressValueSpec",
        {"addressOptions": {"reason": reason}},
    )


@dataclass(frozen=True)
class GooglePayload(Part):
    """The Assistant's own answer; it overrides the reply's other messages there.

    `items` start with a `SimpleResponse`: at most two of them, and at most one richer item. `no_input_prompts` are
    spoken when the user is silent. A `system_intent` needs `expect_user_response`.
    """

    items: Sequence[Message] = ()
    expect_user_response: bool = True
    suggestions: Suggestions | None = None
    link_out: LinkOutSuggestion | None = None
    system_intent: SystemIntent | None = None
    no_input_prompts: Sequence[SimpleResponse] = ()
    user_storage: str = ""
    reset_user_storage: bool = False
    speech_biasing_hints: Sequence[str] = ()
    speech: str = ""
    is_ssml: bool = False
    final_response: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for a question that would get no answer."""
        super().__post_init__()
        if self.system_intent and not self.expect_user_response:
            raise ValueError("GooglePayload(system_intent=...) needs expect_user_response=True.")
