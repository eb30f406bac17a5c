"""deploy.sh --plan: the first run as text, without a call; the text does the same when it is run."""

from __future__ import annotations

import re
import shlex

import pytest
from bench import Bench
from deployments import Deployment, requests


@pytest.fixture
def plan(bench: Bench) -> str:
    ran = bench.run("./deploy/deploy.sh", "--plan")
    assert ran.code == 0, ran.text
    assert ran.err == ""
    assert bench.cloud.seen == [], "a plan calls nobody"
    return ran.out


def test_the_plan_run_as_printed_sends_the_same_requests(bench: Bench, first: Deployment, plan: str) -> None:
    (bench.folder / "plan.sh").write_text(plan)
    ran = bench.run("bash", str(bench.folder / "plan.sh"))
    assert ran.code == 0, ran.text
    assert "first-secret-of-all" not in ran.text

    assert requests(bench.cloud.changes()) == requests(first.changes())


def test_it_shows_no_secret_and_says_the_price(plan: str) -> None:
    assert "first-secret-of-all" not in plan
    assert "--data-file=/" in plan, "the secret is read from its file"
    assert re.search(r"about \$9\.86 a month .*list prices of 20\d\d-\d\d-\d\d", plan)


def test_with_standard_input_the_plan_reads_it_too(bench: Bench) -> None:
    ran = bench.run("./deploy/deploy.sh", "--plan", WEBHOOK_HEADERS_FILE="-")
    assert ran.code == 0, ran.text
    assert "--data-file=-" in ran.out


@pytest.mark.long
def test_gcloud_knows_every_planned_command(bench: Bench, plan: str) -> None:
    commands = re.findall(r"^(?:\w+=\$\()?(gcloud .*?)\)?$", plan, re.MULTILINE)
    assert len(commands) > 20
    for command in commands:
        # The linter splits at blanks and knows neither quotes nor variables.
        words = [word.replace(" ", "_") for word in shlex.split(re.sub(r"\$\{\w+\}", "1", command))]
        ran = bench.run("gcloud", "meta", "lint-gcloud-commands", f"--command-string={' '.join(words)}")
        assert '"success": true' in ran.out, ran.out
