"""Settings: environment variables, read and checked once at start.

A bad value stops the start with an error that names the variable, what is wrong and an example.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from .problems import SetupError
from .weak_secrets import EXAMPLE_BASIC, EXAMPLE_HEADER, MAKE_ONE, carried_by_every_call, weakness

MECHANISMS = ("iam", "id-token", "basic", "header", "mtls", "access-token", "oauth")
ES_DEADLINE = 4.5
ASSISTANT_DEADLINE = 9.5
DEFAULT_THREADS = 80
ONCE_KEEP = 3600.0

# Which secret each mechanism reads. A secret that no chosen mechanism reads would look like protection.
_READ_BY = {
    "WEBHOOK_BASIC": ("basic", "basic"),
    "WEBHOOK_HEADERS": ("headers", "header"),
}
# Patterns as text: a start that does not need one does not compile it.
_HEADER_NAME = r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
_EMAIL = r"[^@:*\s]+@[^@:*\s]+"
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"

_IN_AUTHORIZATION = ("basic", "iam", "id-token", "access-token", "oauth")
_CANNOT_COMBINE = {
    frozenset(pair): "both need the Authorization header, and a call has only one"
    for pair in combinations(_IN_AUTHORIZATION, 2)
} | {
    frozenset({"iam", "id-token"}): "the platform strips the token's signature before the function sees it, "
    "so it cannot be verified again",
}


@dataclass(frozen=True)
class Settings:
    """Every setting of the function; docs/settings.md explains each.

    Deadlines are in seconds. `headers` maps a lower-case header name to its accepted values.
    `concurrency` is how many calls the platform sends here at once, `platform_timeout` after how many seconds it ends
    one; 0 where it does not say.
    `auth` is empty when nothing was chosen on a Google runtime, and `("none",)` off it.
    The four of `oauth_` describe the tokens of another provider than Google: issuer, address of its keys, audiences,
    and the clients that may call.
    """

    auth: tuple[str, ...] = ("none",)
    basic: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    callers: frozenset[str] = frozenset()
    audience: frozenset[str] = frozenset()
    oauth_issuer: str = ""
    oauth_keys: str = ""
    oauth_audience: frozenset[str] = frozenset()
    oauth_clients: frozenset[str] = frozenset()
    client_cert_names: tuple[str, ...] = ("Google LLC", "*.dialogflow.com")
    deadline: float = ES_DEADLINE
    assistant: bool = False
    cx_deadline: float = ES_DEADLINE
    api_version: str = "v2"
    log_bodies: bool = False
    threads: int = DEFAULT_THREADS
    concurrency: int = 0
    platform_timeout: float = 0.0
    once_keep: float = ONCE_KEEP
    once_reply: str = "store"
    once_outage: str = "refuse"
    on_google: bool = False
    project: str = ""

    def __post_init__(self) -> None:
        """Refuse combinations that cannot work, whoever made them."""
        _check_mechanisms(self)
        _check_what_they_need(self)
        _check_nothing_is_idle(self)
        _check_secrets(self)
        _check_threads(self)

    @property
    def strict(self) -> bool:
        """Whether a broken reply limit is an error (tests, local runs) or a logged warning (production)."""
        return not self.on_google


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's environment).

    Raises `SetupError` naming the variable, what is wrong with it, and a valid example.
    """
    env = os.environ if environ is None else environ
    on_google = bool(env.get("K_SERVICE"))
    seconds = partial(_seconds, env)
    return Settings(
        auth=_auth(env.get("WEBHOOK_AUTH", ""), on_google),
        basic=_basic(env.get("WEBHOOK_BASIC", "")),
        headers=_headers(env.get("WEBHOOK_HEADERS", "")),
        callers=_callers(env.get("WEBHOOK_CALLERS", "")),
        audience=frozenset(_commas(env.get("WEBHOOK_AUDIENCE", ""))),
        oauth_issuer=env.get("WEBHOOK_OAUTH_ISSUER", "").strip(),
        oauth_keys=env.get("WEBHOOK_OAUTH_KEYS", "").strip(),
        oauth_audience=frozenset(_commas(env.get("WEBHOOK_OAUTH_AUDIENCE", ""))),
        oauth_clients=frozenset(_commas(env.get("WEBHOOK_OAUTH_CLIENTS", ""))),
        client_cert_names=_commas(env.get("WEBHOOK_CLIENT_CERT_NAMES", "")) or Settings.client_cert_names,
        deadline=seconds("WEBHOOK_DEADLINE", ES_DEADLINE, 10.0),
        assistant=_flag(env, "WEBHOOK_ASSISTANT"),
        cx_deadline=seconds("WEBHOOK_CX_DEADLINE", ES_DEADLINE, 30.0),
        api_version=_api_version(env.get("WEBHOOK_API_VERSION", "v2")),
        log_bodies=_flag(env, "WEBHOOK_LOG_BODIES"),
        threads=_whole(env, "THREADS", DEFAULT_THREADS),
        concurrency=_whole(env, "WEBHOOK_CONCURRENCY", 0),
        platform_timeout=float(_whole(env, "CLOUD_RUN_TIMEOUT_SECONDS", 0, least=0)),
        once_keep=_seconds(env, "WEBHOOK_ONCE_KEEP", ONCE_KEEP, 30 * 86_400.0, least=10.0),
        once_reply=_one_of(env, "WEBHOOK_ONCE_REPLY", "store", "hash"),
        once_outage=_one_of(env, "WEBHOOK_ONCE_OUTAGE", "refuse", "run"),
        on_google=on_google,
        project=env.get("GOOGLE_CLOUD_PROJECT", ""),
    )


