"""What a handler's arguments lack: parameters that were not sent, contexts that are not active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import Problem
from .nearest import MOST_SENT_NAMES, nearest

if TYPE_CHECKING:
    from ..request import Request
    from ..routing.arguments import Argument


def missing(handler: str, arguments: Sequence[Argument], request: Request) -> Problem:
    """Required arguments have no value although slot filling is over."""
    parameters = [argument for argument in arguments if not argument.is_context]
    contexts = [argument.source for argument in arguments if argument.is_context]
    told = [f"Missing: {_listed(parameters, '{}')}."] if parameters else []
    found = []
    if parameters:
        found.append(_parameters(handler, parameters, list(request.parameters), list(request.contexts)))
    if contexts:
        noun = "Context" if len(contexts) == 1 else "Contexts"
        told.append(f"{noun} not active: {', '.join(contexts)}.")
        found.append(_contexts(handler, contexts, list(request.contexts)))
    return Problem(400, "missing-parameter", " ".join(told), " ".join(found))


def bad_context(name: str, expected: str, found: str) -> Problem:
    """An active context that does not hold what a dataclass needs. Its values stay out of the log."""
    return Problem(
        400,
        "bad-parameter",
        f"Context {name} is not of type {expected}.",
        f"Context {name!r}: {found}; expected the members of {expected}. Dialogflow also writes the current intent's "
        "parameters into every active context: give the members other names than these, or defaults.",
    )


def _parameters(handler: str, missing: Sequence[Argument], sent: Sequence[str], active: Sequence[str]) -> str:
    names = [argument.source for argument in missing]
    lacking = set(names)
    others = [name for name in sent if name not in lacking]
    near = next(filter(None, (nearest(name, others, MOST_SENT_NAMES) for name in names)), "")
    hint = f" Is {near!r} meant? Annotated[str, Parameter({near!r})] names it." if near else ""
    found = f"{handler} needs {_listed(missing)}; the request has {_some(others)}.{hint} "
    kept = [argument for argument in missing if argument.contexts]
    if len(kept) < len(missing):
        found += "Mark the parameter as required in the agent, or give the argument a default or '| None'."
    if kept:
        wanted = ", ".join(repr(argument.contexts[0]) for argument in kept)
        found += (
            "" if found.endswith(" ") else " "
        ) + f"{_listed(kept)} may also be kept in {_not_active(wanted, kept, active)}"
    return found


def _contexts(handler: str, names: Sequence[str], active: Sequence[str]) -> str:
    return f"{handler} needs {_not_active(', '.join(map(repr, names)), names, active)}"


def _not_active(wanted: str, names: Sequence[object], active: Sequence[str]) -> str:
    noun, is_not = ("context", "is") if len(names) == 1 else ("contexts", "are")
    return (
        f"{noun} {wanted}, which {is_not} not active (active: {_some(active)}). The lifespan "
        "may be over, or nothing has set it: set it in an earlier reply or intent, make it an input context of this "
        "intent, or give the argument a default or '| None'."
    )


def _some(names: Sequence[str]) -> str:
    """Return names that a request holds, as many and as long as a log line bears."""
    more = f" and {len(names) - MOST_SENT_NAMES} more" if len(names) > MOST_SENT_NAMES else ""
    return (", ".join(repr(name)[:100] for name in names[:MOST_SENT_NAMES]) or "none") + more


def _listed(arguments: Sequence[Argument], form: str = "{!r}") -> str:
    return ", ".join(form.format(argument.source) for argument in arguments)
