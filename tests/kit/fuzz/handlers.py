"""Handlers that take all types of arguments, send all kinds of parts, and let what came in out again."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from fulfillment import (
    Button,
    Card,
    Context,
    EndInteraction,
    EndSlotFilling,
    Entity,
    FollowUp,
    FormParameter,
    Image,
    Parameter,
    Payload,
    QuickReplies,
    Reply,
    Request,
    SessionEntities,
    SessionParameters,
    TargetPage,
    Text,
    WebhookPayload,
    documents,
    on,
    once,
)
from fulfillment.routing.routes import Routes


@on.intent("types")
def types(
    name: str = "",
    count: int = 0,
    ratio: float = 0.0,
    flag: bool = False,
    date: datetime.date | None = None,
    time: datetime.time | None = None,
    moment: datetime.datetime | None = None,
    many: list[str] | None = None,
    thing: dict[str, Any] | None = None,
    city: Annotated[str, Parameter("geo-city")] = "",
) -> Reply:
    """Say what arrived."""
    return Reply(f"{name} {count} {ratio} {flag} {date} {time} {moment} {many} {thing} {city}"[:300])


@on.intent("messages")
def messages(name: str = "x", thing: dict[str, Any] | None = None, many: list[str] | None = None) -> Reply:
    """Send what arrived in every kind of message."""
    return Reply(
        Text(name),
        Card(title=name, subtitle=name, buttons=[Button(name, "https://example.com/")]),
        Image("https://example.com/i.png", name),
        QuickReplies(name, *(many or ["yes"])),
        Payload(thing or {"a": name}),
    )


@on.intent("state")
def state(request: Request, name: str = "", thing: dict[str, Any] | None = None) -> Reply:
    """Set contexts, entities and payloads from what arrived."""
    return Reply(
        "Done.",
        Context("order", parameters={"name": name, **(thing or {})}),
        SessionEntities("store", Entity(name or "main", name or "main")),
        WebhookPayload({"thing": thing, "channel": request.channel, "user": request.user_id}),
        EndInteraction(),
    )


@on.intent("pages")
def pages(name: str = "", thing: dict[str, Any] | None = None) -> Reply:
    """Set CX's session and form parameters from what arrived, and go to another page."""
    return Reply(
        "Done.",
        SessionParameters({"name": name, **(thing or {})}),
        FormParameter(name, thing),
        TargetPage(name or "START_PAGE"),
    )


@on.intent("event")
def event(name: str = "e", thing: dict[str, Any] | None = None) -> Reply:
    """Start an event named by the caller."""
    return Reply(FollowUp(name or "e", thing or {}))


@on.intent("lookup")
def lookup(name: str, count: int = 1) -> Reply:
    """Look up what the caller names."""
    found = documents.get("things", name)
    others = documents.query("things", ("name", "==", name), ("count", ">=", count), limit=3)
    return Reply(f"{found} {len(others)}"[:300])


@on.intent("change")
@once(key="name", window=60)
def change(name: str, count: int = 1) -> Reply:
    """Change what the caller names, once."""

    def decide(found: documents.Document | None, writes: documents.Writes) -> int:
        total = (found["count"] if found else 0) + count % 1000
        writes.save({"count": total})
        return int(total)

    return Reply(f"Now {documents.change('things', name, decide)}.")


@on.intent("everything")
@on.fallback
def everything(request: Request) -> Reply:
    """Read every member of the request, and send much of it back."""
    read = {name: getattr(request, name) for name in dir(request) if not name.startswith("_") and name != "original"}
    words = f"{read['event']} {read['parent_intent']} {read['misses']} {request.original('name')} {read['sentiment']}"
    return Reply(
        f"{words} {read['followup_context']}"[:300],
        Context("seen", parameters=dict(request.parameters)),
        SessionEntities("kind", request.user_id or "nobody"),
        EndSlotFilling(),
    )


routes = Routes([types, messages, state, pages, event, lookup, change, everything])
