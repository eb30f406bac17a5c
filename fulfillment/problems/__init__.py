"""Errors with an HTTP status, a short cause, and texts that say what was found, what was expected, what to do next.

The caller sees `status`, `cause` and `message`; `detail` goes to the log only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .kinds import Problem as Problem
from .kinds import SetupError as SetupError
from .kinds import where

if TYPE_CHECKING:
    from ..request import Request
    from ..routing.handler import Handler


def unauthenticated(detail: str) -> Problem:
    """No credential, or a wrong one. `detail` names the check that failed, never the credential."""
    return Problem(401, "unauthenticated", "A valid credential is required.", detail)


def not_allowed(detail: str) -> Problem:
    """A sound credential of somebody who may not call."""
    return Problem(403, "not-allowed", "This caller may not call this webhook.", detail)


def access_not_configured(detail: str) -> Problem:
    """Nobody has chosen yet who may call."""
    return Problem(403, "access-not-configured", "This webhook has not been told who may call it.", detail)


def credentials_unavailable(detail: str) -> Problem:
    """The certificates that tokens are checked against could not be fetched."""
    return Problem(503, "certificates-unavailable", "The caller cannot be verified right now.", detail)


def bad_body(found: str, expected: str) -> Problem:
    """The body is not what any dialect sends."""
    return Problem(400, "not-understood", f"Expected {expected}.", f"Found: {found}. Expected: {expected}.")


def body_too_large(limit: int) -> Problem:
    """The body is longer than any webhook call."""
    return Problem(413, "body-too-large", f"The body may have at most {limit} bytes.")


def body_too_slow() -> Problem:
    """The body had not arrived when the call's time was over."""
    return Problem(
        408,
        "body-too-slow",
        "The body did not arrive in time.",
        "The body was not complete when the time of the call was over. Dialogflow sends a few KiB at once: who called?",
    )


def body_incomplete(found: str) -> Problem:
    """The body ended before its announced end, or what announces its parts cannot be read."""
    return Problem(
        400,
        "body-incomplete",
        "The body is not complete.",
        f"Found: a body that ends early or is damaged ({found}). Expected: as many bytes as Content-Length says, or "
        "sound chunks. Did the caller, or a proxy on the way, give up?",
    )


def invalid_reply(wrong: str) -> Problem:
    """A handler's reply that Dialogflow could not parse."""
    return Problem(500, "invalid-reply", "The handler's reply is not valid.", f"The reply was not sent: {wrong}.")


def reply_limit(broken: str) -> Problem:
    """A handler's reply that breaks a limit of a channel or of Dialogflow."""
    return Problem(
        500,
        "reply-limit",
        "The handler's reply breaks a limit.",
        f"{broken} (an error in tests and local runs, a warning in production).",
    )


def reply_too_large(found: int, limit: int) -> Problem:
    """A reply whose texts alone do not fit."""
    return Problem(
        500,
        "reply-too-large",
        "The handler's reply is too large.",
        f"The reply has {found} bytes and its texts alone do not fit either; Dialogflow takes at most {limit}. "
        "Send fewer or shorter messages.",
    )


def reply_cut_to_texts(intent: str, found: int, limit: int) -> str:
    """Tell that only the texts of a reply went out."""
    return (
        f"The reply to intent {intent!r} has {found} bytes; Dialogflow takes at most {limit}. "
        "Only its texts were sent. Send fewer or shorter messages."
    )


def followup_drops_messages(intent: str, event: str) -> str:
    """Tell that Dialogflow will not show the messages beside a follow-up event."""
    return (
        f"The reply to intent {intent!r} has messages beside FollowUp({event!r}): Dialogflow drops them. "
        "Let the intent with that event say them."
    )


def followup_loops(intent: str, event: str) -> str:
    """Tell that an event was answered with the same event."""
    return (
        f"The reply to intent {intent!r} answers event {event!r} with the same event. Dialogflow follows three such "
        "links in a turn and then stops: check a parameter or context before sending it again."
    )


