"""Settings are checked before the first call; each error names the variable and a valid example."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bench import ROOT, Ran

GOOD = {"PROJECT_ID": "my-shop-123", "REGION": "europe-west1"}


def plan(folder: Path, *arguments: str, stdin: str = "", **settings: str) -> Ran:
    """deploy.sh --plan needs neither gcloud nor a network."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), **GOOD, **settings}
    command = [str(ROOT / "deploy" / "deploy.sh"), "--plan", *arguments]
    done = subprocess.run(command, env=environment, input=stdin, text=True, capture_output=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PROJECT_ID", "", "no project id"),
        ("PROJECT_ID", "123456789012", "not a number"),
        ("AGENT_PROJECT_ID", "My Agent", "no project id"),
        ("REGION", "Belgium", "no region"),
        ("FUNCTION_NAME", "My_Function", "no function name"),
        ("RUNTIME", "python39", "3.11 or newer"),
        ("RUNTIME", "nodejs22", "no Python runtime"),
        ("MIN_INSTANCES", "one", "no whole number"),
        ("MIN_INSTANCES", "11", "more than MAX_INSTANCES=10"),
        ("MAX_INSTANCES", "0", "no whole number of at least 1"),
        ("CONCURRENCY", "0", "not from 1 to 1000"),
        ("CPU", "0.5", "serves one call at a time"),
        ("MEMORY", "512MB", "decimal megabytes"),
        ("CPU", "4", "4 CPUs need at least 2Gi"),
        ("TIMEOUT", "30", "no number of seconds"),
        ("INGRESS", "internal", "no ingress setting"),
        ("SERVICE_ACCOUNT", "x", "no service account"),
        ("SERVICE_ACCOUNT", "123-compute@developer.gserviceaccount.com", "default compute account"),
        ("ALERT_EMAIL", "ops", "no e-mail address"),
        ("AGENT_LOCATION", "US", "no agent location"),
        ("WEBHOOK_AUTH", "password", "holds 'password', which is no mechanism; known are iam,"),
        ("WEBHOOK_AUTH", "oauth,basic", "a call has only one"),
        ("WEBHOOK_AUTH", "access-token", "nobody else can verify it"),
        ("WEBHOOK_AUTH", "oauth", "WEBHOOK_OAUTH_ISSUER is empty, and WEBHOOK_AUTH asks for oauth"),
        ("WEBHOOK_AUTH", "oauth", "FUNCTION_ENV sets it"),
        ("FUNCTION_ENV", "WEBHOOK_DEADLINE=20", "WEBHOOK_DEADLINE '20' is not a number of seconds from 0.5 to 10"),
        ("WEBHOOK_AUTH", "none", "none is never deployed"),
        ("WEBHOOK_AUTH", "iam,id-token", "strips the token's signature"),
        ("WEBHOOK_AUTH", "iam,basic", "a call has only one"),
        ("WEBHOOK_AUTH", "basic,id-token", "a call has only one"),
        ("WEBHOOK_AUTH", "header", "ALLOW_PUBLIC=yes"),
        ("WEBHOOK_AUTH", "iam,header", "WEBHOOK_HEADERS_FILE: is empty"),
        ("ALLOW_PUBLIC", "yes", "would let everybody past iam"),
        ("FUNCTION_ENV", "A", "'A' is not NAME=value"),
        ("FUNCTION_ENV", "WEBHOOK_AUTH=none", "is set by the scripts"),
        ("FUNCTION_ENV", "A=1~~B=2", "holds ~~"),
        ("FUNCTION_SECRETS", "WEATHER_API_KEY", "is not VARIABLE=secret"),
        ("FUNCTION_SECRETS", "WEBHOOK_BASIC=mine", "use WEBHOOK_BASIC_FILE"),
    ],
)
def test_a_bad_value_stops_everything_with_an_example(tmp_path: Path, name: str, value: str, says: str) -> None:
    ran = plan(tmp_path, **{name: value})
    assert ran.code == 2
    assert ran.out == ""
    line = next(line for line in ran.err.splitlines() if says in line)
    assert "Example: " in line
    assert "Nothing was called." in ran.err


def test_what_one_mechanism_needs_at_the_platform_is_checked_with_it(tmp_path: Path) -> None:
    mtls = {"WEBHOOK_AUTH": "mtls,header", "WEBHOOK_HEADERS_FILE": "a-secret", "ALLOW_PUBLIC": "yes"}
    assert "all lets everybody write the headers" in plan(tmp_path, **mtls, INGRESS="all").err
    assert "--ingress-settings=internal-and-gclb" in plan(tmp_path, **mtls).out


def test_a_platform_that_ends_calls_too_early_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    ran = plan(tmp_path, TIMEOUT="4s")
    assert ran.code == 2
    assert "a call may take 4.5 s" in ran.err
    assert plan(tmp_path, TIMEOUT="5s").code == 0


def test_a_mechanism_is_named_in_any_case_and_with_spaces(tmp_path: Path) -> None:
    ran = plan(tmp_path, WEBHOOK_AUTH=" IAM, Header", WEBHOOK_HEADERS_FILE="a-secret")
    assert "WEBHOOK_AUTH=iam,header" in ran.out
    assert "--no-allow-unauthenticated" in ran.out


def test_variables_of_the_shell_are_not_taken_for_those_of_the_function(tmp_path: Path) -> None:
    assert plan(tmp_path, WEBHOOK_BASIC="nobody:reads-this", WEBHOOK_DEADLINE="soon").code == 0


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    ran = plan(tmp_path, REGION="x", MEMORY="x", TIMEOUT="x")
    assert [line.split()[0] for line in ran.err.splitlines()[:3]] == ["REGION:", "MEMORY:", "TIMEOUT:"]


