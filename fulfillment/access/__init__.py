"""Who may call: every mechanism named in WEBHOOK_AUTH must hold, or the call ends with a `Problem`.

Neither the User-Agent nor the source address is a credential: anybody can write the first, and the second belongs to
all of Google's customers (docs/protocol.md 1.2: `Google-Dialogflow` arrives, no other may be refused; Google promises
no addresses narrower than `goog.json` without `cloud.json`, and advises against filters by address).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..call import Call
from ..problems import access_not_configured
from ..settings import Settings
from ..weak_secrets import EXAMPLE_HEADER

if TYPE_CHECKING:
    from .certificates import Certificates

__all__ = ["Caller", "Guard"]

NOTHING_CHOSEN = (
    "WEBHOOK_AUTH is not set, so nobody may call. Behind Cloud IAM, deploy again with --no-allow-unauthenticated "
    "--update-env-vars WEBHOOK_AUTH=iam (better, with a secret: WEBHOOK_AUTH=iam,header and "
    f"WEBHOOK_HEADERS='{EXAMPLE_HEADER}', and the same header in the agent's fulfillment settings). "
    'docs/access.md, "The mechanisms", has the others'
)

# The cheap checks run first, so that a caller without the secret costs neither a signature check nor a fetch.
_ORDER = ("none", "header", "basic", "iam", "access-token", "mtls", "id-token", "oauth")

# A check returns the caller's e-mail address ("" when it knows none) or raises a `Problem`.
_Check = Callable[[Call], str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: the mechanisms that held, and the e-mail address of a token ("" when there was none).

    Under `iam` the address is the one the platform verified, as long as the service is not public: it is good for a
    log line and for the list in WEBHOOK_CALLERS, and it is not an end user's identity.
    """

    mechanisms: tuple[str, ...]
    email: str = ""


class Guard:
    """Checks calls against the mechanisms of `settings.auth`. Safe for many threads; makes no thread or client itself.

    `certificates` are the signing keys for `id-token` (Google's) or `oauth` (the provider's); tests pass their own.
    """

    def __init__(self, settings: Settings, certificates: Certificates | None = None) -> None:
        if certificates is None and "id-token" in settings.auth:
            from .certificates import Certificates

            certificates = Certificates()
        elif certificates is None and "oauth" in settings.auth:
            from .certificates import Certificates
            from .oauth import keys_of

            certificates = Certificates(settings.oauth_keys, parse=keys_of, mechanism="oauth")
        self._certificates = certificates
        self._mechanisms = tuple(sorted(settings.auth, key=_ORDER.index))
        self._checks = tuple(_check(name, settings, certificates) for name in self._mechanisms)
        if "iam" in settings.auth and not settings.on_google:
            # No platform checks tokens here: as safe as `none`, so that a deployment's settings can be tried at home.
            self._checks = (_check("none", settings, None), *self._checks)
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
        if self._certificates is not None and {"id-token", "oauth"}.intersection(self._mechanisms):
            self._certificates.warm()


def _check(name: str, settings: Settings, certificates: Certificates | None) -> _Check:
    # Only what is chosen is imported: a cold start does not pay for the others.
    if name == "none":
        from .local import LoopbackOnly

        return LoopbackOnly().check
    if name == "header":
        from .header import Header

        return Header(settings.headers).check
    if name == "basic":
        from .basic import Basic

        return Basic(settings.basic).check
    if name == "iam":
        from .platform_iam import PlatformIam

        return PlatformIam(settings.callers, settings.audience).check
    if name == "mtls":
        from .client_certificates import ClientCertificate

        return ClientCertificate(settings.client_cert_names).check
    if name == "access-token":
        from .access_token import AccessToken

        return AccessToken().check
    if name == "oauth":
        from .oauth import OAuth

        assert certificates is not None
        return OAuth(
            settings.oauth_issuer, settings.oauth_audience, settings.oauth_clients, certificates, settings.deadline
        ).check
    from .tokens import IdToken

    assert name == "id-token"
    assert certificates is not None
    return IdToken(settings.callers, settings.audience, certificates, settings.deadline).check
