"""Calls to begin with, and what a mutation does to them: to the JSON, to the bytes, to the headers."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fulfillment.testing import cx_form, cx_request, v1_request

SECRETS = {
    "header": "s3cret-header-5e1f",
    "password": "s3cret-password-77aa",
    "token": "s3cret-token-90bc",
    "words": "s3cret-words-12de",
}
"""What nothing may tell: a configured header, a wrong credential, a user's token, a user's words."""

INTENTS = ("types", "messages", "state", "pages", "event", "lookup", "change", "unknown", "")

NASTY: tuple[Any, ...] = (
    *("", " ", "\x00", '\n{"severity":"CRITICAL"}', "\r\nx: y", "\u2028", "\ud800", "\U0001f600" * 50, "a" * 5000),
    *(
        "..",
        "../../etc/passwd",
        "/",
        "__x__",
        "a/b",
        "projects/p/databases/d",
        "' or 1=1 --",
        "${jndi:x}",
        "%00",
        "{0}",
    ),
    *(0, -1, 1.5, 1e308, -1e308, 2**53 + 1, 10**40, 10**299, float("nan"), float("inf"), -0.0, 1e-320),
    *(True, False, None, [], {}, [[]], [[[1]]], {"": ""}, {"a": {"b": {"c": []}}}, ["x"] * 200, {"$ne": 1}),
    *("2026-12-01", "2026-13-45T99:00:00Z", "9999-12-31T23:59:59+14:00", "12:00", "1001.0", "NaN", "-0", "१२"),
)


CASES = Path(__file__).parents[1] / "contract" / "cases"
_NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("queryResult", "intent"), "displayName"),
    (("fulfillmentInfo",), "tag"),
    (("result", "metadata"), "intentName"),
)
MOMENT = "2026-12-01T12:00:00Z"
PARAMETERS = {
    "name": "Ann",
    "count": 3,
    "ratio": 0.5,
    "flag": True,
    "date": MOMENT,
    "time": MOMENT,
    "moment": MOMENT,
    "many": ["a", "b"],
    "thing": {"amount": 1, "unit": "h"},
    "geo-city": "Oslo",
}
CONTEXTS = [
    {"name": "s/contexts/order", "lifespanCount": 5, "parameters": {"name": "x", "name.original": "y"}},
    {"name": "s/contexts/__system_counters__", "parameters": {"no-match": 1.0}},
]
USER = {"user": {"accessToken": SECRETS["token"], "userId": "u"}, "data": {"sender": {"id": "1"}}}


class Twice(str):
    """A member name that equals no other, so that an object can hold it a second time."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def seeds() -> list[dict[str, Any]]:
    """Return sound calls of all kinds, to each handler."""
    bodies: list[dict[str, Any]] = [
        {
            "responseId": "r-1",
            "session": "projects/p/locations/global/agent/environments/e/users/-/sessions/s-1",
            "queryResult": {
                "queryText": SECRETS["words"],
                "languageCode": "en",
                "action": "act",
                "intent": {"name": "projects/p/agent/intents/i", "displayName": intent},
                "allRequiredParamsPresent": True,
                "parameters": PARAMETERS,
                "outputContexts": CONTEXTS,
                "sentimentAnalysisResult": {"queryTextSentiment": {"score": 0.5, "magnitude": 1}},
            },
            "originalDetectIntentRequest": {"source": "google", "payload": USER},
        }
        for intent in INTENTS
    ]
    bodies += [_cx(intent) for intent in INTENTS]
    bodies += [_v1(intent) for intent in INTENTS]
    bodies.append({"fulfillmentInfo": {"tag": "types"}, "sessionInfo": {"session": "s", "parameters": PARAMETERS}})
    bodies.append({"id": "1", "sessionId": "s", "result": {"action": "a", "parameters": PARAMETERS, "contexts": []}})
    return bodies


def cases() -> list[dict[str, Any]]:
    """Return the requests of the kit's own cases, which hold what is rare: a matched intent is "everything" there."""
    files = sorted(file for dialect in ("es", "cx", "v1") for file in (CASES / dialect).glob("*.json"))
    requests = [json.loads(file.read_text())["request"] for file in files]
    found = [request for request in requests if isinstance(request, dict)]
    for request in found:
        for path, name in _NAMES:
            place: Any = request
            for step in path:
                place = place.get(step) if isinstance(place, dict) else None
            if isinstance(place, dict) and place.get(name):
                place[name] = "everything"
    return found


