"""`header`: secrets in headers of the operator's choice.

Callers of the Dialogflow API can override a configured header for one call (`queryParams.webhookHeaders`), which only
makes that call fail: a header still works as a secret, and never as data to trust (docs/protocol.md 11.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, ClassVar, Self

from ..call import Call
from ..environment import bad, lines
from ..problems import SetupError, unauthenticated
from ..weak_secrets import EXAMPLE_HEADER, MAKE_ONE, carried_by_every_call, weakness
from .mechanism import Check, Mechanism
from .wire import CONTROL, wire_bytes

if TYPE_CHECKING:
    from .certificates import Certificates

_NAME = r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*"  # as text, like CONTROL


class Header(Mechanism):
    """Every configured name must arrive with one of the values configured for it.

    `headers` maps a name to its accepted values. `weak` says of which line of WEBHOOK_HEADERS the value is no secret.
    """

    name = "header"
    cost = 2
    variables: ClassVar[Mapping[str, str]] = {"WEBHOOK_HEADERS": EXAMPLE_HEADER}

    def __init__(self, headers: Mapping[str, tuple[str, ...]] | None = None, weak: str = "") -> None:
        self.headers = {name.lower(): values for name, values in (headers or {}).items()}
        self._weak = weak
        self._accepted = tuple(
            (name, tuple(value.encode("utf-8", "surrogateescape") for value in values))
            for name, values in self.headers.items()
        )

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read WEBHOOK_HEADERS: `Name: value`, one a line; several lines of one name are alternatives."""
        headers: dict[str, tuple[str, ...]] = {}
        weak = ""
        for number, line in enumerate(lines(env.get("WEBHOOK_HEADERS", "")), 1):
            name, colon, text = line.partition(":")
            name, text = name.strip().lower(), text.strip()
            if not (name and colon and text) or re.search(CONTROL, text):
                raise bad("WEBHOOK_HEADERS", f"line {number} is not 'Name: value'", EXAMPLE_HEADER)
            if not re.fullmatch(_NAME, name):
                # Servers drop or rename a header whose name has an underscore, as CGI cannot tell it from a dash.
                raise bad(
                    "WEBHOOK_HEADERS",
                    f"line {number} has a name with more than letters, digits and dashes",
                    EXAMPLE_HEADER,
                )
            headers[name] = (*headers.get(name, ()), text)
            if not weak and (wrong := weakness(text)):
                weak = f"line {number} {wrong}"
        return cls(headers, weak)

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse headers that protect nothing: none, those of every call, and on Google what can be guessed."""
        if not (self.headers and all(self.headers.values())):
            raise bad("WEBHOOK_HEADERS", "is empty, and WEBHOOK_AUTH asks for header", EXAMPLE_HEADER)
        if "authorization" in self.headers and any(other.uses_authorization for other in others):
            raise bad(
                "WEBHOOK_HEADERS",
                "has a header named 'authorization', which replaces the credential that another mechanism in "
                "WEBHOOK_AUTH needs",
                EXAMPLE_HEADER,
            )
        for name in filter(carried_by_every_call, self.headers):
            raise bad(
                "WEBHOOK_HEADERS",
                f"names the header {name}, which every call carries: it is no secret. Take another name. {MAKE_ONE}",
                EXAMPLE_HEADER,
            )
        if on_google and self._weak:  # the examples may be tried at home
            raise SetupError(f"WEBHOOK_HEADERS {self._weak}, and put it into the agent's fulfillment settings too.")

    def secrets(self) -> Iterable[str]:
        """Return the accepted values."""
        return [value for values in self.headers.values() for value in values]

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" (a shared secret names nobody) or raises `Problem` 401."""
        return self._check

    def _check(self, call: Call) -> str:
        for name, accepted in self._accepted:
            value = call.headers.get(name)
            if not value:
                raise unauthenticated(f"header: {name} is missing")
            found = wire_bytes(value)
            matches = 0
            for one in accepted:  # All of them, always: the time taken does not tell which one came close.
                matches |= compare_digest(found, one)
            if not matches:
                raise unauthenticated(f"header: {name} has none of the values in WEBHOOK_HEADERS")
        return ""


MECHANISM = Header
