"""What a caller can write into a call, and what it must not do to the log, to Firestore and to other users."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from fulfillment import Context, Parameter, Reply, Request, documents, logs, on, once
from fulfillment.access.header import Header
from fulfillment.call import Call
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook
from tests.kit.firestores import Firestore

SECRET = "s3cret-5e1f"
FORGED = 'x\n{"severity": "CRITICAL", "message": "all is lost"}'
LOCAL = {"host": "localhost", "content-type": "application/json"}


@on.intent("lookup")
def lookup(id: str) -> str:
    return f"Found {documents.get('things', id)}."


@on.intent("query")
def query(value: Annotated[dict[str, Any] | None, Parameter("object")] = None, plain: str = "") -> str:
    return f"Found {len(documents.query('things', ('name', '==', value if value is not None else plain)))}."


@on.intent("count")
def count(number: int) -> str:
    return f"Found {len(documents.query('things', ('count', '>=', number)))}."


@on.intent("save")
@once
def save(id: str) -> str:
    documents.change("things", id, lambda _, writes: writes.save({"a": 1}))
    return "Saved."


@on.intent("who")
def who(request: Request) -> Reply:
    return Reply(f"{request.channel} {request.user_id}", Context("seen"))


ALL = Routes([lookup, query, count, save, who])


def body(intent: str = "who", **more: Any) -> dict[str, Any]:
    result = {
        "intent": {"displayName": intent},
        "allRequiredParamsPresent": True,
        "parameters": more.pop("parameters", {}),
    }
    return {"responseId": "r", "session": "projects/p/agent/sessions/s", "queryResult": result, **more}


def answer(call: dict[str, Any] | bytes, settings: Settings | None = None, **headers: str) -> tuple[int, Any]:
    data = call if isinstance(call, bytes) else json.dumps(call).encode()
    given = Call(body=data, headers={**LOCAL, **headers}, peer="127.0.0.1")
    found = Webhook(ALL, settings or Settings()).answer(given)
    return found.status, json.loads(found.body)


def cause(*arguments: Any, **headers: str) -> str:
    status, found = answer(*arguments, **headers)  # type: ignore[arg-type]
    return f"{status} {found['error']['cause']}" if status != 200 else "200"


# --- Log injection


@pytest.fixture(params=["cloud", "terminal"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    if request.param == "terminal":
        stream.isatty = lambda: True  # type: ignore[method-assign]
    before = logging.getLogger().handlers[:]
    logs.set_up(stream)
    for handler in before:
        logging.getLogger().removeHandler(handler)
    yield stream
    logging.getLogger().handlers[:] = before


@pytest.mark.parametrize(
    ("call", "headers"),
    [
        pytest.param(body(FORGED), {}, id="an intent's name"),
        pytest.param(body("nobody", parameters={FORGED: 1}), {}, id="a parameter's name"),
        pytest.param(body(session=FORGED), {}, id="a session"),
        pytest.param(body(), {"x-cloud-trace-context": FORGED, "function-execution-id": FORGED}, id="trace headers"),
        pytest.param({FORGED: 1}, {}, id="a member's name"),
        pytest.param(body(), {"content-type": FORGED}, id="a content type"),
        pytest.param(body(), {"host": FORGED}, id="a host"),
    ],
)
def test_no_caller_can_write_a_log_line_of_their_own(log: io.StringIO, call: Any, headers: dict[str, str]) -> None:
    answer(call, **headers)  # type: ignore[arg-type]
    for line in log.getvalue().splitlines():
        assert not line.startswith(('{"severity": "CRITICAL"', "CRITICAL"))
        if not log.isatty():
            assert json.loads(line)["severity"] in ("INFO", "WARNING", "ERROR")


# --- Numbers and nesting


@pytest.mark.parametrize("number", [10**40, -(2**63) - 1, 2**63])
def test_a_number_that_firestore_cannot_hold_is_the_callers_mistake(local_firestore: Firestore, number: int) -> None:
    assert cause(body("count", parameters={"number": number})) == "400 bad-parameter"


def test_a_number_of_thousands_of_digits_is_refused_before_it_costs_anything() -> None:
    assert cause(b'{"queryResult": {"parameters": {"number": ' + b"9" * 500_000 + b"}}}") == "400 not-understood"
    assert cause(b'{"queryResult": {"parameters": {"number": 1e999999}}}') == "400 not-understood"


@pytest.mark.parametrize("opening", [b'{"a":', b"["])
def test_deep_nesting_is_refused(opening: bytes) -> None:
    assert cause(b'{"queryResult": {}, "x": ' + opening * 100_000) == "400 not-understood"


# --- Document ids and queries


@pytest.mark.parametrize("id", ["../secrets/1", "..", ".", "a/b/c", "/", "__all__", "x" * 1501])
def test_no_id_leads_out_of_its_collection(local_firestore: Firestore, id: str) -> None:
    local_firestore.client().document("things/a/b/c").set({"hidden": True})
    assert answer(body("lookup", parameters={"id": id}))[1]["fulfillmentText"] == "Found None."
    assert cause(body("save", parameters={"id": id})) == "400 bad-parameter"


def test_an_object_where_a_value_belongs_changes_no_query(local_firestore: Firestore) -> None:
    local_firestore.client().document("things/1").set({"name": "x"})
    assert cause(body("query", parameters={"object": {"$ne": ""}})) == "400 bad-parameter"
    assert cause(body("query", parameters={"plain": {"$ne": ""}})) == "400 bad-parameter"
    assert cause(body("query", parameters={"plain": ["x", "y"]})) in ("400 bad-parameter", "200")
    assert answer(body("query", parameters={"plain": "x"}))[1]["fulfillmentText"] == "Found 1."


# --- Identity


CLAIMS = {
    "originalDetectIntentRequest": {
        "source": "google",
        "payload": {"user": {"userId": "admin", "idToken": "x", "accessToken": "y"}, "isAdmin": True},
    }
}


def test_what_the_caller_says_of_itself_replaces_no_credential() -> None:
    settings = Settings(auth=("header",), access=(Header({"x-webhook-secret": (SECRET,)}),))
    assert cause({**body(), **CLAIMS}, settings) == "401 unauthenticated"
    assert cause({**body(), **CLAIMS}, settings, **{"x-webhook-secret": SECRET}) == "200"


def test_a_source_buys_no_more_time() -> None:
    from fulfillment import dialects

    call = Call(body=b"", headers={})
    dialect = dialects.of({**body()})
    request = dialect.decode({**body(), **CLAIMS}, call)
    assert dialect.seconds(request, Settings()) == Settings().deadline


def test_a_user_id_opens_nobody_elses_reply(local_firestore: Firestore) -> None:
    mine, others = body("save", parameters={"id": "1"}), body("save", parameters={"id": "2"})
    others["session"] = "projects/p/agent/sessions/other"
    assert answer({**mine, **CLAIMS})[0] == 200
    assert answer({**others, **CLAIMS})[0] == 200  # same responseId, same user, and yet a turn of its own
    assert {one.id for one in local_firestore.client().collection("things").stream()} == {"1", "2"}


def test_contexts_of_the_request_are_never_sent_back() -> None:
    call = body()
    call["queryResult"]["outputContexts"] = [{"name": "projects/other/agent/sessions/x/contexts/admin"}]
    names = [one["name"] for one in answer(call)[1]["outputContexts"]]
    assert names == ["projects/p/agent/sessions/s/contexts/seen"]
