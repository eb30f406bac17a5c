"""What Actions on Google says in a request: `request.assistant`. Loaded when first read.

Source: docs/protocol.md 7.1 (version 2, and version 1 with its snake_case names). Everything here is under the
caller's control: the user id is no proof of identity, and tokens are the user's, never the caller's credential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dialects.members import member, object_in, objects_in, text_in, true_in

_YES_OR_NO = ("PERMISSION", "CONFIRMATION", "IS_FINAL_REPROMPT")
_VALUES = (
    "textValue",
    "intValue",
    "floatValue",
    "datetimeValue",
    "placeValue",
    "extension",
    "structuredValue",
    "rawText",
)


@dataclass(frozen=True)
class User:
    """Who speaks, as far as Google tells: `locale` like en-US, `last_seen` ISO 8601 ("" on first contact).

    `storage` is the text that an earlier reply kept; `verification` GUEST, VERIFIED or UNKNOWN; `access_token` and
    `id_token` come from account linking.
    """

    id: str = ""
    locale: str = ""
    last_seen: str = ""
    storage: str = ""
    verification: str = ""
    permissions: Sequence[str] = ()
    display_name: str = ""
    given_name: str = ""
    family_name: str = ""
    access_token: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    entitlements: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Argument:
    """One argument of the input. `value` is what it holds: text, a number, an object, or true or false.

    A false `boolValue` is not sent at all, so `value` is False where nothing else is there. `status` is the error
    code where the user refused (0: none); `text` is the user's own wording.
    """

    name: str
    value: Any = False
    text: str = ""
    status: int = 0


@dataclass(frozen=True)
class Assistant:
    """The Actions on Google side of a request; everything is empty on other channels.

    `capabilities` are the present surface's, like "actions.capability.SCREEN_OUTPUT"; `available_capabilities` those
    of the user's other devices. `intent` is like "actions.intent.OPTION", `input_type` TOUCH, VOICE, KEYBOARD or URL.
    """

    version: str = ""
    user: User = field(default_factory=User)
    conversation_id: str = ""
    conversation_type: str = ""
    intent: str = ""
    query: str = ""
    input_type: str = ""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    available_capabilities: frozenset[str] = frozenset()
    location: Mapping[str, Any] = field(default_factory=dict)
    in_sandbox: bool = False

    @property
    def has_screen(self) -> bool:
        """Whether the present surface can show something."""
        return "actions.capability.SCREEN_OUTPUT" in self.capabilities

    def argument(self, name: str) -> Any:
        """Return the value of an argument, for example of "OPTION" the chosen key; None where it is not there."""
        found = self.arguments.get(name)
        return found.value if found else None


def read(payload: Mapping[str, Any], version: str = "") -> Assistant:
    """Read an AppRequest of version 1 or 2; raises nothing."""
    if not payload:
        return Assistant()
    conversation = object_in(payload, "conversation")
    inputs = objects_in(payload, "inputs")
    first: Mapping[str, Any] = inputs[0] if inputs else {}
    spoken = objects_in(first, "rawInputs")
    words: Mapping[str, Any] = spoken[0] if spoken else {}
    surface = object_in(payload, "surface")
    return Assistant(
        version=version,
        user=_user(object_in(payload, "user")),
        conversation_id=text_in(conversation, "conversationId"),
        conversation_type=_enum(conversation.get("type"), _CONVERSATION_TYPES),
        intent=text_in(first, "intent"),
        query=text_in(words, "query"),
        input_type=_enum(words.get("inputType", words.get("input_type")), _INPUT_TYPES),
        arguments={
            text_in(entry, "name"): _argument(entry)
            for entry in objects_in(first, "arguments")
            if text_in(entry, "name")
        },
        capabilities=_capabilities([surface]),
        available_capabilities=_capabilities(objects_in(payload, "availableSurfaces")),
        location=object_in(object_in(payload, "device"), "location"),
        in_sandbox=true_in(payload, "isInSandbox"),
    )


# Version 1 sends the enums as numbers.
_CONVERSATION_TYPES = ("TYPE_UNSPECIFIED", "NEW", "ACTIVE")
_INPUT_TYPES = ("UNSPECIFIED_INPUT_TYPE", "TOUCH", "VOICE", "KEYBOARD", "URL")


def _enum(value: Any, names: Sequence[str]) -> str:
    if isinstance(value, str):
        return value
    return names[int(value)] if isinstance(value, int | float) and 0 <= value < len(names) else ""


def _user(user: Mapping[str, Any]) -> User:
    profile = object_in(user, "profile")
    permissions = user.get("permissions")
    return User(
        id=text_in(user, "userId"),
        locale=text_in(user, "locale"),
        last_seen=text_in(user, "lastSeen"),
        storage=text_in(user, "userStorage"),
        verification=text_in(user, "userVerificationStatus"),
        permissions=tuple(str(name) for name in permissions) if isinstance(permissions, list) else (),
        display_name=text_in(profile, "displayName"),
        given_name=text_in(profile, "givenName"),
        family_name=text_in(profile, "familyName"),
        access_token=text_in(user, "accessToken"),
        id_token=text_in(user, "idToken"),
        entitlements=objects_in(user, "packageEntitlements"),
    )


def _argument(entry: Mapping[str, Any]) -> Argument:
    name = text_in(entry, "name")
    status = object_in(entry, "status").get("code")
    text = text_in(entry, "rawText") or text_in(entry, "textValue")
    if name in _YES_OR_NO or true_in(entry, "boolValue"):
        value: Any = true_in(entry, "boolValue") or text == "true"
    else:
        value = next((found for name in _VALUES if (found := _member(entry, name)) is not None), False)
    return Argument(name, value, text, int(status) if isinstance(status, int | float) else 0)


def _member(entry: Mapping[str, Any], name: str) -> Any:
    value = member(entry, name)
    if name == "intValue" and isinstance(value, str):  # 64-bit numbers travel as text
        return int(value) if value.lstrip("-").isdigit() else value
    return value


def _capabilities(surfaces: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(
        text_in(capability, "name") for surface in surfaces for capability in objects_in(surface, "capabilities")
    ) - {""}