def no_session(what: str, name: str) -> str:
    """Tell that session state cannot be set."""
    return f"The request has no session, so {what} {name!r} cannot be set. A real agent always sends one."


def needs_v2beta1(part: str, intent: str) -> str:
    """Tell that a part has no form in API version v2."""
    return (
        f"{part} in the reply to intent {intent!r} was left out: API version v2 cannot say it. If the agent is set to "
        "v2beta1, set WEBHOOK_API_VERSION=v2beta1; else switch it on in the intent's settings in the console."
    )


def deadline_exceeded() -> Problem:
    """The handler did not return in time."""
    return Problem(
        503,
        "deadline-exceeded",
        "The handler did not answer in time.",
        "The handler was still running when its time was over. Shorten what it waits for, or declare what to say "
        'then: @on.intent(..., late="One moment, please ask again.").',
    )


def too_busy(size: int) -> Problem:
    """No place for one more handler."""
    return Problem(
        503,
        "too-busy",
        "All handlers are busy.",
        f"All {size} handler places were taken. Raise THREADS (with the service's concurrency), the number of "
        "instances, or shorten what handlers wait for.",
    )


def handler_stuck(seconds: float, stack: str) -> str:
    """Tell of a handler that cannot be ended: it waits in a call that knows no time limit."""
    return (
        f"A handler still runs {seconds:g} s after it was given up, and holds a place in the pool. It waits in a call "
        f"without a time limit; give that call one (fulfillment.seconds_left() tells how much time there is).\n{stack}"
    )


def worker_given_up(stuck: int, size: int) -> str:
    """Tell that this process ends, to be replaced."""
    return (
        f"{stuck} of {size} handler places are lost to handlers that cannot be ended (their stacks are in the lines "
        "before). This worker ends after its other calls, and the server starts another."
    )


def no_handler(request: Request, known: Sequence[str]) -> Problem:
    """Nobody handles this intent."""
    from ..routing.paste import advice

    return Problem(404, "no-handler", "No handler answers this intent.", advice(request, known))


def newer_file(request: Request, folders: Sequence[str], imported_at: float) -> Problem | None:
    """Nobody handles this intent, and a file of the handlers came after they were imported; None where none did."""
    from ..routing.paste import newer_file_advice

    advice = newer_file_advice(request, folders, imported_at)
    return Problem(404, "no-handler", "No handler answers this intent.", advice) if advice else None


def no_reply(handler: str, result: object) -> Problem:
    """A handler returned something that is no reply."""
    asked = "Did you forget to return?" if result is None else "Wrap it: Reply(...)."
    return Problem(
        500,
        "no-reply",
        "The handler gave no reply.",
        f"{handler} returned {type(result).__name__}; expected a Reply, a string or a message. {asked} "
        "To keep the agent's own response, return Reply.keep().",
    )


def handler_failed(handler: str, error: BaseException) -> Problem:
    """A handler raised an exception; the log line holds its traceback."""
    return Problem(500, "handler-failed", "The handler failed.", f"{handler} raised {type(error).__name__}.")


def bad_parameter(name: str, expected: str, value: Any, found: str) -> Problem:
    """A value that does not fit its argument's type. The value itself is the user's and stays out of the log."""
    return Problem(
        400,
        "bad-parameter",
        f"Parameter {name} is not of type {expected}.",
        f"Parameter {name!r}: {found} (JSON {type(value).__name__}); expected {expected}. "
        "Change the argument's type, or the parameter's entity in the agent.",
    )


def not_a_dialect(found: str) -> Problem:
    """JSON that none of the known wire formats explains, on a path without a route for CX flexible webhooks."""
    return Problem(
        400,
        "not-understood",
        "This is no Dialogflow webhook request.",
        f"Found: {found}. Expected: a WebhookRequest of Dialogflow ES (member 'queryResult'), CX ('fulfillmentInfo') "
        "or v1 ('result'), or a path that @on.route names, for a CX flexible webhook.",
    )


