"""Linking agent and function: one project or two, global and regional agents, both generations, many intents."""

from __future__ import annotations

import pytest
from bench import AGENT_NUMBER, AGENT_PROJECT, NUMBER, PROJECT, Bench
from deployments import Deployment
from standin import dialogflow

SERVICE = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
TWO = {"AGENT_PROJECT_ID": AGENT_PROJECT}
AGENTS_ACCOUNT = f"service-{AGENT_NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"


@pytest.fixture
def deployed(bench: Bench, first: Deployment) -> Bench:
    bench.cloud.restore(first.world)
    return bench


class TestTwoProjects:
    def test_the_identity_is_the_agents_and_the_right_is_on_the_function(self, deployed: Bench) -> None:
        deployed.agent(AGENT_PROJECT)
        for script in ("enable-apis", "service-identity", "grant-invoker", "link"):
            ran = deployed.run(f"./deploy/{script}.sh", **TWO)
            assert ran.code == 0, ran.text
        assert deployed.cloud.apis[AGENT_PROJECT] >= {"dialogflow.googleapis.com"}
        (identity,) = deployed.cloud.asked("POST", "generateServiceIdentity")
        assert f"projects/{AGENT_PROJECT}/" in identity.path
        assert f"serviceAccount:{AGENTS_ACCOUNT}" in str(deployed.cloud.policies[SERVICE])
        service = deployed.cloud.things[f"projects/{AGENT_PROJECT}/agent/fulfillment"]["genericWebService"]
        assert service["uri"].startswith(f"https://dialogflow-webhook-{NUMBER}.")
        assert service["requestHeaders"] == {"X-Webhook-Secret": "first-secret-of-all"}
        assert AGENT_PROJECT not in deployed.cloud.policies

    def test_calls_of_the_agents_api_count_for_its_project(self, deployed: Bench) -> None:
        deployed.agent(AGENT_PROJECT)
        deployed.cloud.apis[AGENT_PROJECT].add("dialogflow.googleapis.com")
        deployed.run("./deploy/link.sh", **TWO)
        quota = {s.headers["x-goog-user-project"] for s in deployed.cloud.seen if s.api == "dialogflow"}
        assert quota == {AGENT_PROJECT}

    def test_the_wrong_project_is_noticed_by_the_address(self, deployed: Bench) -> None:
        deployed.cloud.knobs["identity_email"] = "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com"
        ran = deployed.run("./deploy/service-identity.sh")
        assert ran.code == 1
        assert f"where service-{NUMBER}@gcp-sa-dialogflow" in ran.err


class TestInvoker:
    def test_a_first_generation_function_gets_its_own_role(self, bench: Bench) -> None:
        name = f"projects/{PROJECT}/locations/europe-west1/functions/old-webhook"
        bench.cloud.apis[PROJECT].add("cloudfunctions.googleapis.com")
        bench.cloud.things[name] = {"name": name, "environment": "GEN_1", "status": "ACTIVE", "runtime": "python312"}
        bench.cloud.things[f"identities/{NUMBER}"] = {}
        ran = bench.run("./deploy/grant-invoker.sh", FUNCTION_NAME="old-webhook")
        assert ran.code == 0, ran.text
        member = f"serviceAccount:service-{NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"
        assert bench.cloud.policies[name]["bindings"] == [{"role": "roles/cloudfunctions.invoker", "members": [member]}]
        before = len(bench.cloud.changes())
        assert "already there" in bench.run("./deploy/grant-invoker.sh", FUNCTION_NAME="old-webhook").out
        assert len(bench.cloud.changes()) == before

    def test_an_agent_account_that_appears_late_is_waited_for(self, deployed: Bench) -> None:
        deployed.cloud.policies.pop(SERVICE)
        deployed.cloud.knobs["agent_late"] = 2
        ran = deployed.run("./deploy/grant-invoker.sh")
        assert ran.code == 0, ran.text
        assert len(deployed.cloud.asked("POST", f"{SERVICE}:setIamPolicy")) == 3

    def test_the_waiting_has_an_end_and_says_what_to_do(self, deployed: Bench) -> None:
        deployed.cloud.policies.pop(SERVICE)
        deployed.cloud.knobs["agent_late"] = 99
        ran = deployed.run("./deploy/grant-invoker.sh", RETRY_WAITS="0 0")
        assert ran.code == 1
        assert 'FAILED at step "invoker"' in ran.err
        assert "wait two minutes" in ran.err

    def test_a_lasting_refusal_names_the_step_and_the_missing_role(self, deployed: Bench) -> None:
        deployed.cloud.policies.pop(SERVICE)
        deployed.cloud.fail("POST", "services/dialogflow-webhook:setIamPolicy", 403)
        ran = deployed.run("./deploy/grant-invoker.sh")
        assert ran.code == 1
        assert 'FAILED at step "invoker"' in ran.err
        assert "roles/run.admin" in ran.err
        assert deployed.run("./deploy/grant-invoker.sh").code == 0

    def test_a_passing_quota_is_sat_out(self, deployed: Bench) -> None:
        deployed.cloud.policies.pop(SERVICE)
        deployed.cloud.fail("POST", "services/dialogflow-webhook:setIamPolicy", 429, times=2)
        assert deployed.run("./deploy/grant-invoker.sh").code == 0
        assert deployed.cloud.policies[SERVICE]["bindings"]