def _auth(value: str, on_google: bool) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(_commas(value.lower())))
    if not chosen and not on_google:
        return ("none",)
    return chosen


def _check_mechanisms(settings: Settings) -> None:
    chosen = set(settings.auth)
    for name in settings.auth:
        if name != "none" and name not in MECHANISMS:
            known = ", ".join(MECHANISMS)
            raise _bad("WEBHOOK_AUTH", f"holds {name!r}, which is no mechanism; known are {known}, none", "iam,header")
    if "none" in chosen and len(chosen) > 1:
        raise _bad("WEBHOOK_AUTH", f"combines 'none' with {sorted(chosen - {'none'})[0]!r}", "iam,header")
    for pair, reason in _CANNOT_COMBINE.items():
        if pair <= chosen:
            raise _bad("WEBHOOK_AUTH", f"{' with '.join(sorted(pair))} cannot work: {reason}", "iam,header")


def _check_what_they_need(settings: Settings) -> None:
    chosen = set(settings.auth)
    if "header" in chosen and "authorization" in settings.headers and chosen.intersection(_IN_AUTHORIZATION):
        raise _bad(
            "WEBHOOK_HEADERS",
            "has a header named 'authorization', which replaces the credential that another mechanism in "
            "WEBHOOK_AUTH needs",
            EXAMPLE_HEADER,
        )
    if "basic" in chosen and not settings.basic:
        raise _bad("WEBHOOK_BASIC", "is empty, and WEBHOOK_AUTH asks for basic", EXAMPLE_BASIC)
    if "header" in chosen and not (settings.headers and all(settings.headers.values())):
        raise _bad("WEBHOOK_HEADERS", "is empty, and WEBHOOK_AUTH asks for header", EXAMPLE_HEADER)
    if "id-token" in chosen and not settings.callers:
        raise _bad(
            "WEBHOOK_CALLERS",
            "is empty, and WEBHOOK_AUTH asks for id-token: any Google account can get a token for your URL, "
            "so the caller's e-mail is the check that matters",
            "service-123456789012@gcp-sa-dialogflow.iam.gserviceaccount.com",
        )
    if "access-token" in chosen and not chosen & {"header", "mtls"}:
        raise _bad(
            "WEBHOOK_AUTH",
            "asks for access-token alone: such a token is made for calling Google, nobody else can verify it, so "
            "anything would be believed. Add header or mtls, or let the agent send an ID token",
            "access-token,header",
        )
    if "oauth" in chosen:
        _check_oauth(settings)
    if "mtls" in chosen and not settings.client_cert_names:
        raise _bad("WEBHOOK_CLIENT_CERT_NAMES", "is empty, and WEBHOOK_AUTH asks for mtls", "Google LLC")


def _check_oauth(settings: Settings) -> None:
    for variable, value, example in (
        ("WEBHOOK_OAUTH_ISSUER", settings.oauth_issuer, "https://login.example.com/"),
        ("WEBHOOK_OAUTH_KEYS", settings.oauth_keys, "https://login.example.com/.well-known/jwks.json"),
        ("WEBHOOK_OAUTH_AUDIENCE", settings.oauth_audience, "https://shop.example.com/webhook"),
        ("WEBHOOK_OAUTH_CLIENTS", settings.oauth_clients, "dialogflow-agent"),
    ):
        if not value:
            raise _bad(variable, "is empty, and WEBHOOK_AUTH asks for oauth", example)
    if not settings.oauth_keys.startswith("https://"):
        raise _bad(
            "WEBHOOK_OAUTH_KEYS",
            "does not start with https://, so anybody on the way could send keys of their own",
            "https://login.example.com/.well-known/jwks.json",
        )


def _check_nothing_is_idle(settings: Settings) -> None:
    chosen = set(settings.auth)
    if not chosen or "none" in chosen:
        return
    for variable, (name, wanted) in _READ_BY.items():
        if getattr(settings, name) and wanted not in chosen:
            found = ",".join(settings.auth)
            raise SetupError(
                f"{variable} is set, and nothing reads it: WEBHOOK_AUTH='{found}' lacks {wanted}. "
                f"Remove {variable}, or add {wanted} to WEBHOOK_AUTH."
            )


