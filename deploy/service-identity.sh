#!/usr/bin/env bash
# Creates the Dialogflow service agent of the agent's project: the account whose token comes with every webhook call.
# Projects from before 2021 lack it, and so does a project whose Dialogflow API was never enabled.
#
#   ./deploy/service-identity.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"

# The address carries the number of the AGENT's project, whatever project the function is in (docs/platform.md 4.2).
need_agent_number() {
  [[ -n ${AGENT_NUMBER:-} ]] ||
    value AGENT_NUMBER gcloud projects describe "${AGENT_PROJECT_ID}" --format='value(projectNumber)'
  AGENT_SERVICE_ACCOUNT="service-${AGENT_NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"
}

service_identity() {
  local email
  need_agent_number
  planning || [[ -z ${URL:-} ]] || need_invokers
  if [[ $'\n'${INVOKERS:-}$'\n' == *$'\n'"serviceAccount:${AGENT_SERVICE_ACCOUNT}"$'\n'* ]]; then
    there "${AGENT_SERVICE_ACCOUNT}"
    return
  fi
  local -r command=(gcloud beta services identity create --service=dialogflow.googleapis.com --project="${AGENT_PROJECT_ID}" --format='value(email)')
  if planning; then
    run "${command[@]}"
    return
  fi
  # gcloud does not wait for an operation that is not done: it crashes, and finds the identity the next time.
  attempt "${command[@]}" || { [[ ${ERR} == *"AttributeError"* ]] && attempt "${command[@]}"; } || fail "${command[@]}"
  email="${OUT}"
  [[ ${email} == "${AGENT_SERVICE_ACCOUNT}" ]] || stop "Google answered '${email}' where ${AGENT_SERVICE_ACCOUNT} was expected" \
    "is AGENT_PROJECT_ID=${AGENT_PROJECT_ID} the project of the agent, with its Dialogflow API enabled? ./deploy/enable-apis.sh, then run this again"
  made "${email}"
}

# Who may call the function now; asked once a run.
need_invokers() {
  [[ -v INVOKERS ]] ||
    value INVOKERS gcloud run services get-iam-policy "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" \
      --flatten='bindings[].members' --filter='bindings.role=roles/run.invoker' --format='value(bindings.members)'
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  start "$@"
  no_more_arguments
  step "service identity" service_identity
fi
