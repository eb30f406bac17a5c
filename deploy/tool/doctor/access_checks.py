"""Who may call, who the function is, and what it may read."""

from __future__ import annotations

from .facts import Facts, Finding, Findings, fine, wrong

PUBLIC = ("allUsers", "allAuthenticatedUsers")


def invoker(facts: Facts) -> Findings:
    """The agent's service account may call, and nobody may who should not."""
    if "invokers" not in facts:
        return
    held = facts.members("invokers", "roles/run.invoker")
    member = f"serviceAccount:{facts.agent_account}"
    if any(m.startswith("deleted:") and facts.agent_account in m for m in held):
        yield wrong("service agent", f"{facts.agent_account} was deleted", "./deploy/service-identity.sh")
    elif member in held or not facts.uses("iam"):
        yield fine("service agent", facts.agent_account)
        yield fine("invoker", "may call the function" if member in held else "not needed without iam")
    else:
        others = [m for m in held if "gcp-sa-dialogflow" in m]
        says = f"{facts.agent_account} lacks roles/run.invoker on the Run service"
        if others:
            says += f" ({others[0]}, the agent of another project, has it)"
        yield wrong("invoker", says, "./deploy/grant-invoker.sh")
    yield from _public(facts, held)


def _public(facts: Facts, held: list[str]) -> Findings:
    is_public = any(member in held for member in PUBLIC)
    if facts.uses("iam"):
        if is_public:
            yield wrong(
                "public access", "everybody may call, and WEBHOOK_AUTH relies on iam", _remove_public(facts, held)
            )
        else:
            yield fine("public access", "none")
        return
    if is_public:
        yield fine("public access", "everybody may call; the function checks the caller")
    elif _public_forbidden(facts):
        says = "your organisation forbids it, and WEBHOOK_AUTH without iam needs it"
        yield wrong("public access", says, "WEBHOOK_AUTH=iam,header in the settings, then ./deploy/deploy.sh")
    else:
        yield wrong("public access", "none, and WEBHOOK_AUTH without iam needs it", "./deploy/function.sh")


def _remove_public(facts: Facts, held: list[str]) -> str:
    member = next(member for member in PUBLIC if member in held)
    where = f"--region={facts.setting('REGION')} --project={facts.setting('PROJECT_ID')}"
    who = f"--member={member} --role=roles/run.invoker"
    return f"gcloud run services remove-iam-policy-binding {facts.setting('FUNCTION_NAME')} {where} {who}"


def _public_forbidden(facts: Facts) -> bool:
    rules = facts.json("public-policy").get("spec", {}).get("rules", [])
    return any(rule.get("denyAll") or rule.get("values", {}).get("allowedValues") for rule in rules)


def callers(facts: Facts) -> Findings:
    """The function knows the agent's account."""
    if "function" not in facts or not (facts.uses("iam") or facts.uses("id-token")):
        return
    known = facts.variables().get("WEBHOOK_CALLERS", "")
    if known and facts.agent_account not in known.split(","):
        yield wrong("callers", f"WEBHOOK_CALLERS lacks {facts.agent_account}", "./deploy/function.sh")
    else:
        yield fine("callers", known or "decided by iam")


def runtime_account(facts: Facts) -> Findings:
    """The account of the function can use Firestore and nothing else on the project."""
    if "function" not in facts:
        return
    account = facts.json("function")["serviceConfig"].get("serviceAccountEmail", "")
    if _is_default(account):
        yield wrong(
            "runtime account", "the default compute account", "./deploy/runtime-account.sh && ./deploy/function.sh"
        )
        return
    member, policy = f"serviceAccount:{account}", facts.json("project-policy")
    roles = {b["role"] for b in policy.get("bindings", []) if member in b.get("members", [])}
    if broad := roles & {"roles/owner", "roles/editor"}:
        who = f"--member={member} --role={min(broad)} --condition=None"
        mend = f"gcloud projects remove-iam-policy-binding {facts.setting('PROJECT_ID')} {who}"
        yield wrong("runtime account", f"has {', '.join(sorted(broad))}", mend)
    elif "project-policy" in facts and "roles/datastore.user" not in roles:
        yield wrong("runtime account", f"{account} lacks roles/datastore.user", "./deploy/runtime-account.sh")
    else:
        yield fine("runtime account", account)


def _is_default(account: str) -> bool:
    return not account or account.endswith("-compute@developer.gserviceaccount.com")


def secrets(facts: Facts) -> Findings:
    """Every secret's pinned version can be read."""
    account = facts.json("function").get("serviceConfig", {}).get("serviceAccountEmail", "")
    for _, secret, version in facts.secrets():
        versions = {v["name"].rpartition("/")[2]: v["state"] for v in facts.json(f"versions-{secret}") or []}
        newest = max((int(n) for n, state in versions.items() if state == "ENABLED"), default=0)
        thing = f"secret {secret}"
        if versions.get(version) != "ENABLED":
            state = versions.get(version, "missing")
            says = f"version {version}, which the function uses, is {state}"
            yield wrong(thing, says, _enable(facts, secret, version, state))
        elif not _is_default(account) and f"serviceAccount:{account}" not in facts.members(
            f"readers-{secret}", "roles/secretmanager.secretAccessor"
        ):
            yield wrong(thing, f"{account} may not read it", "./deploy/secrets.sh")
        elif newest > int(version):
            yield wrong(thing, f"the function uses version {version}, the newest is {newest}", "./deploy/deploy.sh")
        else:
            yield fine(thing, f"version {version}")


def _enable(facts: Facts, secret: str, version: str, state: str) -> str:
    if state == "DISABLED":
        return f"gcloud secrets versions enable {version} --secret={secret} --project={facts.setting('PROJECT_ID')}"
    return "./deploy/deploy.sh"


def checks(facts: Facts) -> list[Finding]:
    """All of this file, in order."""
    return [*invoker(facts), *callers(facts), *runtime_account(facts), *secrets(facts)]
