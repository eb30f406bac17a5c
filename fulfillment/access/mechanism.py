"""What a mechanism is: one way to show who calls. Each has a file of its own, with everything that is known of it.

To add one, write a file with a class like `AccessToken` (the shortest), end it with `MECHANISM = YourClass`, and name
the file in the table of `access/__init__.py`. Settings, their check before a deployment, the guard and the log follow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from ..call import Call

if TYPE_CHECKING:
    from .certificates import Certificates

Check = Callable[[Call], str]
"""Returns the caller's e-mail address ("" when it knows none), or raises a `Problem`."""


class Mechanism(ABC):
    """One mechanism with its settings. An object is made once, from the environment or by a test, and never changes."""

    name: ClassVar[str]
    """The word in WEBHOOK_AUTH."""
    cost: ClassVar[int]
    """About how many microseconds a check takes. The cheap ones are asked first, so that a caller without the secret
    costs neither a signature check nor a fetch."""
    uses_authorization: ClassVar[bool] = False
    """Whether it needs the Authorization header, which a call has only once."""
    relies_on_platform: ClassVar[bool] = False
    """Whether the platform has checked the caller before. Where there is none, only this machine may call."""
    variables: ClassVar[Mapping[str, str]] = {}
    """The environment variables that it reads, each with a valid example."""
    cannot_be_combined: ClassVar[Mapping[str, str]] = {}
    """Names of mechanisms that cannot hold together with this one, each with the reason."""
    cannot_be_shown: ClassVar[str] = ""
    """What a caller must show that no command line can, in words; "" where it can."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the settings. Raises `SetupError` for a value that is malformed; what is missing is told by `refuse`."""
        return cls()

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:  # noqa: B027 - most refuse nothing
        """Raise `SetupError` when this, chosen together with `others`, cannot work or protects nothing."""

    def secrets(self) -> Iterable[str]:
        """Return what no log may show; a mechanism that has some is refused when it is set and not chosen."""
        return ()

    def certificates(self) -> Certificates | None:
        """Return the keys that tokens are checked against, to be fetched at first need; None without such a check."""
        return None

    @abstractmethod
    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check. `certificates` are those of above or a test's own; `deadline` is in seconds of a call."""
