#!/usr/bin/env bash
# Lets the agent's service account call the function. A 2nd-generation function is a Cloud Run service and needs
# roles/run.invoker there; a 1st-generation one needs roles/cloudfunctions.invoker (Cloud Functions Invoker) on itself.
# The wrong one of the two is accepted by Google and grants nothing (docs/platform.md 4.1).
#
#   ./deploy/grant-invoker.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/service-identity.sh
source "$(dirname "${BASH_SOURCE[0]}")/service-identity.sh"

grant_invoker() {
  local generation=GEN_2
  need_agent_number
  # deploy.sh has just made a function of the 2nd generation and knows its URL; by itself this script asks.
  planning || [[ -n ${URL:-} ]] ||
    value generation gcloud functions describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format='value(environment)'
  if [[ ${generation} == GEN_2 ]]; then
    grant_second
  else
    grant_first
  fi
}

grant_second() {
  planning || need_invokers
  if [[ $'\n'${INVOKERS:-}$'\n' == *$'\n'"serviceAccount:${AGENT_SERVICE_ACCOUNT}"$'\n'* ]]; then
    there "roles/run.invoker on ${FUNCTION_NAME} for ${AGENT_SERVICE_ACCOUNT}"
    return
  fi
  run gcloud run services add-iam-policy-binding "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" \
    --member="serviceAccount:${AGENT_SERVICE_ACCOUNT}" --role=roles/run.invoker --format=none
  made "roles/run.invoker on ${FUNCTION_NAME} for ${AGENT_SERVICE_ACCOUNT}"
}

grant_first() {
  local members
  value members gcloud functions get-iam-policy "${FUNCTION_NAME}" --no-gen2 --region="${REGION}" --project="${PROJECT_ID}" \
    --flatten='bindings[].members' --filter='bindings.role=roles/cloudfunctions.invoker' --format='value(bindings.members)'
  if [[ $'\n'${members}$'\n' == *$'\n'"serviceAccount:${AGENT_SERVICE_ACCOUNT}"$'\n'* ]]; then
    there "roles/cloudfunctions.invoker on ${FUNCTION_NAME} for ${AGENT_SERVICE_ACCOUNT}"
    return
  fi
  run gcloud functions add-iam-policy-binding "${FUNCTION_NAME}" --no-gen2 --region="${REGION}" --project="${PROJECT_ID}" \
    --member="serviceAccount:${AGENT_SERVICE_ACCOUNT}" --role=roles/cloudfunctions.invoker --format=none
  made "roles/cloudfunctions.invoker on ${FUNCTION_NAME} for ${AGENT_SERVICE_ACCOUNT}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  start "$@"
  no_more_arguments
  step "invoker" grant_invoker
fi