def wrong_content_type(found: str) -> Problem:
    """A body that does not say it is JSON."""
    return Problem(
        400,
        "not-understood",
        "Expected content-type application/json.",
        f"Found: content-type {found[:80]!r}. Expected: application/json, as Dialogflow sends it "
        "(curl: -H 'content-type: application/json').",
    )


def method_not_allowed(method: str) -> Problem:
    """Dialogflow calls webhooks with POST."""
    return Problem(
        405,
        "method-not-allowed",
        "This is a Dialogflow webhook: it answers POST.",
        f"Found: {method[:20]!r}. Expected: POST with a JSON body.",
    )


def internal_error(error: BaseException) -> Problem:
    """A fault of the kit itself; the log line holds its traceback."""
    problem = Problem(500, "internal-error", "The webhook failed.", f"The kit raised {type(error).__name__}.")
    problem.error = error
    return problem


def bad_signature(function: Callable[..., Any], wrong: str) -> SetupError:
    """A handler whose arguments no request could fill."""
    return SetupError(f"Handler {where(function)}: {wrong}.")


def async_handler(function: Callable[..., Any]) -> SetupError:
    """A coroutine cannot be a handler."""
    return SetupError(
        f"Handler {where(function)} is 'async def'; expected a plain 'def'. Handlers run on threads of their own, "
        "so they may simply wait."
    )


def bad_mark(found: str, example: str) -> SetupError:
    """A mark that was written in a way that cannot work."""
    return SetupError(f"Found @on.{found}; expected for example @on.{example}.")


def two_handlers(kind: str, name: str, first: Handler, second: Handler) -> SetupError:
    """Two functions are marked for the same thing."""
    return SetupError(
        f"Two handlers for {kind} {name!r}: {first.name} ({first.file}:{first.line}) and "
        f"{second.name} ({second.file}:{second.line}). Remove or rename one."
    )


def replaced_handler(first: Callable[..., Any], second: Callable[..., Any]) -> SetupError:
    """Two handlers of one module have the same function name, so the first is gone and nobody would answer for it."""
    return SetupError(
        f"Two handlers are functions of the same name, so the second replaces the first: {where(first)} and "
        f"{where(second)}. Rename one."
    )


def missing_variable(place: str, name: str) -> SetupError:
    """A module of the handlers reads an environment variable while it is loaded, and nobody has set it."""
    return SetupError(
        f"{place} needs the environment variable {name} when it is loaded, and it is not set. Either read it inside "
        "of the handler, so that only the handler's calls need it, or set it: on your own machine before the command "
        f"({name}=... ./deploy/local.sh), for the deployed function in deploy/settings.env (FUNCTION_ENV={name}=...)."
    )


def firestore_unavailable(found: str) -> Problem:
    """Firestore did not answer within the time of the call."""
    return Problem(
        503,
        "firestore-unavailable",
        "The database did not answer in time.",
        f"Firestore did not answer in time: {found}. Locally, is it running (./deploy/local.sh starts one)? "
        "In the cloud, compare its region with the function's.",
    )


def firestore_refused(found: str) -> Problem:
    """Firestore answered with an error that no retry mends."""
    return Problem(
        500,
        "firestore-refused",
        "The database refused the request.",
        f"Firestore refused: {found}. Check that the database exists, that the function's service account has "
        "roles/datastore.user, and that the index the query needs has been created.",
    )


def firestore_not_configured(found: str) -> Problem:
    """There is no project or credential to make a client with."""
    return Problem(
        503,
        "firestore-unavailable",
        "The database is not configured.",
        f"No Firestore client could be made: {found}. Locally, ./deploy/local.sh starts a Firestore and sets "
        "FIRESTORE_EMULATOR_HOST; for a real one run 'gcloud auth application-default login' and set "
        "GOOGLE_CLOUD_PROJECT.",
    )


def contention(found: str) -> Problem:
    """Other writers were faster until the time was over."""
    return Problem(
        503,
        "contention",
        "Too many changes at once.",
        f"Other calls kept changing the document until the time was over: {found}. Nothing was written.",
    )
