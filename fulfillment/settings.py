"""Settings: environment variables, read and checked once at start.

A bad value stops the start with an error that names the variable, what is wrong and an example. What belongs to one
mechanism of WEBHOOK_AUTH is read and judged in its file in `access/`; here is what is everybody's.

`python3 -m fulfillment.settings --check` judges them before a deployment (`settings_check.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from .access import FILES, Mechanism, mechanism_named
from .environment import bad, commas, flag, one_of, seconds, whole
from .problems import SetupError

ES_DEADLINE = 4.5
ASSISTANT_DEADLINE = 9.5
DEADLINE_OFF = 86_400.0
"""Seconds that `off` stands for: a debugger may hold a handler for a day."""
DEFAULT_THREADS = 80
ONCE_KEEP = 3600.0

_EXAMPLE_AUTH = "iam,header"
# Other variables of this prefix belong to mechanisms; those that are not chosen are loaded for them only.
_PREFIX = "WEBHOOK_"
_OF_EVERYBODY = frozenset(
    {
        "WEBHOOK_AUTH",
        "WEBHOOK_DEADLINE",
        "WEBHOOK_ASSISTANT",
        "WEBHOOK_CX_DEADLINE",
        "WEBHOOK_API_VERSION",
        "WEBHOOK_LOG_BODIES",
        "WEBHOOK_CONCURRENCY",
        "WEBHOOK_ONCE_KEEP",
        "WEBHOOK_ONCE_REPLY",
        "WEBHOOK_ONCE_OUTAGE",
    }
)


@dataclass(frozen=True)
class Settings:
    """Every setting of the function; docs/settings.md explains each.

    Deadlines are in seconds; one that is off is `DEADLINE_OFF`. `concurrency` is how many calls the platform sends here
    at once, `platform_timeout` after how many seconds it ends one; 0 where it does not say.
    `auth` is empty when nothing was chosen on a Google runtime, and `("none",)` off it. `access` holds the mechanisms
    with settings of their own; those of `auth` that are not given have none. `secrets` are what no log may show.
    """

    auth: tuple[str, ...] = ("none",)
    access: tuple[Mechanism, ...] = ()
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
    mechanisms: tuple[Mechanism, ...] = field(init=False, repr=False, compare=False)
    """Those of `auth`, in its order."""
    secrets: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse combinations that cannot work, whoever made them."""
        _check_names(self.auth)
        given = {mechanism.name: mechanism for mechanism in self.access}
        chosen = tuple(given[name] if name in given else mechanism_named(name)() for name in self.auth)
        object.__setattr__(self, "mechanisms", chosen)
        secrets = (
            secret
            for mechanism in {**given, **dict(zip(self.auth, chosen, strict=True))}.values()
            for secret in mechanism.secrets()
        )
        object.__setattr__(self, "secrets", tuple(secrets))
        _check_pairs(chosen)
        for mechanism in chosen:
            mechanism.refuse([other for other in chosen if other is not mechanism], self.on_google)
        _check_nothing_is_idle(self)
        _check_threads(self)

    @property
    def strict(self) -> bool:
        """Whether a broken reply limit is an error (tests, local runs) or a logged warning (production)."""
        return not self.on_google

    @property
    def debugging(self) -> bool:
        """Whether a deadline is off, so that a debugger may stop everything for as long as it takes."""
        return DEADLINE_OFF in (self.deadline, self.cx_deadline)


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's environment).

    Raises `SetupError` naming the variable, what is wrong with it, and a valid example.
    """
    env = os.environ if environ is None else environ
    on_google = bool(env.get("K_SERVICE"))
    auth = _auth(env.get("WEBHOOK_AUTH", ""), on_google)
    time = partial(seconds, env)
    deadline = partial(_deadline, env, on_google)
    number = partial(whole, env)
    return Settings(
        auth=auth,
        access=_access(env, auth),
        deadline=deadline("WEBHOOK_DEADLINE", 10.0),
        assistant=flag(env, "WEBHOOK_ASSISTANT"),
        cx_deadline=deadline("WEBHOOK_CX_DEADLINE", 30.0),
        api_version=_api_version(env.get("WEBHOOK_API_VERSION", "v2")),
        log_bodies=flag(env, "WEBHOOK_LOG_BODIES"),
        threads=number("THREADS", DEFAULT_THREADS, DEFAULT_THREADS),
        concurrency=number("WEBHOOK_CONCURRENCY", 0, DEFAULT_THREADS),
        platform_timeout=float(number("CLOUD_RUN_TIMEOUT_SECONDS", 0, DEFAULT_THREADS, least=0)),
        once_keep=time("WEBHOOK_ONCE_KEEP", ONCE_KEEP, 30 * 86_400.0, least=10.0),
        once_reply=one_of(env, "WEBHOOK_ONCE_REPLY", "store", "hash"),
        once_outage=one_of(env, "WEBHOOK_ONCE_OUTAGE", "refuse", "run"),
        on_google=on_google,
        project=env.get("GOOGLE_CLOUD_PROJECT", ""),
    )


def _auth(value: str, on_google: bool) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(commas(value.lower())))
    if not chosen and not on_google:
        return ("none",)
    return chosen


def _access(env: Mapping[str, str], auth: tuple[str, ...]) -> tuple[Mechanism, ...]:
    """Return the chosen mechanisms, and those that somebody has set up without choosing them."""
    found = [mechanism_named(name) for name in auth if name in FILES]
    known = _OF_EVERYBODY.union(*(mechanism.variables for mechanism in found))
    if any(name.startswith(_PREFIX) and name not in known and env[name] for name in env):
        others = (mechanism_named(name) for name in FILES if name not in auth)
        found += [mechanism for mechanism in others if any(map(env.get, mechanism.variables))]
    return tuple(mechanism.from_environment(env) for mechanism in found)


def _check_names(auth: tuple[str, ...]) -> None:
    for name in auth:
        if name not in FILES:
            known = ", ".join(FILES)
            raise bad("WEBHOOK_AUTH", f"holds {name!r}, which is no mechanism; known are {known}", _EXAMPLE_AUTH)
    if "none" in auth and len(auth) > 1:
        raise bad("WEBHOOK_AUTH", f"combines 'none' with {min(set(auth) - {'none'})!r}", _EXAMPLE_AUTH)


def _check_pairs(chosen: tuple[Mechanism, ...]) -> None:
    for one, other in combinations(sorted(chosen, key=lambda mechanism: mechanism.name), 2):
        reason = one.cannot_be_combined.get(other.name) or other.cannot_be_combined.get(one.name)
        if not reason and one.uses_authorization and other.uses_authorization:
            reason = "both need the Authorization header, and a call has only one"
        if reason:
            raise bad("WEBHOOK_AUTH", f"{one.name} with {other.name} cannot work: {reason}", _EXAMPLE_AUTH)


def _check_nothing_is_idle(settings: Settings) -> None:
    """A secret that no chosen mechanism reads would look like protection."""
    if settings.auth in ((), ("none",)):
        return
    for mechanism in settings.access:
        if mechanism.name not in settings.auth and any(mechanism.secrets()):
            variable, found = " and ".join(mechanism.variables), ",".join(settings.auth)
            raise SetupError(
                f"{variable} is set, and nothing reads it: WEBHOOK_AUTH='{found}' lacks {mechanism.name}. "
                f"Remove {variable}, or add {mechanism.name} to WEBHOOK_AUTH."
            )


def _check_threads(settings: Settings) -> None:
    if settings.concurrency > settings.threads:
        raise bad(
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


def _deadline(env: Mapping[str, str], on_google: bool, name: str, most: float) -> float:
    if env.get(name, "").strip().lower() != "off":
        return seconds(env, name, ES_DEADLINE, most)
    if on_google:
        raise bad(name, "is off, which is for a debugger on your own machine: Dialogflow does not wait", "4.5")
    return DEADLINE_OFF


def _api_version(text: str) -> str:
    version = text.strip().lower() or "v2"
    if version not in ("v2", "v2beta1"):
        raise bad("WEBHOOK_API_VERSION", f"{text!r} is neither v2 nor v2beta1", "v2")
    return version


if __name__ == "__main__":
    from . import settings_check

    sys.exit(settings_check.main(sys.argv[1:], lambda variables: from_environment(variables).auth))
