"""Who may call: every mechanism named in WEBHOOK_AUTH must hold, or the call ends with a `Problem`.

Neither the User-Agent nor the source address is a credential: anybody can write the first, and the second belongs to
all of Google's customers (docs/protocol.md 1.2: `Google-Dialogflow` arrives, no other may be refused; Google promises
no addresses narrower than `goog.json` without `cloud.json`, and advises against filters by address).
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..call import Call
from ..problems import access_not_configured
from ..weak_secrets import EXAMPLE_HEADER
from .mechanism import Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates

__all__ = ["FILES", "Caller", "Guard", "Mechanism", "mechanism_named"]

FILES = {
    "iam": "platform_iam",
    "id-token": "id_token",
    "basic": "basic",
    "header": "header",
    "mtls": "client_certificates",
    "access-token": "access_token",
    "oauth": "oauth",
    "none": "loopback",
}
"""The file of each mechanism. All else that is known of one stands there, and is loaded when somebody needs it."""

NOTHING_CHOSEN = (
    "WEBHOOK_AUTH is not set, so nobody may call. Behind Cloud IAM, deploy again with --no-allow-unauthenticated "
    "--update-env-vars WEBHOOK_AUTH=iam (better, with a secret: WEBHOOK_AUTH=iam,header and "
    f"WEBHOOK_HEADERS='{EXAMPLE_HEADER}', and the same header in the agent's fulfillment settings). "
    'docs/access.md, "The mechanisms", has the others'
)


def mechanism_named(name: str) -> type[Mechanism]:
    """Return the mechanism of a name in `FILES`, and load its file: a cold start does not pay for the others."""
    found: type[Mechanism] = importlib.import_module(f".{FILES[name]}", __name__).MECHANISM
    return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: the mechanisms that held, and the e-mail address of a token ("" when there was none).

    Under `iam` the address is the one the platform verified, as long as the service is not public: it is good for a
    log line and for the list in WEBHOOK_CALLERS, and it is not an end user's identity.
    """

    mechanisms: tuple[str, ...]
    email: str = ""


class Chosen(Protocol):
    """What the guard reads of the settings: the chosen mechanisms, where it runs, and a call's time in seconds."""

    @property
    def mechanisms(self) -> Sequence[Mechanism]:
        """Those that must hold."""

    @property
    def on_google(self) -> bool:
        """Whether a platform stands before the function."""

    @property
    def deadline(self) -> float:
        """Seconds until an answer must be out."""


class Guard:
    """Checks calls against the chosen mechanisms. Safe for many threads; makes no thread or client itself.

    `certificates` stand in for the signing keys of every mechanism that has some; tests pass their own.
    """

    def __init__(self, settings: Chosen, certificates: Certificates | None = None) -> None:
        chosen = sorted(settings.mechanisms, key=lambda mechanism: mechanism.cost)
        self._certificates: list[Certificates] = []
        checks = []
        for mechanism in chosen:
            keys = mechanism.certificates()
            if keys is not None:
                keys = certificates or keys
                self._certificates.append(keys)
            checks.append(mechanism.checking(keys, settings.deadline))
        if not settings.on_google and any(mechanism.relies_on_platform for mechanism in chosen):
            # No platform checks tokens here: as safe as `none`, so that a deployment's settings can be tried at home.
            checks.insert(0, mechanism_named("none")().checking(None, settings.deadline))
        self._checks = tuple(checks)
        self._mechanisms = tuple(mechanism.name for mechanism in chosen)
        self._caller = Caller(self._mechanisms)

    def check(self, call: Call) -> Caller:
        """Return who calls, when every chosen mechanism holds.

        Raises `Problem`: 401 `unauthenticated` for no or a wrong credential, 403 `not-allowed` for a sound one that
        may not call, 403 `access-not-configured` when nobody has chosen who may, 503 `certificates-unavailable` when
        a token's certificate cannot be fetched. Which check failed stands in `detail`, for the log only.
        """
        if not self._checks:
            raise access_not_configured(NOTHING_CHOSEN)
        email = ""
        for check in self._checks:
            email = check(call) or email
        return Caller(self._mechanisms, email) if email else self._caller

    def warm(self) -> None:
        """Begin what the first call would otherwise wait for (keys for `id-token` or `oauth`), without waiting.

        Call it in the worker, never before a fork: it may start a thread.
        """
        for certificates in self._certificates:
            certificates.warm()
