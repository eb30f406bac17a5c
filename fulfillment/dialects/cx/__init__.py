"""Dialogflow CX standard webhooks, v3 and v3beta1: `decode` a WebhookRequest, `encode` a WebhookResponse."""

from .reply import encode
from .request import decode
from .turn import after, first, seconds

__all__ = ["after", "decode", "encode", "first", "seconds"]
