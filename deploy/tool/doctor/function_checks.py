"""APIs, the function itself, how it runs, and what its last calls were like."""

from __future__ import annotations

from .. import service
from .facts import Facts, Finding, Findings, fine, wrong

NEEDED = (
    "cloudfunctions",
    "run",
    "cloudbuild",
    "artifactregistry",
    "firestore",
    "secretmanager",
    "logging",
    "monitoring",
)
SLOW_MILLISECONDS = 2000
FAILING_SHARE = 0.05


def apis(facts: Facts) -> Findings:
    """Every API is enabled, in both projects."""
    missing = [name for name in NEEDED if not _enabled(facts, "services", name)]
    where = "services" if facts.setting("PROJECT_ID") == facts.setting("AGENT_PROJECT_ID") else "agent-services"
    if not _enabled(facts, where, "dialogflow"):
        missing.append("dialogflow")
    if "services" not in facts:
        yield wrong("APIs", facts.reason("services"), "gcloud auth login")
    elif missing:
        yield wrong("APIs", f"not enabled: {', '.join(missing)}", "./deploy/enable-apis.sh")
    else:
        yield fine("APIs", "enabled")


def _enabled(facts: Facts, where: str, name: str) -> bool:
    return f'"{name}.googleapis.com"' in facts.text(where)


def function(facts: Facts) -> Findings:
    """The function is there, built, of the 2nd generation."""
    if "function" not in facts:
        missing = facts.absent("function")
        says = "is not deployed" if missing else facts.reason("function")
        yield wrong("function", says, "./deploy/deploy.sh")
        return
    found = facts.json("function")
    state = found.get("state", "")
    messages = " ".join(message.get("message", "") for message in found.get("stateMessages", []))
    if found.get("environment") == "GEN_1":
        yield wrong("function", "is of the 1st generation", "FUNCTION_NAME=dialogflow-webhook-2 ./deploy/deploy.sh")
    elif state != "ACTIVE":
        yield wrong("function", f"is {state}: {messages}", "./deploy/function.sh")
    else:
        yield fine("function", f"ACTIVE, {found['buildConfig']['runtime']}")
    if state == "ACTIVE":
        yield from _settings(facts)


def _settings(facts: Facts) -> Findings:
    config, variables = facts.json("function")["serviceConfig"], facts.variables()
    wanted, threads = facts.setting("WEBHOOK_AUTH"), variables.get("THREADS", "80")
    if variables.get("WEBHOOK_AUTH") != wanted:
        says = f"is {variables.get('WEBHOOK_AUTH', 'not set')} on the function, {wanted} in the settings"
        yield wrong("WEBHOOK_AUTH", says, "./deploy/function.sh")
    else:
        yield fine("WEBHOOK_AUTH", variables["WEBHOOK_AUTH"])
    if int(config.get("minInstanceCount", 0)) == 0:
        yield wrong("min instances", "0: the first call after a pause is a cold start", "./deploy/min-instances.sh 1")
    else:
        yield fine("min instances", str(config["minInstanceCount"]))
    at_a_time = str(config.get("maxInstanceRequestConcurrency", 1))
    if threads != at_a_time:
        yield wrong("concurrency", f"{threads} threads for {at_a_time} calls at a time", "./deploy/function.sh")
    else:
        yield fine("concurrency", f"{threads} calls at a time")
    if config.get("ingressSettings", "ALLOW_ALL") != "ALLOW_ALL" and facts.setting("INGRESS") == "all":
        yield wrong("ingress", f"{config['ingressSettings']} shuts Dialogflow out", "./deploy/function.sh")
    else:
        yield fine("ingress", config.get("ingressSettings", "ALLOW_ALL"))


def traffic(facts: Facts) -> Findings:
    """Calls go to the newest revision, and every flexible path is an audience."""
    if "service" not in facts:
        return
    found = facts.json("service")
    if service.follows_newest(found):
        yield fine("traffic", "to the newest revision")
    else:
        yield wrong("traffic", "goes to an older revision (rolled back)", "./deploy/rollback.sh --to-latest")
    paths = sorted(r["name"] for r in facts.json("routes")["routes"] if r["kind"] == "route" and r["name"] != "/")
    if missing := service.missing_audiences(found, paths):
        yield wrong("audiences", f"missing: {', '.join(missing)}", "./deploy/function.sh")
    elif paths:
        yield fine("audiences", ", ".join(paths))


def calls(facts: Facts) -> Findings:
    """The last hour's calls were answered, and in time."""
    if "function" not in facts:
        return
    lines = [entry["jsonPayload"] for entry in facts.json("calls") or [] if "jsonPayload" in entry]
    if not lines:
        yield fine("calls", "none in the last hour")
        return
    failed = [line for line in lines if line.get("status") != 200]
    causes = ", ".join(sorted({str(line.get("cause")) for line in failed}))
    slowest = sorted(float(line.get("milliseconds", 0)) for line in lines)[max(0, round(len(lines) * 0.95) - 1)]
    if len(failed) > FAILING_SHARE * len(lines):
        yield wrong("calls", f"{len(failed)} of {len(lines)} failed in the last hour: {causes}", "./deploy/logs.sh")
    elif slowest > SLOW_MILLISECONDS:
        yield wrong("calls", f"one in twenty takes longer than {slowest:.0f} ms", "./deploy/logs.sh")
    else:
        yield fine("calls", f"{len(lines)} in the last hour, {len(failed)} failed, 95 % within {slowest:.0f} ms")


def checks(facts: Facts) -> list[Finding]:
    """All of this file, in order."""
    return [*apis(facts), *function(facts), *traffic(facts), *calls(facts)]
