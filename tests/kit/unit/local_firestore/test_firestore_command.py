"""`python -m deploy.local.firestore`: what it prints, where it listens, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.kit.parallel import free_port
from tests.kit.unit.local_firestore.command import Run


def test_it_says_that_it_is_ready_and_where(run: Run) -> None:
    command = run()
    assert re.match(r"ready: Firestore on 127\.0\.0\.1:\d+", command.first_line)


def test_it_prints_the_line_that_points_clients_at_it(run: Run) -> None:
    command = run()
    assert command.address in command.first_line


def test_it_answers_as_soon_as_it_says_so(run: Run) -> None:
    assert not run().client().document("x/1").get(timeout=2, retry=None).exists


def test_it_listens_on_the_port_it_was_given(run: Run) -> None:
    port = free_port()
    assert run("--port", port).address == f"127.0.0.1:{port}"


def test_it_is_ready_within_five_seconds(run: Run) -> None:
    start = time.monotonic()
    run()
    assert time.monotonic() - start < 5


def test_a_taken_port_is_named_with_what_to_do(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _, errors = run("--port", port).rest()
    assert errors == (
        f"The local Firestore did not start: port {port} on 127.0.0.1 is taken. "
        "End what listens there, or choose another with --port; --port 0 takes a free one.\n"
    )


def test_a_number_that_is_no_port_is_refused(run: Run) -> None:
    assert "99999 is no port: 0 to 65535" in run("--port", 99999).rest()[1]


def test_a_second_one_does_not_share_the_port_of_the_first(run: Run) -> None:
    port = run().port
    second = run("--port", port)
    assert (second.first_line, second.process.wait(timeout=10)) == ("", 1)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who listens where in /proc")
def test_it_listens_on_loopback_only(run: Run) -> None:
    port, listening = f":{run().port:04X}", "0A"
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()]
    addresses = [line[1].removesuffix(port) for line in lines if line[3] == listening and line[1].endswith(port)]
    assert [address in ("0100007F", "0000000000000000FFFF00000100007F") for address in addresses] == [True]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(run: Run, number: int) -> None:
    command = run()
    assert (command.end(number), command.rest()) == (0, ("", ""))


def test_a_signal_lets_go_of_the_port(run: Run) -> None:
    command = run()
    command.end()
    assert run("--port", command.port).address == command.address


def test_a_bad_sample_file_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.json").write_text("{not json")
    command = run("--data", tmp_path)
    assert "orders.json is not JSON" in command.rest()[1]