@pytest.mark.parametrize("text", ["no colon\n", "\n", "Name:\n", "Authorization: Bearer secret-text\n"])
def test_a_bad_header_file_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "headers"
    file.write_text(text)
    ran = plan(tmp_path, WEBHOOK_AUTH="iam,header", WEBHOOK_HEADERS_FILE=str(file))
    assert ran.code == 2
    assert "WEBHOOK_HEADERS_FILE" in ran.err
    assert "secret-text" not in ran.err


@pytest.mark.parametrize(
    ("auth", "text", "says"),
    [
        ("header", "X-Webhook-Secret: 3f9c...\n", "line 1 is an example"),
        ("header", "X-Webhook-Secret: {long}\nX-Webhook-Secret: planted-15-long\n", "line 2 holds a secret of fewer"),
        ("header", "User-Agent: planted-secret-of-29-letters\n", "which every call carries"),
        ("basic", "dialogflow:a-long-password\n", "line 1 is an example"),
        ("basic", "dialogflow:planted\n", "openssl rand -hex 24"),
    ],
)
def test_a_secret_that_is_none_is_refused_before_anything_is_built(
    tmp_path: Path, auth: str, text: str, says: str
) -> None:
    file = tmp_path / "secret"
    file.write_text(text.replace("{long}", "5e1f" * 12))
    name = {"header": "WEBHOOK_HEADERS_FILE", "basic": "WEBHOOK_BASIC_FILE"}[auth]
    ran = plan(tmp_path, WEBHOOK_AUTH=auth, ALLOW_PUBLIC="yes", **{name: str(file)})
    assert ran.code == 2
    (line,) = [line for line in ran.err.splitlines() if line.startswith(name)]
    assert says in line
    assert "planted" not in ran.err
    assert "Nothing was called." in ran.err


def test_a_secret_file_inside_the_checkout_is_refused(tmp_path: Path) -> None:
    inside = ROOT / "deploy" / "settings.example.env"
    ran = plan(tmp_path, WEBHOOK_AUTH="iam,header", WEBHOOK_HEADERS_FILE=str(inside))
    assert "lies inside the checkout" in ran.err


def test_the_service_account_of_a_project_with_a_domain(tmp_path: Path) -> None:
    ran = plan(tmp_path, PROJECT_ID="example.com:my-shop")
    assert "dialogflow-webhook@my-shop.example.com.iam.gserviceaccount.com" in ran.out


def test_a_value_with_a_comma(tmp_path: Path) -> None:
    ran = plan(tmp_path, FUNCTION_ENV="^|^CITIES=Rome,Paris|B=2")
    assert "~~CITIES=Rome,Paris~~B=2" in ran.out


class TestFile:
    """deploy/settings.env and deploy/settings.NAME.env, in a copy of the scripts."""

    @pytest.fixture
    def kit(self, tmp_path: Path) -> Path:
        import shutil

        for name in ("deploy", "handlers", "fulfillment"):
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "settings.env"))
        return tmp_path

    def run(self, kit: Path, *arguments: str, **environment: str) -> Ran:
        settings = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(kit), **environment}
        command = [str(kit / "deploy" / "deploy.sh"), "--plan", *arguments]
        done = subprocess.run(command, env=settings, text=True, capture_output=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def test_the_file_is_read_and_the_environment_wins(self, kit: Path) -> None:
        (kit / "deploy" / "settings.env").write_text("# mine\nPROJECT_ID=from-file\nREGION='us-east1'\nCPU=2\n")
        ran = self.run(kit, CPU="1")
        assert "--project=from-file" in ran.out, ran.text
        assert "--region=us-east1" in ran.out
        assert "--cpu=1 " in ran.out

    def test_a_name_chooses_another_file(self, kit: Path) -> None:
        (kit / "deploy" / "settings.staging.env").write_text("PROJECT_ID=shop-staging\nREGION=us-east1\n")
        assert "--project=shop-staging" in self.run(kit, "staging").out
        ran = self.run(kit, "production")
        assert ran.code == 2
        assert "copy deploy/settings.example.env" in ran.err

    def test_a_misspelt_setting_is_named(self, kit: Path) -> None:
        (kit / "deploy" / "settings.env").write_text("PROJECT_ID=my-shop-123\nREGION=us-east1\nMIN_INSTANCE=2\n")
        assert "settings.env:3: MIN_INSTANCE is no setting" in self.run(kit).err

    def test_the_file_is_data_and_never_run(self, kit: Path) -> None:
        (kit / "deploy" / "settings.env").write_text(f"PROJECT_ID=$(touch {kit}/ran)\nREGION=us-east1\n")
        assert self.run(kit).code == 2
        assert not (kit / "ran").exists()

    def test_the_example_explains_every_setting(self, kit: Path) -> None:
        example = (ROOT / "deploy" / "settings.example.env").read_text()
        source = (ROOT / "deploy" / "lib" / "settings.sh").read_text()
        names = source.split("SETTING_NAMES=(")[1].split(")")[0].split()
        assert [name for name in names if f"{name}=" not in example] == []


def test_handlers_that_cannot_be_read_stop_the_deployment(tmp_path: Path) -> None:
    import shutil

    for part in ("deploy", "fulfillment"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").write_text("")
    (tmp_path / "handlers" / "__main__.py").write_text("import no_such_module\n")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), **GOOD}
    command = [str(tmp_path / "deploy" / "deploy.sh"), "--plan"]
    ran = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert ran.returncode == 1
    assert "No module named 'no_such_module'" in ran.stderr
    assert "pip install -r requirements.txt" in ran.stderr


def test_an_unknown_option_is_no_silent_success(tmp_path: Path) -> None:
    ran = plan(tmp_path, "--plna")
    assert ran.code == 2
    assert "unknown argument: --plna" in ran.err
