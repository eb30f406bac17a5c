"""Is a port free, and if not, who has it?"""

from __future__ import annotations

import socket
from pathlib import Path

_LISTENING = "0A"


def is_free(port: int) -> bool:
    """Return whether a server could listen on 127.0.0.1 at that port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def owner(port: int) -> str:
    """Return the process that listens there, as "1234 (python -m ...)"; "" where the system does not tell."""
    inodes = _inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            sockets = {str(link.readlink()) for link in (process / "fd").iterdir()}
            if any(f"socket:[{inode}]" in sockets for inode in inodes):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} ({command[:80]})"
        except OSError:  # not ours to look at, or gone by now
            continue
    return ""


def _inodes(port: int) -> list[str]:
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.append(fields[9])
    return inodes
