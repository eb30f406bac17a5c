"""How a call is refused: a gRPC status code and a text that says what was found and what was expected."""

from __future__ import annotations

import grpc


class Refused(Exception):
    """A call, or one write of a batch, that cannot be done.

    Args:
        code: the gRPC status the client turns into its exception.
        message: what was found, and what was expected instead.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    """The request itself is wrong, whatever the database holds."""
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(name: str) -> Refused:
    """There is no such document."""
    return Refused(grpc.StatusCode.NOT_FOUND, f"No document to update: {name}")


def already_exists(name: str) -> Refused:
    """A document that was to be created is there."""
    return Refused(grpc.StatusCode.ALREADY_EXISTS, f"Document already exists: {name}")


def failed_precondition(message: str) -> Refused:
    """The state of the database forbids it; repeating the same call does not help."""
    return Refused(grpc.StatusCode.FAILED_PRECONDITION, message)


def aborted(message: str) -> Refused:
    """A transaction lost against another; the client starts it again."""
    return Refused(grpc.StatusCode.ABORTED, message)


def unimplemented(what: str) -> Refused:
    """Firestore can do it, the local one cannot."""
    return Refused(grpc.StatusCode.UNIMPLEMENTED, f"The local Firestore does not implement {what}.")
