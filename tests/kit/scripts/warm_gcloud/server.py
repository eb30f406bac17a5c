"""Imports gcloud and forks for each command. Run by gcloud's launcher: server.py [-S] .../lib/gcloud.py SOCKET

It runs under gcloud's Python, which may be as old as 3.9, and imports nothing but the standard library and gcloud.
"""

import array
import atexit
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from typing import Any

BY_PATH = ("googlecloudsdk.surface", "surface")
"""Modules that gcloud loads by path, command by command."""


def gcloud_at(path: str) -> Any:
    """Import gcloud.py as its launcher would, with all that every command needs."""
    spec = importlib.util.spec_from_file_location("gcloud_launcher", path)
    assert spec is not None
    assert spec.loader is not None
    gcloud = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = gcloud
    spec.loader.exec_module(gcloud)
    sys.path = gcloud.reorder_sys_path(sys.path)
    gcloud._fix_google_module()
    gcloud._import_gcloud_main()
    return gcloud


def import_all(names: str) -> None:
    """Import what a command had to import, so that the next fork has it."""
    for name in names.split():
        try:
            importlib.import_module(name)
        except Exception:
            traceback.print_exc()
    gc.collect()
    gc.freeze()  # a fork's collector leaves what was here before alone, so its memory stays shared


def serve(gcloud: Any, path: str, address: str) -> None:
    """Fork for each command until standard input ends."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(16)
    learned, tell = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    import_all("")
    print("ready", flush=True)
    while True:
        watched: list[Any] = [learned, server, 0]
        ready, _, _ = select.select(watched, [], [])
        if learned in ready:
            import_all(learned.recv(1 << 18).decode())
        elif server in ready:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                attend(connection, gcloud, path, tell)
            connection.close()
        else:
            return


def attend(connection: socket.socket, gcloud: Any, path: str, tell: socket.socket) -> None:
    """Run one command in a fork of its own and send its exit code; end it when the client hangs up."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command, files = received(connection)
    ended, ends = os.pipe()
    process = os.fork()
    if process == 0:
        connection.close()
        run(command, files, gcloud, path, tell)
    os.close(ends)
    for file in files:
        os.close(file)
    watched: list[Any] = [connection, ended]
    ready, _, _ = select.select(watched, [], [])
    if ended not in ready:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    try:
        connection.sendall(b"%d" % code)
    finally:
        os._exit(0)


def received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Read what the client sends: the command, and its standard files."""
    size, ancillary, _, _ = connection.recvmsg(16, socket.CMSG_SPACE(3 * 4))
    files = array.array("i")
    for _, _, data in ancillary:
        files.frombytes(data)
    text = b""
    while len(text) < int(size):
        text += connection.recv(1 << 16) or os._exit(1)
    return json.loads(text), list(files)


def run(command: dict[str, Any], files: list[int], gcloud: Any, path: str, tell: socket.socket) -> None:
    """Become the command: its files, environment, folder and arguments, then gcloud's own `main`. Never returns."""
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = [path, *command["arguments"]]
    before = set(sys.modules)
    code: Any = 0
    try:
        gcloud.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        new = [name for name in list(sys.modules) if name not in before and not name.startswith(BY_PATH)]
        tell.sendall(" ".join(new).encode())
    finally:
        os._exit(code or 0)


if __name__ == "__main__":
    path, address = (word for word in sys.argv[1:] if word != "-S")
    serve(gcloud_at(path), path, address)
