"""Texts about replies in dialects other than ES, and about flexible routes."""

from __future__ import annotations

from collections.abc import Sequence

from . import Problem


def dropped_part(part: str, dialect: str, suggestion: str) -> str:
    """Tell that a part of a reply has no form in the dialect of this request."""
    return f"{part} in a reply was left out: {dialect} cannot say it. {suggestion}."


def follow_up_drops_messages(handler: str, event: str) -> str:
    """Tell that messages beside a follow-up event are not shown, as in ES."""
    return (
        f"The reply of {handler} has messages beside FollowUp({event!r}): they are dropped, as Dialogflow ES does. "
        "Let the handler of that event say them."
    )


def follow_up_unhandled(event: str, known: Sequence[str]) -> Problem:
    """Nobody handles a follow-up event, which CX leaves to the kit."""
    return Problem(
        404,
        "no-handler",
        "No handler answers this follow-up event.",
        f"FollowUp({event!r}): no handler has @on.event({event!r}); there are {', '.join(map(repr, known)) or 'none'}. "
        "CX has no follow-up events, so the kit runs that handler in the same call: put the mark above it.",
    )


def follow_up_loop(events: Sequence[str], most: int) -> Problem:
    """Follow-up events that lead to one another without end."""
    return Problem(
        500,
        "follow-up-loop",
        "The follow-up events do not end.",
        f"Follow-up events {' -> '.join(map(repr, events))}: at most {most} may be chained in one turn, and none may "
        "lead back to itself with the same parameters. Let one of these handlers answer with words.",
    )


def no_current_flow(part: str) -> str:
    """Tell that a page cannot be named without the flow it belongs to."""
    return (
        f"The request names no current page, so {part} cannot be turned into a page's full name and was left out. "
        "A real agent always sends pageInfo.currentPage; else give the full resource name."
    )


def no_form_parameter(name: str, form: Sequence[str]) -> str:
    """Tell that the current page's form has no such parameter."""
    return (
        f"FormParameter({name!r}): the current page's form has {', '.join(map(repr, form)) or 'no parameters'}. "
        "A webhook cannot add one; Dialogflow ignores it."
    )


def not_a_flexible_answer(handler: str, found: object) -> Problem:
    """A flexible route returned something that is no JSON object or array."""
    asked = "Did you forget to return?" if found is None else "Put it into a dictionary."
    return Problem(
        500,
        "no-reply",
        "The handler gave no answer.",
        f"{handler} returned {type(found).__name__}; a flexible webhook answers with a dictionary, a dataclass or a "
        f"list of them. {asked}",
    )


def route_method(method: str, path: str, allowed: Sequence[str]) -> Problem:
    """A path that flexible webhooks may call, but not with this method."""
    problem = Problem(
        405,
        "method-not-allowed",
        f"{path[:80]} answers {', '.join(allowed)}.",
        f"Found: {method[:20]!r} {path[:80]!r}. Expected one of {', '.join(allowed)}: change the method in the webhook "
        "resource, or @on.route(..., methods=[...]).",
    )
    problem.allow = allowed
    return problem


def not_dialogflow(kind: str, signs: str) -> Problem:
    """A body of a Google product that is not Dialogflow."""
    return Problem(
        400,
        "not-understood",
        f"This is {kind}, not a Dialogflow webhook request.",
        f"Found: {kind} (members {signs}). Expected: a Dialogflow request. Let the project's fulfillment go through "
        "a Dialogflow agent, and link that agent to this webhook.",
    )