class TestFulfillment:
    def test_a_cut_network_is_told_and_a_second_run_completes(self, deployed: Bench) -> None:
        fulfillment = deployed.cloud.things[f"projects/{PROJECT}/agent/fulfillment"]
        fulfillment["enabled"] = False
        deployed.cloud.fail("PATCH", "agent/fulfillment", 0, times=9)
        ran = deployed.run("./deploy/link.sh")
        assert ran.code == 1
        assert 'FAILED at step "fulfillment"' in ran.err
        assert "no connection to Google" in ran.err
        deployed.cloud.faults.clear()
        assert deployed.run("./deploy/link.sh").code == 0
        assert fulfillment["enabled"] is True

    @pytest.mark.parametrize("script", ["link", "doctor"])
    def test_intents_that_cannot_be_listed_are_told_once(self, deployed: Bench, script: str) -> None:
        deployed.cloud.fail("GET", "agent/intents$", 403, times=99)
        ran = deployed.run(f"./deploy/{script}.sh")
        assert ran.code == 1
        assert ran.err.count("FAILED at step") == 1
        assert "roles/dialogflow.admin" in ran.err or script == "doctor"
        assert "fault of the script" not in ran.err

    def test_a_function_that_cannot_be_looked_at_is_told_once(self, deployed: Bench) -> None:
        deployed.cloud.fail("GET", "functions/dialogflow-webhook$", 403, times=99)
        ran = deployed.run("./deploy/function.sh")
        assert ran.code == 1
        assert ran.err.count("FAILED at step") == 1
        assert "roles/cloudfunctions.admin" in ran.err

    def test_a_regional_agent_is_linked_at_its_own_host(self, deployed: Bench) -> None:
        deployed.agent(PROJECT, "europe-west2")
        ran = deployed.run("./deploy/link.sh", AGENT_LOCATION="europe-west2")
        assert ran.code == 0, ran.text
        hosts = {s.host for s in deployed.cloud.seen if s.api == "dialogflow"}
        assert hosts == {"europe-west2-dialogflow.googleapis.com"}
        fulfillment = deployed.cloud.things[f"projects/{PROJECT}/locations/europe-west2/agent/fulfillment"]
        assert fulfillment["enabled"] is True

    def test_the_console_page_is_described_without_secrets(self, deployed: Bench) -> None:
        ran = deployed.run("./deploy/link.sh")
        assert f"URL           https://dialogflow-webhook-{NUMBER}.europe-west1.run.app" in ran.out
        assert "HEADERS       X-Webhook-Secret: (a secret)" in ran.out
        assert "first-secret-of-all" not in ran.text

    def test_small_talk_can_be_taken_off(self, deployed: Bench) -> None:
        fulfillment = deployed.cloud.things[f"projects/{PROJECT}/agent/fulfillment"]
        fulfillment["features"] = [{"type": "SMALLTALK"}]
        ran = deployed.run("./deploy/link.sh", "--without-small-talk")
        assert ran.code == 0, ran.text
        (patch,) = deployed.cloud.asked("PATCH", "fulfillment")
        assert "features" in patch.query["updateMask"][0].split(",")
        assert not fulfillment.get("features")

    def test_an_inline_editor_loses_the_fulfillment(self, deployed: Bench) -> None:
        fulfillment = deployed.cloud.things[f"projects/{PROJECT}/agent/fulfillment"]
        fulfillment["genericWebService"] = {"uri": "https://inline.example", "isCloudFunction": True}
        assert deployed.run("./deploy/link.sh").code == 0
        assert "isCloudFunction" not in fulfillment["genericWebService"]

    def test_every_page_of_intents_is_read(self, deployed: Bench) -> None:
        deployed.cloud.knobs["page_size"] = 4
        for intent in deployed.cloud.below(f"projects/{PROJECT}/agent/intents"):
            intent.pop("webhookState")
        dialogflow.add_intent(deployed.cloud, f"projects/{PROJECT}/agent", "smalltalk.joke")
        ran = deployed.run("./deploy/link.sh")
        assert ran.code == 0, ran.text
        states = {
            i["displayName"]: i.get("webhookState") for i in deployed.cloud.below(f"projects/{PROJECT}/agent/intents")
        }
        assert states.pop("smalltalk.joke") is None, "an intent without a handler stays as it is"
        assert all(states.values())

    def test_a_handler_without_an_intent_is_pointed_out(self, deployed: Bench) -> None:
        deployed.handlers("check_order", "refund")
        ran = deployed.run("./deploy/link.sh")
        assert "look: handler refund has no intent in the agent" in ran.out
        assert "look: intent book_table calls the webhook and no handler answers it" in ran.out
