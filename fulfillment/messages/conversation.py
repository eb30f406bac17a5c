"""Messages that only Dialogflow CX knows, besides `Text`, `Payload` and what is converted (docs/protocol.md 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import Message


@dataclass(frozen=True)
class OutputAudioText(Message):
    """What is spoken, `text` or `ssml`, not both. If a reply has one, its texts are shown and not spoken."""

    text: str = ""
    ssml: str = ""
    platform: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` unless exactly one of the forms is given."""
        super().__post_init__()
        if bool(self.text) == bool(self.ssml):
            raise ValueError("OutputAudioText takes exactly one of text and ssml.")


@dataclass(frozen=True)
class PlayAudio(Message):
    """A sound file for the client to play; Dialogflow passes the URI on unread."""

    audio_uri: str
    platform: str = ""


@dataclass(frozen=True)
class ConversationSuccess(Message):
    """Says that the user got what they came for; `metadata` is the agent's own."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    platform: str = ""


@dataclass(frozen=True)
class KnowledgeInfoCard(Message):
    """Lets Dialogflow Messenger draw a knowledge answer as a card."""

    platform: str = ""


@dataclass(frozen=True)
class ToolCall(Message):
    """Asks the client to run a tool: its resource name, the action, and the action's parameters."""

    tool: str
    action: str
    input_parameters: Mapping[str, Any] = field(default_factory=dict)
    platform: str = ""
