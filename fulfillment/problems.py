"""Errors with an HTTP status, a short cause, and texts that say what was found, what was expected, what to do next.

The caller sees `status`, `cause` and `message`; `detail` goes to the log only.
"""

from __future__ import annotations


class SetupError(Exception):
    """Stops the start: a setting or a handler that cannot work."""


class Problem(Exception):
    """Ends one call with a named cause.

    `status` is the HTTP status, `cause` a fixed kebab-case word, `message` a short sentence for the caller (nothing
    of the inside), `detail` what a developer reads in the log.
    """

    def __init__(self, status: int, cause: str, message: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail or message}")
        self.status = status
        self.cause = cause
        self.message = message
        self.detail = detail


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
