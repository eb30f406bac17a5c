"""Dialogflow ES, API versions v2 and v2beta1: `decode` a WebhookRequest, `encode` a WebhookResponse."""

from .. import after, first, seconds
from .reply import encode
from .request import decode

__all__ = ["after", "decode", "encode", "first", "seconds"]
