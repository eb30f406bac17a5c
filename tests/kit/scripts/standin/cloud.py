"""The cloud as the scripts see it: what it holds, what was asked of it, and what it has been told to get wrong."""

from __future__ import annotations

import copy
import importlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import discovery

Resource = dict[str, Any]
_HANDLERS: list[tuple[str, str, re.Pattern[str], Callable[..., Any]]] = []
_MODULES = ("projects", "functions", "run", "firestore", "secrets", "dialogflow", "dialogflow_cx",
            "operations_suite")  # fmt: skip
READS = re.compile(r":(getIamPolicy|testIamPermissions|generateUploadUrl|access|detectIntent)$")


class Problem(Exception):
    """An answer other than 200, in the form of Google's error body."""

    def __init__(self, code: int, status: str, message: str, details: list[Resource] | None = None) -> None:
        super().__init__(message)
        self.code = code
        error: Resource = {"code": code, "status": status, "message": message}
        # Google leaves out what is empty; gcloud crashes on an empty list of details.
        self.body = {"error": error | ({"details": details} if details else {})}


class Cut(Exception):
    """The connection ends without an answer."""


def not_found(what: str) -> Problem:
    return Problem(404, "NOT_FOUND", f"{what} was not found")


def exists(what: str) -> Problem:
    return Problem(409, "ALREADY_EXISTS", f"{what} already exists")


@dataclass
class Seen:
    """One request, as it came in, and the status it got."""

    api: str
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]
    host: str
    status: int = 0

    @property
    def changes(self) -> bool:
        """Whether this request was meant to change something."""
        return self.method != "GET" and not READS.search(self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.host}{self.path} -> {self.status}"


@dataclass
class Fault:
    """What to get wrong: the first `times` requests that match answer `code`, or are cut when `code` is 0."""

    method: str
    path: str
    code: int
    times: int = 1
    status: str = ""
    message: str = "Injected by the test."
    details: list[Resource] = field(default_factory=list)
    hits: int = 0

    def applies(self, seen: Seen) -> bool:
        return self.hits < self.times and seen.method == self.method and bool(re.search(self.path, seen.path))


_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
           429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}  # fmt: skip


def on(api: str, method: str, path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks the function that answers `method path` of `api`; `{name}` is one path segment, passed by name."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/:]+)", re.escape(path)) + "$")

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        _HANDLERS.append((api, method, pattern, function))
        return function

    return mark