def _check_secrets(settings: Settings) -> None:
    if "header" in settings.auth:
        for name in filter(carried_by_every_call, settings.headers):
            raise _bad(
                "WEBHOOK_HEADERS",
                f"names the header {name}, which every call carries: it is no secret. Take another name. {MAKE_ONE}",
                EXAMPLE_HEADER,
            )
    if not settings.on_google:
        return  # the examples may be tried at home
    secrets = {
        "WEBHOOK_HEADERS": [value for values in settings.headers.values() for value in values],
        "WEBHOOK_BASIC": [line.partition(":")[2] for line in settings.basic],
    }
    for variable, (_, mechanism) in _READ_BY.items():
        for wrong in filter(None, map(weakness, secrets[variable] if mechanism in settings.auth else ())):
            raise SetupError(f"{variable} {wrong}, and put it into the agent's fulfillment settings too.")


def _check_threads(settings: Settings) -> None:
    if settings.concurrency > settings.threads:
        raise _bad(
            "THREADS",
            f"is {settings.threads}, and WEBHOOK_CONCURRENCY says that {settings.concurrency} calls may come at once: "
            "the others would wait where no deadline sees them",
            str(settings.concurrency),
        )
    longest = max(settings.deadline, settings.cx_deadline, ASSISTANT_DEADLINE if settings.assistant else 0.0)
    if 0 < settings.platform_timeout <= longest:
        raise SetupError(
            f"The platform ends calls after {settings.platform_timeout:g} s (CLOUD_RUN_TIMEOUT_SECONDS), and a call "
            f"may take {longest:g} s. Deploy with a longer --timeout, for example {longest + 5:.0f}s."
        )


def _basic(value: str) -> tuple[str, ...]:
    lines = _lines(value)
    for number, line in enumerate(lines, 1):
        user, colon, password = line.partition(":")
        # The line itself may be a password: it is repeated in none of these.
        if not (user and colon and password):
            raise _bad("WEBHOOK_BASIC", f"line {number} is not user:password", EXAMPLE_BASIC)
        if line != line.strip():
            raise _bad("WEBHOOK_BASIC", f"line {number} begins or ends with a space", EXAMPLE_BASIC)
        if re.search(_CONTROL, line):
            raise _bad("WEBHOOK_BASIC", f"line {number} holds a control character", EXAMPLE_BASIC)
    return lines


def _headers(value: str) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(_lines(value), 1):
        name, colon, text = line.partition(":")
        name, text = name.strip().lower(), text.strip()
        if not (name and colon and text) or re.search(_CONTROL, text):
            raise _bad("WEBHOOK_HEADERS", f"line {number} is not 'Name: value'", EXAMPLE_HEADER)
        if not re.fullmatch(_HEADER_NAME, name):
            # Servers drop or rename a header whose name has an underscore, because CGI cannot tell it from a dash.
            raise _bad(
                "WEBHOOK_HEADERS",
                f"line {number} has a name with more than letters, digits and dashes",
                EXAMPLE_HEADER,
            )
        headers[name] = (*headers.get(name, ()), text)
    return headers


def _callers(value: str) -> frozenset[str]:
    addresses = _commas(value.lower())
    for address in addresses:
        if not re.fullmatch(_EMAIL, address):
            raise _bad(
                "WEBHOOK_CALLERS",
                f"holds {address!r}, which is no e-mail address (no 'serviceAccount:', no pattern, commas between)",
                "service-123456789012@gcp-sa-dialogflow.iam.gserviceaccount.com",
            )
    return frozenset(addresses)


def _seconds(env: Mapping[str, str], name: str, default: float, most: float, least: float = 0.5) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise _bad(name, f"{text!r} is not a number of seconds from {least:g} to {most:g}", f"{default:g}")
    return value


def _one_of(env: Mapping[str, str], name: str, default: str, other: str) -> str:
    text = env.get(name, "").strip().lower() or default
    if text not in (default, other):
        raise _bad(name, f"{text!r} is neither {default} nor {other}", other)
    return text


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip().lower()
    if text in ("", "false", "0", "no"):
        return False
    if text in ("true", "1", "yes"):
        return True
    raise _bad(name, f"{text!r} is neither true nor false", "true")


def _api_version(text: str) -> str:
    version = text.strip().lower() or "v2"
    if version not in ("v2", "v2beta1"):
        raise _bad("WEBHOOK_API_VERSION", f"{text!r} is neither v2 nor v2beta1", "v2")
    return version


def _whole(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise _bad(name, f"{text!r} is not a whole number of at least {least}", str(default or DEFAULT_THREADS))
    return int(text)


def _commas(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _lines(value: str) -> tuple[str, ...]:
    # Not splitlines(): that also splits at characters a password may hold, such as U+2028.
    return tuple(line.removesuffix("\r") for line in value.split("\n") if line.strip())


def _bad(variable: str, wrong: str, example: str) -> SetupError:
    return SetupError(f"{variable} {wrong}. Example: {variable}='{example}'")
