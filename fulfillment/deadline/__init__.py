"""The time left in this call, and the bounded pool of threads that handlers run in under it.

Three moments count from the call's arrival: the answer must be out at `settings.deadline`; a handler is given up a
margin before that, so that its 503 is still in time; outside calls (Firestore, HTTP) end a little earlier again, so
that their own error reaches the log instead of a bare "deadline exceeded".
"""

from .pool import HandlerPool, HandlerStopped
from .time_left import ANSWER_MARGIN, OUTSIDE_MARGIN, UNBOUND_SECONDS, Deadline, at_most, seconds_left

__all__ = [
    "ANSWER_MARGIN",
    "OUTSIDE_MARGIN",
    "UNBOUND_SECONDS",
    "Deadline",
    "HandlerPool",
    "HandlerStopped",
    "at_most",
    "seconds_left",
]
