"""A function whose handlers let a user's word get into errors and log lines, in every way that was seen."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, quote_plus

import functions_framework
import requests

import handlers
from fulfillment import Request, documents, on, outside, settings
from fulfillment.routing.routes import Routes
from fulfillment.webhook import Webhook

log = logging.getLogger("handlers.probes")


class NotSold(Exception):
    """An error of the user's own."""


def convert(word: str, request: Request) -> str:
    return str(int(word))


def change(word: str, request: Request) -> str:
    documents.change("orders", word, lambda found, writes: writes.update("orders", word, {"status": "cancelled"}))
    return "Done."


def client(word: str, request: Request) -> str:
    documents.client().collection("orders").document(word).update({"status": "cancelled"})
    return "Done."


def host(word: str, request: Request) -> str:
    return outside.get(f"http://{word}.invalid/").text


def plain_requests(word: str, request: Request) -> str:
    return requests.get("http://127.0.0.1:9/w", params={"q": word, "text": request.query_text}, timeout=1).text


def chained(word: str, request: Request) -> str:
    try:
        {}[word]
    except KeyError as error:
        error.add_note(f"{word}: this was wanted")
        raise NotSold(f"no {word!r} of {request.session.name}, {request.user_id}") from error
    return "Done."


def own_lines(word: str, request: Request) -> str:
    log.warning("Heard %s in %r", word, request.query_text)
    log.info("Heard", extra={"heard": word, "all": {"words": [request.query_text], word: 1}, "raw": request.raw})
    log.info({"parameters": dict(request.parameters), "contexts": {n: vars(c) for n, c in request.contexts.items()}})
    log.info("As JSON %s", json.dumps({"all": dict(request.parameters), "said": request.query_text}))
    log.info("In a URL ?q=%s&t=%s", quote(word), quote_plus(request.query_text))
    log.info("A number: %d", word)  # the mistake is meant: what cannot be formatted is told of too
    try:
        int(word)
    except ValueError:
        log.exception("Could not read %s", word)
    return "Done."


def thread(word: str, request: Request) -> str:
    def fail() -> None:
        log.warning("A thread heard %s", word)
        int(word)

    started = threading.Thread(target=fail)
    started.start()
    started.join()
    return "Done."


PROBES = [convert, change, client, host, plain_requests, chained, own_lines, thread]
marked: list[Callable[..., Any]] = []
for probe in PROBES:
    on.intent(probe.__name__)(probe)
    marked.append(probe)


def route(probe: Callable[..., Any]) -> Callable[..., Any]:
    def answer(word: str, request: Request) -> dict[str, str]:
        return {"said": probe(word, request)}

    answer.__name__ = answer.__qualname__ = probe.__name__
    return on.route(f"/{probe.__name__}", methods=["POST", "GET"])(answer)


marked += [route(probe) for probe in PROBES]


@on.route("/list", methods=["POST", "GET", "PUT"])
def any_list(body: list | None = None, word: str = "") -> dict[str, int]:
    return {"length": len(body or [])}


def product() -> ModuleType:
    """Return the real main.py; functions-framework has given its name to this module."""
    spec = importlib.util.spec_from_file_location("product", Path(handlers.__file__).parents[1] / "main.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


main = product()
webhook = main.__dict__["webhook"] = Webhook(Routes([*marked, any_list]), settings.from_environment())
os.register_at_fork(after_in_child=webhook.warm_up)
dialogflow_webhook = functions_framework.http(main.dialogflow_webhook)
