"""Messages of Actions on Google, in the form Dialogflow's API gives them (v2 `Intent.Message`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..parts import Part
from . import Image, Message

ImageDisplay = Literal["", "GRAY", "WHITE", "CROPPED", "BLURRED_BACKGROUND"]
Alignment = Literal["", "LEADING", "CENTER", "TRAILING"]

GOOGLE = "ACTIONS_ON_GOOGLE"


@dataclass(frozen=True)
class SimpleResponse(Message):
    """One spoken bubble: `text_to_speech` or `ssml`, not both; at most 640 characters, at most two a turn."""

    text_to_speech: str = ""
    ssml: str = ""
    display_text: str = ""
    platform: str = GOOGLE

    def __post_init__(self) -> None:
        """Raise `ValueError` unless exactly one of the spoken forms is given."""
        super().__post_init__()
        if bool(self.text_to_speech) == bool(self.ssml):
            raise ValueError("SimpleResponse takes exactly one of text_to_speech and ssml.")


@dataclass(frozen=True)
class LinkButton(Part):
    """A button that opens a web page."""

    title: str
    uri: str


@dataclass(frozen=True)
class BasicCard(Message):
    """A card with at most one button; `formatted_text` (Markdown) is needed unless there is an image."""

    title: str = ""
    subtitle: str = ""
    formatted_text: str = ""
    image: Image | None = None
    buttons: Sequence[LinkButton] = ()
    platform: str = GOOGLE


@dataclass(frozen=True, init=False)
class Suggestions(Message):
    """Chips under the answer: at most 8 different titles of at most 25 characters."""

    titles: Sequence[str]
    platform: str = GOOGLE

    def __init__(self, *titles: str, platform: str = GOOGLE) -> None:
        object.__setattr__(self, "titles", titles)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()


@dataclass(frozen=True)
class LinkOutSuggestion(Message):
    """A chip that opens a web page; the name has at most 20 characters."""

    destination_name: str
    uri: str
    platform: str = GOOGLE


@dataclass(frozen=True)
class SelectItem(Part):
    """One choice of a list or carousel. `key` comes back to the webhook when it is chosen."""

    key: str
    title: str
    description: str = ""
    synonyms: Sequence[str] = ()
    image: Image | None = None


@dataclass(frozen=True)
class ListSelect(Message):
    """A list of 2 to 30 items with different keys and titles."""

    items: Sequence[SelectItem]
    title: str = ""
    subtitle: str = ""
    platform: str = GOOGLE


@dataclass(frozen=True)
class CarouselSelect(Message):
    """A carousel of 2 to 10 items with different keys and titles."""

    items: Sequence[SelectItem]
    platform: str = GOOGLE


@dataclass(frozen=True)
class BrowseItem(Part):
    """One web page of a browsing carousel."""

    title: str
    url: str
    description: str = ""
    footer: str = ""
    image: Image | None = None
    url_type_hint: Literal["", "AMP_ACTION", "AMP_CONTENT"] = ""


@dataclass(frozen=True)
class BrowseCarouselCard(Message):
    """A carousel of 2 to 10 web pages."""

    items: Sequence[BrowseItem]
    image_display: ImageDisplay = ""
    platform: str = GOOGLE


@dataclass(frozen=True)
class Column(Part):
    """A table column."""

    header: str
    alignment: Alignment = ""


@dataclass(frozen=True)
class Row(Part):
    """A table row: the texts of its cells."""

    cells: Sequence[str]
    divider_after: bool = False


@dataclass(frozen=True)
class TableCard(Message):
    """A table; the first three rows and columns are sure to be shown. At most one button."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    subtitle: str = ""
    image: Image | None = None
    buttons: Sequence[LinkButton] = ()
    platform: str = GOOGLE


@dataclass(frozen=True)
class MediaObject(Part):
    """One sound file; `large_image` or `icon`, not both."""

    name: str
    content_url: str
    description: str = ""
    large_image: Image | None = None
    icon: Image | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` when both pictures are given: they are one protobuf oneof."""
        super().__post_init__()
        if self.large_image and self.icon:
            raise ValueError("MediaObject takes large_image or icon, not both.")


@dataclass(frozen=True, init=False)
class MediaContent(Message):
    """Sound to play."""

    media_objects: Sequence[MediaObject]
    platform: str = GOOGLE

    def __init__(self, *media_objects: MediaObject, platform: str = GOOGLE) -> None:
        object.__setattr__(self, "media_objects", media_objects)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()
