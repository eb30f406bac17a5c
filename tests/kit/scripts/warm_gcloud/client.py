"""Stands for the command `gcloud`: hands all that makes a command to the server, and ends as the fork ends."""

import array
import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    command = {"arguments": sys.argv[2:], "environment": dict(os.environ), "folder": os.getcwd()}
    text = json.dumps(command).encode()
    # The size goes with the files: standard input, output and error become the fork's own.
    server.sendmsg([b"%16d" % len(text)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    server.sendall(text)
    sys.exit(int(server.recv(16) or b"1"))
