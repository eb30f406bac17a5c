"""`Expect: 100-continue`: a caller that asks before it sends a body is told to go on when it has passed the guard.

gunicorn says "100 Continue" to everybody, before the application is called. Its hook `pre_request` comes earlier still.
functions-framework reads no settings file of gunicorn's, so the hook is set as the default; where gunicorn has read its
settings before (the command `gunicorn`), callers are told to go on at once, as without this file.
"""

from __future__ import annotations

from typing import Any


def hold_back() -> None:
    """Let gunicorn leave the word to the door. To be called before gunicorn reads its settings."""
    try:
        from gunicorn.config import PreRequest
    except ImportError:  # Flask's own server
        return
    PreRequest.default = staticmethod(_say_nothing_yet)


def _say_nothing_yet(worker: Any, req: Any) -> None:
    req._expected_100_continue = False
