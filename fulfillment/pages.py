"""What only Dialogflow CX has: pages with forms, session parameters, transitions. Loaded when first used.

Source of names and meanings: docs/protocol.md 8.1 and 8.2 (google.cloud.dialogflow.cx.v3 PageInfo, SessionInfo).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .parts import Part

State = Literal["", "EMPTY", "INVALID", "FILLED"]


@dataclass(frozen=True)
class FormParameter(Part):
    """A parameter of the current page's form: read from `request.page.form`, or changed by putting one into a `Reply`.

    In a reply `value` sets a new value (None: as it is), `required` makes the parameter optional or required (None: as
    it is), and `state` has an effect only when it is "INVALID": then the page asks again. `just_collected` says, in
    a request, that the user gave the value in this turn. Parameters cannot be added to a form, nor removed.
    """

    name: str
    value: Any = None
    required: bool | None = None
    state: State = ""
    just_collected: bool = False

    @classmethod
    def invalid(cls, name: str) -> FormParameter:
        """Return the part of a reply that drops the value of `name` and lets the page ask for it again."""
        return cls(name, state="INVALID")


@dataclass(frozen=True)
class Page:
    """The current page: its resource name, its display name ("" in old traffic), and its form by parameter name."""

    name: str = ""
    display_name: str = ""
    form: Mapping[str, FormParameter] = field(default_factory=dict)

    @property
    def flow(self) -> str:
        """The resource name of the flow that the page belongs to, "" when it is not known."""
        return self.name.partition("/pages/")[0] if "/flows/" in self.name else ""


@dataclass(frozen=True)
class LanguageInfo:
    """Automatic language detection: BCP-47 codes as sent; `confidence` from 0 to 1."""

    input_language: str = ""
    resolved_language: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, init=False)
class SessionParameters(Part):
    """Session parameters to create, change, or delete with None; the others stay: `SessionParameters(order_id=None)`.

    `SessionParameters({"order-id": "A-1"})` for names that are no Python names.
    """

    parameters: Mapping[str, Any]

    def __init__(self, parameters: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        if parameters is not None and not isinstance(parameters, Mapping):
            raise TypeError(
                f"SessionParameters(...) is {type(parameters).__name__}; expected a dictionary of names to values."
            )
        object.__setattr__(self, "parameters", {**(parameters or {}), **named})
        self.__post_init__()


@dataclass(frozen=True)
class TargetPage(Part):
    """Goes to a page after this turn's fulfillment, whatever the agent's own route says.

    `name` is a page's full resource name, or the id of a page in the current flow; Dialogflow's own ids are
    START_PAGE, CURRENT_PAGE, PREVIOUS_PAGE, END_FLOW and END_SESSION. A reply has one target at most.
    """

    name: str


@dataclass(frozen=True)
class TargetFlow(Part):
    """Goes to a flow after this turn's fulfillment: its full resource name, or its id in the current agent."""

    name: str


@dataclass(frozen=True)
class ReplaceMessages(Part):
    """Drops the agent's own messages of this turn instead of adding to them (`mergeBehavior: REPLACE`)."""
