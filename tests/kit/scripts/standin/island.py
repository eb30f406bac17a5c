"""A network namespace with a loopback device and no route, entered by one thread.

Sockets and child processes that the thread makes belong to the namespace, so the scripts under test can reach the
stand-in and nothing else. Where the machine does not allow namespaces, the thread stays in the ordinary network.
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


class Island:
    """`run(f)` calls `f` in the namespace; `cut_off` says whether there is one."""

    def __init__(self) -> None:
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="island")
        self.cut_off: bool = self._thread.submit(_enter).result()

    def run(self, function: Callable[[], _T]) -> _T:
        return self._thread.submit(function).result()

    def close(self) -> None:
        self._thread.shutdown()


def _enter() -> bool:
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    return True
