"""Google's own types as judges: what they refuse to parse, Dialogflow drops."""

from __future__ import annotations

from typing import Any

from google.cloud import dialogflow_v2, dialogflow_v2beta1, dialogflowcx_v3, dialogflowcx_v3beta1
from google.protobuf import json_format

CX = {"v3": dialogflowcx_v3, "v3beta1": dialogflowcx_v3beta1}
ES = {"v2": dialogflow_v2, "v2beta1": dialogflow_v2beta1}


def cx_reply(body: bytes, version: str) -> Any:
    """Parse a CX WebhookResponse, refusing unknown members. Raises `json_format.ParseError`."""
    return json_format.Parse(body, CX[version].WebhookResponse.pb()(), ignore_unknown_fields=False)


def es_reply(body: bytes, version: str) -> Any:
    """Parse an ES WebhookResponse, refusing unknown members. Raises `json_format.ParseError`."""
    return json_format.Parse(body, ES[version].WebhookResponse.pb()(), ignore_unknown_fields=False)