def _cx(intent: str) -> dict[str, Any]:
    form = cx_form(name="Ann", count=3, date={"year": 2026.0, "month": 12.0, "day": 1.0}, moment=None)
    return cx_request(
        intent,
        PARAMETERS,
        form=form,
        intent=intent,
        intent_parameters=PARAMETERS,
        detectIntentResponseId="r-1",
        text=SECRETS["words"],
        payload=USER,
        messages=[{"text": {"text": ["Hello."]}, "responseType": "HANDLER_PROMPT", "source": "VIRTUAL_AGENT"}],
        sentimentAnalysisResult={"sentiment": "positive", "score": 0.5, "magnitude": 1},
        languageInfo={"inputLanguageCode": "en", "resolvedLanguageCode": "en", "confidenceScore": 1.0},
    )


def _v1(intent: str) -> dict[str, Any]:
    contexts = [{"name": "order", "lifespan": 5, "parameters": {"name": "x", "name.original": "y"}}]
    original = {"source": "google", "version": "2", "data": USER}
    request = v1_request(
        intent, PARAMETERS, contexts=contexts, original=original, resolvedQuery=SECRETS["words"], action="act"
    )
    return {**request, "id": "r-1"}


def _parameters(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return where this body's handler gets its values from, None when a mutation took that away."""
    for name in ("queryResult", "sessionInfo", "result"):
        member = body.get(name)
        if isinstance(member, dict) and isinstance(member.get("parameters"), dict):
            found: dict[str, Any] = member["parameters"]
            return found
    return None


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return each member and item, at any depth, as its parent and its name or index there."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


class Mutator:
    """Makes calls: the body's bytes and the headers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._to_handlers = seeds()
        self._cases = cases()

    def call(self) -> tuple[bytes, dict[str, str]]:
        """Return one mutated call."""
        body = copy.deepcopy(self._random.choice(self._random.choice((self._to_handlers, self._cases))))
        for _ in range(self._random.choice((0, 1, 1, 2, 3, 6))):
            inner = _parameters(body)
            # Where a handler gets its values from there is most to be found.
            self._change_somewhere(inner if inner is not None and self._random.random() < 0.6 else body)
        encoded = json.dumps(body, ensure_ascii=self._random.random() < 0.7).encode("utf-8", "surrogatepass")
        if self._random.random() < 0.15:
            encoded = self._damaged(encoded)
        return encoded, self._headers()

    def _change_somewhere(self, value: Any) -> None:
        if places := list(_places(value)):
            self._change(*self._random.choice(places))

    def _change(self, parent: Any, key: Any) -> None:
        what = self._random.randrange(6)
        if isinstance(parent, dict) and self._random.random() < 0.03:
            parent[Twice(key)] = copy.deepcopy(self._random.choice(NASTY))
        elif what == 0:
            del parent[key]
        elif what == 1 and isinstance(parent, dict):
            parent[str(self._random.choice(NASTY))[:100]] = parent[key]
        elif what == 2:
            parent[key] = [parent[key]] * self._random.randrange(4)
        elif what == 3:
            deep: Any = parent[key]
            for _ in range(self._random.choice((5, 35, 60, 120))):
                deep = {"x": deep} if self._random.random() < 0.5 else [deep]
            parent[key] = deep
        else:
            parent[key] = copy.deepcopy(self._random.choice(NASTY))

    def _damaged(self, encoded: bytes) -> bytes:
        at = self._random.randrange(len(encoded))
        what = self._random.randrange(5)
        if what == 0:
            return encoded[:at]
        if what == 1:
            return encoded[:at] + bytes([self._random.randrange(256)]) + encoded[at + 1 :]
        if what == 2:
            return encoded[:at] + encoded[at // 2 :]
        if what == 3:
            utf16 = encoded.decode("utf-8", "replace").encode("utf-16")
            noise = self._random.randbytes(self._random.randrange(60))
            return self._random.choice((b"", b"[]", b"null", b"{}", b"\xef\xbb\xbf" + encoded, utf16, noise))
        return encoded + self._random.choice((b" ", b"\x00", b"{}", encoded))

    def _headers(self) -> dict[str, str]:
        chance = self._random.random()
        headers = {
            "content-type": self._random.choice(
                ("application/json", "application/json; charset=utf-8", "text/plain", "APPLICATION/JSON", "")
                if chance < 0.05
                else ("application/json",)
            ),
            "x-webhook-secret": SECRETS["header"],
        }
        if chance > 0.95:
            headers["x-webhook-secret"] = self._random.choice(
                (
                    SECRETS["password"],
                    f"{SECRETS['header']}, {SECRETS['password']}",
                    f" {SECRETS['password']}\t",
                    "é",
                    "",
                )
            )
        if self._random.random() < 0.1:
            headers["x-cloud-trace-context"] = self._random.choice(("x\n{}", "0" * 32 + "/1;o=1", "a" * 5000, "é"))
            headers["function-execution-id"] = self._random.choice(("abc", "a\nb", "x" * 200))
        return headers
