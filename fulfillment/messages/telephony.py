"""Messages of Dialogflow Phone Gateway; only agents on API version v2beta1 know them."""

from __future__ import annotations

from dataclasses import dataclass

from . import Message

TELEPHONY = "TELEPHONY"


@dataclass(frozen=True)
class TelephonyPlayAudio(Message):
    """Plays a `gs://` object: mono, 8 kHz, 16-bit linear PCM, readable by the Dialogflow service agent."""

    audio_uri: str
    platform: str = TELEPHONY


@dataclass(frozen=True)
class TelephonySynthesizeSpeech(Message):
    """Speaks `text` or `ssml`, not both."""

    text: str = ""
    ssml: str = ""
    platform: str = TELEPHONY

    def __post_init__(self) -> None:
        """Raise `ValueError` unless exactly one of the forms is given."""
        super().__post_init__()
        if bool(self.text) == bool(self.ssml):
            raise ValueError("TelephonySynthesizeSpeech takes exactly one of text and ssml.")


@dataclass(frozen=True)
class TelephonyTransferCall(Message):
    """Transfers the call to a US number in E.164 form, for example "+15551234567"."""

    phone_number: str
    platform: str = TELEPHONY
