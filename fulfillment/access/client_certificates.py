"""`mtls`: a Google load balancer has asked for the client certificate and says in headers what it found.

The header names are Google's usual ones (docs/protocol.md 11.5). The balancer overwrites headers of these
names, so they are worth something only when the function cannot be reached around it (ingress "internal and load
balancing"). The subject names Google and not an agent: every Dialogflow customer's calls present the same certificate,
so `mtls` shows "this is Dialogflow" and wants a second mechanism for "this is my agent".
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

from ..call import Call
from ..environment import bad, commas
from ..problems import not_allowed, unauthenticated
from .mechanism import Check, Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates

PRESENT = "x-client-cert-present"
CHAIN_VERIFIED = "x-client-cert-chain-verified"
SUBJECT = "x-client-cert-subject-dn"
NAMES = ("Google LLC", "*.dialogflow.com")
"""The common names of Dialogflow's certificate, the new one and the old (docs/protocol.md 11.5)."""

_COMMON_NAME = "2.5.4.3"
_LONGEST_SUBJECT = 2048  # characters of base64; Dialogflow's have under a hundred


class _NameError(Exception):
    """What is wrong with a subject, in words for the log."""


class ClientCertificate(Mechanism):
    """Accepts verified certificates with one of `names` as their common name.

    Names are compared as they stand: `*.dialogflow.com` is the name in Dialogflow's old certificate, not a pattern.
    """

    name = "mtls"
    cost = 100
    variables: ClassVar[Mapping[str, str]] = {"WEBHOOK_CLIENT_CERT_NAMES": "Google LLC"}
    cannot_be_shown = "the headers of your load balancer"

    def __init__(self, names: Iterable[str] = NAMES) -> None:
        self.names = frozenset(names)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read WEBHOOK_CLIENT_CERT_NAMES."""
        return cls(commas(env.get("WEBHOOK_CLIENT_CERT_NAMES", "")) or NAMES)

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse to accept no name at all."""
        if not self.names:
            raise bad("WEBHOOK_CLIENT_CERT_NAMES", "is empty, and WEBHOOK_AUTH asks for mtls", "Google LLC")

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" (the certificate names Google, not the caller) or raises `Problem`."""
        return self._check

    def _check(self, call: Call) -> str:
        if call.headers.get(PRESENT) != "true":
            raise unauthenticated(f"mtls: {PRESENT} is not 'true': there was no certificate, or no load balancer")
        if call.headers.get(CHAIN_VERIFIED) != "true":
            raise unauthenticated(
                f"mtls: {CHAIN_VERIFIED} is not 'true': the load balancer does not trust the certificate's chain. "
                "Its trust store needs the root that Dialogflow's current certificate comes from"
            )
        subject = call.headers.get(SUBJECT)
        if not subject:
            raise unauthenticated(f"mtls: {SUBJECT} is missing: add it to the load balancer's custom headers")
        try:
            name = _common_name(subject)
        except _NameError as error:
            raise unauthenticated(f"mtls: {SUBJECT} {error}") from None
        if name not in self.names:
            raise not_allowed(f"mtls: the common name {name[:100]!r} is not in WEBHOOK_CLIENT_CERT_NAMES")
        return ""


@lru_cache(maxsize=32)  # Decoding takes 0.2 ms, and Dialogflow has one or two certificates.
def _common_name(subject: str) -> str:
    """Return the one common name in the base64 of a DER name. Raises `_NameError`."""
    if len(subject) > _LONGEST_SUBJECT:
        raise _NameError(f"is longer than {_LONGEST_SUBJECT} characters")
    try:
        der = base64.b64decode(subject, validate=True)
    except ValueError:
        raise _NameError("is not base64 (doubled or truncated?)") from None
    try:
        return _only_common_name(der)
    except _NameError:
        raise
    except Exception:  # Whatever a decoder trips over is a malformed name.
        raise _NameError("is not a DER name") from None


def _only_common_name(der: bytes) -> str:
    from pyasn1.codec.der.decoder import decode
    from pyasn1.type.char import PrintableString, UTF8String
    from pyasn1_modules.rfc5280 import Name

    name, rest = decode(der, asn1Spec=Name())
    if rest:
        raise _NameError("has bytes after the DER name")
    found = [
        bytes(attribute["value"])
        for attributes in name["rdnSequence"]
        for attribute in attributes
        if str(attribute["type"]) == _COMMON_NAME
    ]
    if len(found) != 1:
        raise _NameError(f"holds {len(found)} common names, not one")
    text, _ = decode(found[0])
    # The two string types that certificates may use today (RFC 5280, 4.1.2.4).
    if type(text) not in (UTF8String, PrintableString):
        raise _NameError("has a common name that is neither a UTF8String nor a PrintableString")
    return str(text)


MECHANISM = ClientCertificate
