#!/usr/bin/env bash
# Looks at everything that can break a call from the agent to the function, and says for each thing "fine" or "wrong" with
# the one command that mends it. Reads only. Exit code 1 when anything is wrong.
#
#   ./deploy/doctor.sh [NAME] [--settings NAME]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"

FACTS="${WORK}/facts"
mkdir "${FACTS}"

# look FACT COMMAND...: the answer, or the error, becomes a file that the judge reads.
look() {
  local -r fact=$1
  shift
  if RETRY_WAITS="" attempt "$@"; then
    printf '%s' "${OUT}" >"${FACTS}/${fact}"
  else
    printf '%s\n%s' "${OUT}" "${ERR}" >"${FACTS}/${fact}.error"
  fi
}

look_at_projects() {
  look services gcloud services list --enabled --project="${PROJECT_ID}" --format='json(config.name)'
  look project-policy gcloud projects get-iam-policy "${PROJECT_ID}" --format=json
  look agent-project gcloud projects describe "${AGENT_PROJECT_ID}" --format=json
  [[ ${PROJECT_ID} == "${AGENT_PROJECT_ID}" ]] ||
    look agent-services gcloud services list --enabled --project="${AGENT_PROJECT_ID}" --format='json(config.name)'
  uses iam || look public-policy gcloud org-policies describe constraints/iam.allowedPolicyMemberDomains --effective --project="${PROJECT_ID}" --format=json
}

look_at_function() {
  look function gcloud functions describe "${FUNCTION_NAME}" --gen2 --region="${REGION}" --project="${PROJECT_ID}" --format=json
  [[ -f ${FACTS}/function ]] || return 0
  look service gcloud run services describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format=json
  look invokers gcloud run services get-iam-policy "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format=json
  look calls gcloud logging read "${CALLS}" --project="${PROJECT_ID}" --freshness=1h --limit=500 --format=json
}

look_at_secrets() {
  local variable secret version
  while read -r variable secret version; do
    look "versions-${secret}" gcloud secrets versions list "${secret}" --project="${PROJECT_ID}" --format=json
    look "readers-${secret}" gcloud secrets get-iam-policy "${secret}" --project="${PROJECT_ID}" --format=json
    case ${variable} in
    WEBHOOK_BASIC | WEBHOOK_HEADERS)
      RETRY_WAITS="" attempt gcloud secrets versions access "${version}" --secret="${secret}" --project="${PROJECT_ID}" || OUT=""
      printf -v "${variable}" '%s' "${OUT}"
      ;;
    esac
  done < <(python3 -m deploy.tool doctor secrets "${FACTS}")
}

look_at_firestore() {
  look database gcloud firestore databases describe --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=json
  [[ -f ${FACTS}/database ]] || return 0
  look ttls gcloud firestore fields ttls list --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=json
  [[ -z $(python3 -m deploy.tool indexes all "${KIT}/firestore.indexes.json") ]] ||
    look indexes gcloud firestore indexes composite list --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=json
}

look_at_agent() {
  local intents
  need_token
  look agent google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}"
  [[ -f ${FACTS}/agent ]] || return 0
  look fulfillment google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/fulfillment"
  intents="$(list_intents)"
  printf '%s' "${intents}" >"${FACTS}/intents"
}

SETTINGS_BY_ARGUMENT=yes WITHOUT_CREDENTIALS=yes start "$@"
no_more_arguments
STEP="doctor"
CALLS="resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${FUNCTION_NAME}\" AND jsonPayload.event=\"call\""
WEBHOOK_BASIC="" WEBHOOK_HEADERS=""
need_routes
printf '%s' "${ROUTES}" >"${FACTS}/routes"
look_at_projects
look_at_function
look_at_secrets
look_at_firestore
look_at_agent
python3 -m deploy.tool indexes ttl "${KIT}/firestore.indexes.json" >"${FACTS}/wanted-ttls"
python3 -m deploy.tool indexes missing "${KIT}/firestore.indexes.json" >"${FACTS}/missing-indexes" < <(cat "${FACTS}/indexes" 2>/dev/null || printf '[]')

WEBHOOK_BASIC="${WEBHOOK_BASIC}" WEBHOOK_HEADERS="${WEBHOOK_HEADERS}" python3 -m deploy.tool doctor judge "${FACTS}" \
  "PROJECT_ID=${PROJECT_ID}" "AGENT_PROJECT_ID=${AGENT_PROJECT_ID}" "REGION=${REGION}" "FUNCTION_NAME=${FUNCTION_NAME}" \
  "WEBHOOK_AUTH=${WEBHOOK_AUTH}" "SERVICE_ACCOUNT=${SERVICE_ACCOUNT}" "FIRESTORE_DATABASE=${FIRESTORE_DATABASE}" \
  "FIRESTORE_LOCATION=${FIRESTORE_LOCATION}" "INGRESS=${INGRESS}" || exit 1
