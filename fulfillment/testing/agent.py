"""`Agent`: a conversation with your handlers, as Dialogflow would hold it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import json_text
from ..call import Call
from ..request import Context
from ..routes import Routes
from ..settings import Settings
from ..webhook import Webhook

PROJECT = "test-project"
_DIALOG_NAME = str.maketrans(". ", "__")


@dataclass(frozen=True)
class Turn:
    """What came back: HTTP status and JSON, and the parts of a reply that tests ask for most."""

    status: int
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as sent, for example `{"card": {...}}`."""
        found: list[dict[str, Any]] = self.body.get("fulfillmentMessages", [])
        return found

    @property
    def text(self) -> str:
        """The words that every channel shows, first variants only, joined by newlines."""
        texts = [
            message["text"]["text"] for message in self.messages if "text" in message and "platform" not in message
        ]
        return "\n".join(variants[0] for variants in texts if variants)

    @property
    def contexts(self) -> dict[str, Context]:
        """The contexts set or (lifespan 0) deleted, by bare name."""
        return {
            name: Context(name, context.get("lifespanCount", 0), context.get("parameters", {}))
            for context in self.body.get("outputContexts", [])
            for name in [context["name"].rpartition("/contexts/")[2]]
        }

    @property
    def follow_up(self) -> str:
        """The name of the follow-up event, or ""."""
        name: str = self.body.get("followupEventInput", {}).get("name", "")
        return name

    @property
    def follow_up_parameters(self) -> dict[str, Any]:
        """The parameters of the follow-up event."""
        found: dict[str, Any] = self.body.get("followupEventInput", {}).get("parameters", {})
        return found

    @property
    def kept(self) -> bool:
        """Whether the agent's own response was kept."""
        return self.status == 200 and self.body == {}

    @property
    def cause(self) -> str:
        """The named cause of a status other than 200, for example "no-handler"."""
        cause: str = self.body.get("error", {}).get("cause", "")
        return cause


class Agent:
    """A conversation with the handlers of `routes`. Contexts live on between turns, one turn shorter each time.

    `environment` and `location` go into the session's name, as agents with environments and regions have it.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        language: str = "en",
        settings: Settings | None = None,
        environment: str = "",
        location: str = "",
    ) -> None:
        self.webhook = Webhook(routes, settings or Settings())
        self.language = language
        self.contexts: dict[str, Context] = {}
        place = f"/locations/{location}" if location else ""
        draft = f"/environments/{environment}/users/-" if environment else ""
        self.session = f"projects/{PROJECT}{place}/agent{draft}/sessions/{uuid.uuid4()}"

    def ask(
        self,
        intent: str,
        /,
        *,
        text: str = "",
        action: str = "",
        fallback: bool = False,
        slot_filling: bool = False,
        asked: str = "",
        misses: int = 0,
        source: str = "",
        payload: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        **more_parameters: Any,
    ) -> Turn:
        """Match `intent` with these parameters and return the webhook's answer.

        Parameters whose names are no Python names go into `parameters`. `slot_filling` says that Dialogflow still asks
        for parameters, just now for `asked`. `source` and `payload` are those of an integration.
        """
        given = {**(parameters or {}), **more_parameters}
        self._age_contexts()
        contexts = list(self.contexts.values())
        if slot_filling and asked:
            dialog = intent.lower().translate(_DIALOG_NAME)
            contexts.append(Context(f"{dialog}_dialog_context", 2, given))
            contexts.append(Context(f"{dialog}_dialog_params_{asked.lower()}", 1, given))
        if misses:
            contexts.append(Context("__system_counters__", 1, {"no-match": misses}))
        body = {
            "responseId": str(uuid.uuid4()),
            "session": self.session,
            "queryResult": {
                # Not the bare name: that could be the name of an event.
                "queryText": text or f"words for {intent}",
                "languageCode": self.language,
                "action": action,
                "parameters": given,
                "allRequiredParamsPresent": not slot_filling,
                "outputContexts": self._sent(contexts),
                "intent": {"name": f"projects/{PROJECT}/agent/intents/test", "displayName": intent}
                | ({"isFallback": True} if fallback else {}),
            },
            "originalDetectIntentRequest": {"source": source, "payload": payload or {}},
        }
        return self.send(body)

    def send(self, body: Mapping[str, Any]) -> Turn:
        """Send any request body, for example one from a log, and return the webhook's answer."""
        answer = self.webhook.answer(
            Call(
                headers={"host": "localhost", "content-type": "application/json"},
                body=json_text.write(body),
                peer="127.0.0.1",
            )
        )
        turn = Turn(answer.status, json.loads(answer.body))
        if turn.status == 200:
            check_as_google_does(turn.body, self.webhook.settings.api_version)
        self.contexts = {name: context for name, context in (self.contexts | turn.contexts).items() if context.lifespan}
        return turn

    def _sent(self, contexts: Sequence[Context]) -> list[dict[str, Any]]:
        return [
            {
                "name": f"{self.session}/contexts/{context.name}",
                "lifespanCount": context.lifespan,
                "parameters": dict(context.parameters),
            }
            for context in contexts
        ]

    def _age_contexts(self) -> None:
        # A match takes a turn of every context before the webhook sees them; one with none left is valid this once.
        self.contexts = {
            name: Context(name, context.lifespan - 1, context.parameters) for name, context in self.contexts.items()
        }


def check_as_google_does(body: Mapping[str, Any], api_version: str = "v2") -> None:
    """Parse a reply with Google's own type, strictly; does nothing where google-cloud-dialogflow is not installed.

    Raises `AssertionError` with Google's words for a reply that Dialogflow could not read.
    """
    try:
        from google.cloud import dialogflow_v2, dialogflow_v2beta1
    except ImportError:
        return
    from google.protobuf import json_format

    module = dialogflow_v2beta1 if api_version == "v2beta1" else dialogflow_v2
    try:
        json_format.ParseDict(dict(body), module.WebhookResponse.pb()(), ignore_unknown_fields=False)
    except json_format.ParseError as error:
        raise AssertionError(f"Dialogflow could not read this reply: {error}") from None