class Cloud:
    """State, requests and faults. `things` maps a full resource name to the resource."""

    def __init__(self) -> None:
        for module in _MODULES:
            importlib.import_module(f"{__package__}.{module}")
        self.lock = threading.RLock()
        self.seen: list[Seen] = []
        self.problems: list[str] = []
        self.faults: list[Fault] = []
        self.things: dict[str, Resource] = {}
        self.policies: dict[str, Resource] = {}
        self.apis: dict[str, set[str]] = {}
        self.operations: dict[str, Resource] = {}
        self.uploads: dict[str, bytes] = {}
        self.knobs: dict[str, Any] = {}
        self.counter = 0

    # -- a whole world, kept and brought back

    _KEPT = ("things", "policies", "apis", "operations", "uploads", "knobs", "counter")

    def snapshot(self) -> dict[str, Any]:
        return copy.deepcopy({name: getattr(self, name) for name in self._KEPT})

    def restore(self, snapshot: dict[str, Any]) -> None:
        for name, value in copy.deepcopy(snapshot).items():
            setattr(self, name, value)
        self.forget()

    def forget(self) -> None:
        """Forget what was asked and what was to go wrong; keep the state."""
        self.seen, self.problems, self.faults = [], [], []

    def fail(self, method: str, path: str, code: int, times: int = 1, **more: Any) -> Fault:
        self.faults.append(Fault(method, path, code, times, **more))
        return self.faults[-1]

    def changes(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.changes]

    def asked(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == method and re.search(path, seen.path)]

    # -- answering

    def answer(self, method: str, host: str, target: str, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        """The status and body for one request. Raises `Cut` when the connection is to be dropped."""
        parts = urllib.parse.urlsplit(target)
        query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        api = api_of(host)
        path = urllib.parse.unquote(parts.path)
        with self.lock:
            if api == "storage":
                self.uploads[path] = raw
                self.seen.append(Seen(api, method, path, query, None, headers, host, 200))
                return 200, b""
            seen = Seen(api, method, path, query, _body(raw, headers), headers, host)
            self.seen.append(seen)
            self.problems += discovery.check(api, method, path, query, seen.body)
            try:
                self._fault(seen)
                answer = self._dispatch(seen)
                seen.status = 200
                return 200, json.dumps(answer if answer is not None else {}).encode()
            except Problem as problem:
                seen.status = problem.code
                return problem.code, json.dumps(problem.body).encode()

    def _fault(self, seen: Seen) -> None:
        for fault in self.faults:
            if fault.applies(seen):
                fault.hits += 1
                if fault.code == 0:
                    raise Cut
                raise Problem(fault.code, fault.status or _STATUS[fault.code], fault.message, fault.details)

    def _dispatch(self, seen: Seen) -> Any:
        if "authorization" not in seen.headers:
            raise Problem(401, "UNAUTHENTICATED", "Request is missing required authentication credential.")
        self._check_enabled(seen)
        for api, method, pattern, function in _HANDLERS:
            match = pattern.match(seen.path)
            if api == seen.api and method == seen.method and match:
                return function(self, seen, **match.groupdict())
        self.problems.append(f"nothing answers {seen.method} {seen.host}{seen.path}")
        raise not_found(f"Method for {seen.path}")

    def _check_enabled(self, seen: Seen) -> None:
        # Google checks the project in the path, or the quota project where the path has none of its own.
        match = re.search(r"/(?:projects|namespaces)/([^/:]+)", seen.path)
        if seen.api in ("serviceusage", "cloudresourcemanager") or not match or match[1] == "-":
            return
        project = self.project_id(match[1])
        service = f"{seen.api}.googleapis.com"
        if project in self.apis and service not in self.apis[project]:
            raise Problem(
                403,
                "PERMISSION_DENIED",
                f"{service} has not been used in project {project} before or it is disabled.",
                [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED",
                  "domain": "googleapis.com", "metadata": {"service": service}}],
            )  # fmt: skip

    # -- shared by the APIs

    def add_project(self, project: str, number: int, apis: tuple[str, ...] = ()) -> None:
        self.things[f"projects/{project}"] = {
            "projectId": project, "projectNumber": str(number), "lifecycleState": "ACTIVE", "name": project,
        }  # fmt: skip
        self.apis[project] = set(apis)

    def project_id(self, id_or_number: str) -> str:
        for name, thing in self.things.items():
            if name.count("/") == 1 and thing.get("projectNumber") == id_or_number:
                return str(thing["projectId"])
        return id_or_number

    def number(self, project: str) -> str:
        return str(self.get(f"projects/{project}")["projectNumber"])

    def get(self, name: str) -> Resource:
        if name not in self.things:
            raise not_found(f"Resource '{name}'")
        return self.things[name]

    def create(self, name: str, resource: Resource) -> Resource:
        if name in self.things:
            raise exists(f"Resource '{name}'")
        self.things[name] = resource
        return resource

    def below(self, prefix: str, depth: int = 1) -> list[Resource]:
        """Every resource `depth` segments below `prefix`."""
        start, wanted = prefix + "/", prefix.count("/") + depth
        return [thing for name, thing in self.things.items() if name.startswith(start) and name.count("/") == wanted]

    def next(self) -> int:
        self.counter += 1
        return self.counter

    def operation(self, prefix: str, response: Resource, **more: Any) -> Resource:
        """A long-running operation that is done when it is asked for."""
        name = f"{prefix}/operations/op-{self.next()}"
        self.operations[name] = {"name": name, "done": True, "response": response, **more}
        return {"name": name, "done": False, **{k: v for k, v in more.items() if k == "metadata"}}

    def get_policy(self, resource: str) -> Resource:
        return copy.deepcopy(self.policies.get(resource, {"version": 1, "etag": "ACAB", "bindings": []}))

    def set_policy(self, resource: str, body: Resource) -> Resource:
        policy = body["policy"]
        for binding in policy.get("bindings", []):
            for member in binding["members"]:
                self._check_member(member)
        self.policies[resource] = {"version": policy.get("version", 1), "etag": f"BW{self.next()}",
                                   "bindings": [b for b in policy.get("bindings", []) if b["members"]]}  # fmt: skip
        return self.get_policy(resource)

    def _check_member(self, member: str) -> None:
        kind, _, email = member.partition(":")
        if member in ("allUsers", "allAuthenticatedUsers"):
            if self.knobs.get("public_forbidden"):
                raise Problem(
                    400, "FAILED_PRECONDITION",
                    "One or more users named in the policy do not belong to a permitted customer.",
                )  # fmt: skip
            return
        if kind not in ("user", "serviceAccount", "group", "domain", "deleted"):
            raise Problem(400, "INVALID_ARGUMENT", f"Invalid member {member!r}: it needs a type prefix")
        agent = re.fullmatch(r"service-(\d+)@gcp-sa-dialogflow\.iam\.gserviceaccount\.com", email)
        own = kind == "serviceAccount" and email.endswith(".iam.gserviceaccount.com") and not agent
        known = any(name.endswith(f"/serviceAccounts/{email}") for name in self.things)
        if (own and not known) or (agent and not self._agent_ready(agent[1])):
            raise Problem(400, "INVALID_ARGUMENT", f"Service account {email} does not exist.")

    def _agent_ready(self, number: str) -> bool:
        late = self.knobs.get("agent_late", 0)
        if late > 0:
            self.knobs["agent_late"] = late - 1
            return False
        return f"identities/{number}" in self.things


def api_of(host: str) -> str:
    """The API that a host name serves; regional hosts such as europe-west1-run.googleapis.com included."""
    name = host.removesuffix(".googleapis.com")
    for api in (*discovery.APIS, "storage"):
        if name == api or name.endswith(f"-{api}"):
            return api
    return name


def _body(raw: bytes, headers: dict[str, str]) -> Any:
    if not raw:
        return None
    if "json" not in headers.get("content-type", "json"):
        return raw.decode(errors="replace")
    return json.loads(raw)
