"""Dialogflow CX flexible webhooks: a request and an answer of the agent designer's own making.

The request has no envelope: no tag, no session, no page, only the values that the webhook resource asks for, in the URL
and in a JSON body. The answer is a JSON object or array; the resource's paths pick session parameters out of it.
Source: Google's page on CX webhooks ("Flexible webhooks"), docs/protocol.md 9.
"""

from .answer import after, encode
from .request import decode
from .turn import allowed, first, seconds

__all__ = ["after", "allowed", "decode", "encode", "first", "seconds"]
