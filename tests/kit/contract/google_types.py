"""Google's own types as the judge of what we send: a reply they cannot parse is one that Dialogflow drops."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from google.protobuf import json_format


@cache
def _response_type(api_version: str) -> Any:
    return importlib.import_module(f"google.cloud.dialogflow_{api_version}").WebhookResponse.pb()


def strictly_parsed(body: bytes, api_version: str) -> Any:
    """Google's WebhookResponse of `body`; raises `json_format.ParseError` for whatever Dialogflow would refuse."""
    return json_format.Parse(body, _response_type(api_version)(), ignore_unknown_fields=False)


def understood(body: bytes, api_version: str) -> Any:
    """What Dialogflow understands of `body`, as JSON again: defaults are left out, numbers are doubles."""
    return json_format.MessageToDict(strictly_parsed(body, api_version))
