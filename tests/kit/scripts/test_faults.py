"""Google gets it wrong, at every step: the script names the step and what to do next, and a second run completes."""

from __future__ import annotations

import pytest
from bench import PROJECT, Bench, Ran
from deployments import Deployment, settings

from tests.kit.parallel import once_for_all

STEPS = {
    "enable-apis": ("APIs", "POST", "services:batchEnable"),
    "runtime-account": ("runtime account", "POST", "/serviceAccounts$"),
    "firestore": ("Firestore", "POST", "/databases$"),
    "secrets": ("secrets", "POST", "/secrets$"),
    "function": ("function", "POST", "/functions$"),
    "service-identity": ("service identity", "POST", "generateServiceIdentity"),
    "grant-invoker": ("invoker", "POST", "services/dialogflow-webhook:setIamPolicy"),
    "link": ("fulfillment", "PATCH", "agent/fulfillment"),
    "alerts": ("alerts", "POST", "/alertPolicies$"),
}
LASTING = {"403": 403, "a cut network": 0}
PASSING = {"429": 429, "503": 503}
pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def worlds(
    _bench: Bench, _empty: dict, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> dict[str, tuple[dict, dict]]:
    """The world before and after each step, from one run of the steps one by one."""

    def steps() -> dict[str, tuple[dict, dict]]:
        _bench.cloud.restore(_empty)
        _bench.settings = settings(tmp_path_factory.mktemp("worlds"))
        found = {}
        for script in STEPS:
            before = _bench.cloud.snapshot()
            ran = _bench.run(f"./deploy/{script}.sh")
            assert ran.code == 0, ran.text
            found[script] = (before, _bench.cloud.snapshot())
        return found

    return once_for_all(pytestconfig, "worlds", steps)


def fails_by_name(ran: Ran, step: str) -> None:
    assert ran.code == 1, ran.text
    assert f'FAILED at step "{step}"' in ran.err
    assert "  next: " in ran.err
    assert "then run the same command again" in ran.err or "./deploy/" in ran.err
    assert "first-secret-of-all" not in ran.text


def essence(world: dict) -> dict:
    """What is there, whatever the numbers in its names."""
    policies = {
        k: sorted((b["role"], tuple(b["members"])) for b in v["bindings"]) for k, v in world["policies"].items()
    }
    kinds = sorted("/".join(n.split("/")[:-1]) if n.split("/")[-1].isdigit() else n for n in world["things"])
    return {"policies": {k: v for k, v in policies.items() if v}, "things": kinds, "apis": world["apis"]}


def completes(bench: Bench, script: str, after: dict) -> None:
    bench.cloud.faults.clear()
    again = bench.run(f"./deploy/{script}.sh")
    assert again.code == 0, again.text
    assert essence(bench.cloud.snapshot()) == essence(after)


@pytest.mark.parametrize(("script", "fault"), [(s, f) for s in STEPS for f in LASTING])
def test_a_lasting_fault_ends_the_step_and_a_rerun_completes(
    bench: Bench, worlds: dict, script: str, fault: str
) -> None:
    step, method, path = STEPS[script]
    before, after = worlds[script]
    bench.cloud.restore(before)
    bench.cloud.fail(method, path, LASTING[fault], times=99)
    ran = bench.run(f"./deploy/{script}.sh")
    fails_by_name(ran, step)
    if fault == "403":
        assert "roles/" in ran.err
    completes(bench, script, after)


@pytest.mark.parametrize(("script", "fault"), [(s, f) for s in STEPS for f in PASSING])
def test_a_passing_fault_is_sat_out(bench: Bench, worlds: dict, script: str, fault: str) -> None:
    _, method, path = STEPS[script]
    before, after = worlds[script]
    bench.cloud.restore(before)
    bench.cloud.fail(method, path, PASSING[fault], times=2)
    ran = bench.run(f"./deploy/{script}.sh")
    assert ran.code == 0, ran.text
    assert essence(bench.cloud.snapshot()) == essence(after)


@pytest.mark.parametrize("script", STEPS)
def test_a_fault_that_does_not_pass_has_an_end(bench: Bench, worlds: dict, script: str) -> None:
    step, method, path = STEPS[script]
    before, after = worlds[script]
    bench.cloud.restore(before)
    bench.cloud.fail(method, path, 429, times=99)
    fails_by_name(bench.run(f"./deploy/{script}.sh", RETRY_WAITS="0"), step)
    completes(bench, script, after)


@pytest.mark.parametrize("script", STEPS)
def test_an_api_that_is_off_is_named(bench: Bench, worlds: dict, script: str) -> None:
    before, after = worlds[script]
    bench.cloud.restore(before)
    if script == "enable-apis":
        pytest.skip("this is the step that enables them")
    _, method, path = STEPS[script]
    bench.cloud.fail(
        method, path, 403, times=99, message="X has not been used in project demo before or it is disabled."
    )
    ran = bench.run(f"./deploy/{script}.sh")
    assert ran.code == 1
    assert "./deploy/enable-apis.sh" in ran.err
    completes(bench, script, after)


# Two people deploy at once: somebody else changes the policy between reading and writing.
POLICIES = {
    "runtime-account": "cloudresourcemanager|projects/demo-shop:setIamPolicy",
    "secrets": "secrets/dialogflow-webhook-headers:setIamPolicy",
    "grant-invoker": "services/dialogflow-webhook:setIamPolicy",
}


@pytest.mark.parametrize("script", POLICIES)
def test_a_policy_that_somebody_else_changes_is_tried_again(bench: Bench, worlds: dict, script: str) -> None:
    before, after = worlds[script]
    bench.cloud.restore(before)
    message = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."
    bench.cloud.fail("POST", POLICIES[script], 409, times=2, message=message)
    ran = bench.run(f"./deploy/{script}.sh")
    assert ran.code == 0, ran.text
    assert essence(bench.cloud.snapshot()) == essence(after)


def test_a_failed_build_shows_the_builders_words_and_a_rerun_completes(bench: Bench, worlds: dict) -> None:
    before, after = worlds["function"]
    bench.cloud.restore(before)
    bench.cloud.knobs["build_fails"] = True
    ran = bench.run("./deploy/function.sh")
    fails_by_name(ran, "function")
    assert "no module named 'flask'" in ran.err
    assert "build log" in ran.err
    completes(bench, "function", after)


def test_a_database_that_could_not_be_made_is_no_success(bench: Bench, worlds: dict) -> None:
    before, after = worlds["firestore"]
    bench.cloud.restore(before)
    bench.cloud.knobs["database_fails"] = True
    ran = bench.run("./deploy/firestore.sh")
    fails_by_name(ran, "Firestore")
    assert "could not be provisioned" in ran.err
    completes(bench, "firestore", after)


def test_without_billing_the_first_step_says_how_to_link_an_account(bench: Bench) -> None:
    bench.cloud.knobs["billing"] = False
    ran = bench.run("./deploy/enable-apis.sh")
    fails_by_name(ran, "APIs")
    assert f"gcloud billing projects link {PROJECT}" in ran.err


def test_a_whole_run_after_a_failure_carries_on(bench: Bench, first: Deployment) -> None:
    bench.cloud.fail("PATCH", "agent/fulfillment", 403, times=99)
    fails_by_name(bench.run("./deploy/deploy.sh"), "fulfillment")
    bench.cloud.faults.clear()
    again = bench.run("./deploy/deploy.sh")
    assert again.code == 0, again.text
    assert essence(bench.cloud.snapshot()) == essence(first.world)
