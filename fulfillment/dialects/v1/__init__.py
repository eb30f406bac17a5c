"""Dialogflow v1, the legacy form of ES, with Actions on Google: `decode` a request, `encode` a reply."""

from .. import after, first, seconds
from .reply import encode
from .request import decode

__all__ = ["after", "decode", "encode", "first", "seconds"]
