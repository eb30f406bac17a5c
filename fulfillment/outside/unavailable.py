"""`outside.Unavailable`: in a file of its own, since what it derives from takes 60 ms to import."""

from __future__ import annotations

from requests import RequestException


class Unavailable(RequestException):
    """The other side did not answer, in time or at all. The message names the host, never path or query.

    Also a `requests.RequestException`, and so an `OSError`: what catches those catches this. `outage` says whether
    the other side failed, which its circuit counts; False where it answered, but with what cannot be taken (too long,
    a forbidden redirect), and where nothing was sent.
    """

    def __init__(self, message: str = "", *, outage: bool = True) -> None:
        super().__init__(message)
        self.outage = outage


Unavailable.__module__ = "fulfillment.outside"  # where everybody finds it, tracebacks and pickles included
