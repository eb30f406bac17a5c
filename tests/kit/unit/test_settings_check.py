"""`python3 -m fulfillment.settings --check`: the rules of the function, asked before it is deployed."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.kit.functions import ROOT

LONG = "5e1f" * 8
AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
SOUND = {
    "iam": {"WEBHOOK_AUTH": "iam", "WEBHOOK_CALLERS": AGENT},
    "id-token": {"WEBHOOK_AUTH": "id-token", "WEBHOOK_CALLERS": AGENT},
    "basic": {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": f"user:{LONG}"},
    "header": {"WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS": f"X-Secret: {LONG}"},
    "mtls": {"WEBHOOK_AUTH": "mtls"},
    "access-token": {"WEBHOOK_AUTH": "access-token,mtls"},
    "oauth": {
        "WEBHOOK_AUTH": "oauth",
        "WEBHOOK_OAUTH_ISSUER": "https://login.example/",
        "WEBHOOK_OAUTH_KEYS": "https://login.example/jwks.json",
        "WEBHOOK_OAUTH_AUDIENCE": "https://shop.example",
        "WEBHOOK_OAUTH_CLIENTS": "agent",
    },
}
COMMAND = ("-m", "fulfillment.settings", "--check")


def check(
    *arguments: str, stdin: str = "", python: str = sys.executable, options: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [python, *options, *COMMAND, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("mechanism", SOUND)
def test_sound_settings_of_every_mechanism_pass_where_no_package_is_installed(mechanism: str) -> None:
    # -S finds no installed package, -E no variable that names a place for one.
    done = check(options=("-S", "-E"), **SOUND[mechanism])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


LOADED = """
import atexit, runpy, sys
before = set(sys.modules)
atexit.register(lambda: print(*{name.partition(".")[0] for name in set(sys.modules) - before}))
sys.argv = ["settings", "--check"]
runpy.run_module("fulfillment.settings", run_name="__main__")
"""


@pytest.mark.parametrize("mechanism", SOUND)
def test_packages_that_are_installed_are_not_loaded(mechanism: str) -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=ROOT, env=SOUND[mechanism], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "fulfillment" in loaded
    assert loaded - sys.stdlib_module_names - {"fulfillment"} == set()


def test_the_machines_plain_python_runs_it() -> None:
    python = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
    assert check(python=python, PYTHONDONTWRITEBYTECODE="1", **SOUND["header"]).returncode == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X-A: planted-5e1f"[:15]}, "fewer than 16 characters"),
        ({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "planted-5e1f"}, "line 1 is not 'Name: value'"),
        ({"WEBHOOK_AUTH": "iam,basic", "WEBHOOK_BASIC": "planted:planted-5e1f"}, "a call has only one"),
        ({"WEBHOOK_AUTH": "iam", "WEBHOOK_BASIC": "planted:planted-5e1f-long"}, "nothing reads it"),
        ({"WEBHOOK_AUTH": "oauth"}, "WEBHOOK_OAUTH_ISSUER is empty"),
        ({"WEBHOOK_AUTH": "none"}, "none is never deployed"),
        ({}, "WEBHOOK_AUTH is empty"),
        ({"WEBHOOK_AUTH": "iam", "WEBHOOK_DEADLINE": "99"}, "WEBHOOK_DEADLINE '99'"),
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["environment", "lines", "NUL"])
def test_what_stops_the_function_on_google_is_told_in_one_line_without_secrets(
    variables: dict[str, str], says: str, where: str
) -> None:
    if where == "environment":
        done = check(**variables)  # type: ignore[arg-type]
    else:
        ends = {"lines": "\n", "NUL": "\0"}[where]
        done = check("-", stdin="".join(f"{name}={value}{ends}" for name, value in variables.items()))
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "planted" not in done.stderr


def test_a_value_of_several_lines_ends_with_a_nul_byte() -> None:
    entries = ["WEBHOOK_AUTH=iam,header", f"WEBHOOK_HEADERS=X-A: {LONG}\nX-A: planted"]
    done = check("-", stdin="\0".join(entries) + "\0")
    assert "WEBHOOK_HEADERS line 2 holds a secret of fewer than 16 characters" in done.stderr


def test_standard_input_replaces_the_environment() -> None:
    assert check("-", stdin="WEBHOOK_AUTH=iam\n", WEBHOOK_AUTH="bogus", WEBHOOK_DEADLINE="soon").returncode == 0


@pytest.mark.parametrize("mechanism", SOUND)
def test_a_value_that_is_not_known_yet_is_taken_for_a_sound_one(mechanism: str) -> None:
    names = [name for name in SOUND[mechanism] if name != "WEBHOOK_AUTH"]
    done = check("-", stdin="\n".join([f"WEBHOOK_AUTH={SOUND[mechanism]['WEBHOOK_AUTH']}", *names, "WEATHER_KEY"]))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_secret_of_unknown_value_that_nothing_reads_is_refused_too() -> None:
    assert "lacks basic" in check("-", stdin="WEBHOOK_AUTH=iam\nWEBHOOK_BASIC\n").stderr


@pytest.mark.parametrize("arguments", [("x",), ("-", "x")])
def test_other_arguments_are_answered_with_the_two_that_there_are(arguments: tuple[str, ...]) -> None:
    done = check(*arguments, WEBHOOK_AUTH="iam")
    assert done.returncode == 2
    assert "--check -" in done.stderr
