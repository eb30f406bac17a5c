"""Dialogflow ES, API versions v2 and v2beta1: `decode` a WebhookRequest, `encode` a WebhookResponse."""

from .reply import encode
from .request import decode

__all__ = ["decode", "encode"]
