"""What a handler returns: a `Reply` made of parts, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .messages import Message, Text
from .parts import Part
from .request import Context

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Part = TypeVar("_Part", bound=Part)


@dataclass(frozen=True)
class FollowUp(Part):
    """Starts the turn over with an event. Dialogflow then drops all messages of this reply, but keeps contexts.

    `name` has at most 150 characters; `parameters` reach the next intent as `#name.parameter`.
    At most three matches can be chained in one turn, so a handler must not answer an event with the same event.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` for an event without a name: Dialogflow would drop the whole reply."""
        super().__post_init__()
        if not self.name:
            raise ValueError("FollowUp(name=...) is empty; expected the name of an event in the agent.")


@dataclass(frozen=True, init=False)
class Entity(Part):
    """One value of an entity type, with the words that mean it. Without synonyms the value is its own."""

    value: str
    synonyms: Sequence[str]

    def __init__(self, value: str, *synonyms: str) -> None:
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "synonyms", synonyms or (value,))
        self.__post_init__()


@dataclass(frozen=True, init=False)
class SessionEntities(Part):
    """Replaces ("OVERRIDE") or extends ("SUPPLEMENT") an entity type for this session, from the next match on.

    The entity type must exist in the agent; `name` is its display name.
    """

    name: str
    entities: Sequence[Entity]
    mode: Literal["OVERRIDE", "SUPPLEMENT"]

    def __init__(
        self, name: str, *entities: Entity | str, mode: Literal["OVERRIDE", "SUPPLEMENT"] = "OVERRIDE"
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(
            self, "entities", tuple(Entity(entity) if isinstance(entity, str) else entity for entity in entities)
        )
        object.__setattr__(self, "mode", mode)
        self.__post_init__()
        if not name or "/" in name:
            raise ValueError(
                f"SessionEntities(name=...) is {name!r:.60}; expected the display name of an entity type in the agent."
            )


@dataclass(frozen=True)
class EndInteraction(Part):
    """Ends the conversation after this reply."""


@dataclass(frozen=True)
class HandOff(Part):
    """Hands the conversation to a person. `metadata` goes along where the dialect can carry it (CX)."""

    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EndSlotFilling(Part):
    """Ends the slot filling that is running, by deleting the contexts that keep it alive."""


@dataclass(frozen=True)
class WebhookPayload(Part):
    """Free JSON that API callers of detectIntent read as `webhookPayload`; integrations do not show it."""

    content: Mapping[str, Any]


class Reply:
    """An answer to the user: `Reply("Words", Card(...), Context(...), ...)`, parts in order.

    A string is a `Text`; an instance of your own dataclass is state for the next turns, as `Context.of` makes it.
    `Reply.keep()` keeps the agent's own response.

    Raises `TypeError` for a part that is none, naming it, and `ValueError` for a reply without parts.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: Part | str | DataclassInstance) -> None:
        if not parts:
            raise ValueError("Reply() has no parts. To keep the agent's own response, return Reply.keep().")
        self.parts: tuple[Part, ...] = tuple([part if isinstance(part, Part) else _part(part) for part in parts])

    @classmethod
    def keep(cls) -> Reply:
        """Return the reply that changes nothing: the agent's own response is used (body `{}`)."""
        kept = cls.__new__(cls)
        kept.parts = ()
        return kept

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages, in order."""
        return tuple(part for part in self.parts if isinstance(part, Message))

    @property
    def text(self) -> str:
        """The words every channel shows: the first variant of each text without a platform, joined by newlines."""
        return "\n".join([part.variants[0] for part in self.parts if isinstance(part, Text) and not part.platform])

    @property
    def contexts(self) -> dict[str, Context]:
        """The contexts that this reply sets (or deletes, with lifespan 0), by name."""
        return {part.name: part for part in self.parts if isinstance(part, Context)}

    def find(self, kind: type[_Part]) -> _Part | None:
        """Return the first part of that type, or None: `reply.find(FollowUp)`."""
        return next((part for part in self.parts if isinstance(part, kind)), None)

    def __add__(self, other: Reply | Part | str | DataclassInstance) -> Reply:
        """Return both replies' parts as one reply; a single part, a string or a dataclass may be added too."""
        if isinstance(other, Part | str) or _is_state(other):
            other = Reply(other)  # type: ignore[arg-type]
        if not isinstance(other, Reply):
            return NotImplemented
        joined = Reply.keep()
        joined.parts = (*self.parts, *other.parts)
        return joined

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reply) and self.parts == other.parts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Reply({', '.join(map(repr, self.parts))})" if self.parts else "Reply.keep()"


def _part(given: object) -> Part:
    if isinstance(given, str):
        return Text(given)
    if _is_state(given):
        return Context.of(given)  # type: ignore[arg-type]
    raise TypeError(
        f"Reply(...) got a {type(given).__name__}; expected a string, a message such as Card, another part such as "
        "Context, or a dataclass of yours to keep as state."
    )


def _is_state(given: object) -> bool:
    from .state import is_state  # only the few replies that keep state load it

    return is_state(given)
