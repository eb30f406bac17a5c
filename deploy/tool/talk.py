"""One detectIntent call: its body, and its answer as people read it.

talk body TEXT LANGUAGE     the body
talk cx-body TEXT LANGUAGE  the body for a Dialogflow CX agent
talk show                   the answer on standard input; exit 1 when the webhook failed or was not called
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

# What Dialogflow says about a failed webhook, and what it mostly means.
CAUSES = (
    (r"403|PERMISSION_DENIED", "the agent may not call the function: ./deploy/grant-invoker.sh"),
    (r"401|UNAUTHENTICATED", "the agent's credentials do not match the function's: ./deploy/link.sh"),
    (r"DEADLINE|[Tt]imeout|504", "no answer within 5 seconds: ./deploy/logs.sh shows what took so long"),
    (r"404|NOT_FOUND", "no handler for this intent, or a URL that leads nowhere: ./deploy/logs.sh, ./deploy/doctor.sh"),
    (r"429|RESOURCE_EXHAUSTED", "all instances are busy: raise MAX_INSTANCES"),
    (r"5\d\d|INTERNAL|UNAVAILABLE", "the function failed: ./deploy/logs.sh shows the cause"),
    (r"parse|[Ii]nvalid", "Dialogflow could not read the reply: ./deploy/logs.sh"),
    (r"DNS|resolve|[Cc]onnect|UNREACHABLE|URL_", "the fulfillment URL cannot be reached: ./deploy/link.sh"),
)  # fmt: skip


def body(text: str, language: str) -> dict[str, Any]:
    """The body of sessions.detectIntent."""
    return {"queryInput": {"text": {"text": text, "languageCode": language}}}


def cx_body(text: str, language: str) -> dict[str, Any]:
    """The body of sessions.detectIntent of Dialogflow CX."""
    return {"queryInput": {"text": {"text": text}, "languageCode": language}}


def from_cx(answer: dict[str, Any]) -> dict[str, Any]:
    """A CX answer in the form of ES; of several webhook calls in the turn the first that failed counts."""
    result = answer["queryResult"]
    statuses = result.get("webhookStatuses", [])
    worst = next((status for status in statuses if status.get("code")), statuses[0] if statuses else None)
    if worst is not None and not worst.get("code"):
        worst = {"message": f"ok, {len(statuses)} called" if len(statuses) > 1 else "ok"}
    intent = result.get("match", {}).get("intent") or result.get("intent") or {}
    shown = {"intent": intent, "fulfillmentMessages": result.get("responseMessages", [])}
    latencies = result.get("webhookLatencies", [])
    if latencies:
        shown["diagnosticInfo"] = {"webhook_latency_ms": sum(float(one.rstrip("s")) for one in latencies) * 1000}
    return {"queryResult": shown} | ({"webhookStatus": worst} if worst is not None else {})


def cause(message: str) -> str:
    """The likely cause of a webhook failure."""
    for pattern, meaning in CAUSES:
        if re.search(pattern, message):
            return meaning
    return "./deploy/doctor.sh looks at everything that can break a call"


def said(result: dict[str, Any]) -> str:
    """The answer's text."""
    lines = [t for m in result.get("fulfillmentMessages", []) for t in m.get("text", {}).get("text", [])]
    return result.get("fulfillmentText") or " / ".join(lines) or "(no text)"


def show(answer: dict[str, Any]) -> int:
    """Print the answer; the exit code."""
    is_cx = "responseMessages" in answer["queryResult"] or "match" in answer["queryResult"]
    if is_cx:
        answer = from_cx(answer)
    result, status = answer["queryResult"], answer.get("webhookStatus")
    intent = result.get("intent", {}).get("displayName", "(none)")
    milliseconds = result.get("diagnosticInfo", {}).get("webhook_latency_ms")
    rows = [("intent", intent), ("answer", said(result))]
    if status is None:
        where = (
            ("its route has no webhook", "./deploy/cx-webhook.sh")
            if is_cx
            else ("has no webhook call", "./deploy/link.sh")
        )
        rows += [("webhook", f"not called: the intent {intent} {where[0]}"), ("next", where[1])]
        code = 1
    elif status.get("code"):
        message = f"{status['code']} {status.get('message', '')}"
        rows += [("webhook", f"failed: {message}"), ("likely cause", cause(message))]
        code = 1
    else:
        rows += [("webhook", status.get("message", "ok"))]
        code = 0
    if milliseconds is not None:
        rows.append(("latency", f"{milliseconds:.0f} ms"))
    print("\n".join(f"{label:<13}{value}" for label, value in rows))
    return code


def _body(text: str, language: str) -> None:
    json.dump(body(text, language), sys.stdout)


def _cx_body(text: str, language: str) -> None:
    json.dump(cx_body(text, language), sys.stdout)


def _show() -> int:
    return show(json.load(sys.stdin))


COMMANDS = {"body": _body, "cx-body": _cx_body, "show": _show}
