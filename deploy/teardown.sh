#!/usr/bin/env bash
# Takes down what deploy.sh made, in reverse: the agent's fulfillment is switched off first, so that no call hits a hole.
# The project's id is typed on purpose. The agent, its service account, the APIs, secrets that the kit did not make and,
# without --with-data, the database stay.
#
#   ./deploy/teardown.sh PROJECT_ID [--with-data] [--settings NAME]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"
# shellcheck source=deploy/lib/alerts.sh
source "${KIT}/lib/alerts.sh"

take_down_link() {
  need_token
  if attempt google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}"; then
    switch_off
  elif is_absent; then
    there "no agent"
  else
    fail google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}"
  fi
}

take_down_function() {
  gone "${FUNCTION_NAME}" gcloud functions delete "${FUNCTION_NAME}" --gen2 --region="${REGION}" --project="${PROJECT_ID}" --quiet
}

# The kit's own secrets carry a label; from the others the runtime account only loses its right.
take_down_secrets() {
  local own name pair
  value own gcloud secrets list --project="${PROJECT_ID}" --filter="labels.fulfillment-kit=${FUNCTION_NAME}" --format='value(name.basename())'
  for name in ${own}; do
    gone "secret ${name}" gcloud secrets delete "${name}" --project="${PROJECT_ID}" --quiet
  done
  for pair in ${FUNCTION_SECRETS//,/ }; do
    name="${pair#*=}"
    gone "reader of ${name%%:*}" gcloud secrets remove-iam-policy-binding "${name%%:*}" --project="${PROJECT_ID}" \
      --member="serviceAccount:${SERVICE_ACCOUNT}" --role=roles/secretmanager.secretAccessor --condition=None --format=none
  done
}

take_down_account() {
  gone "roles/datastore.user" gcloud projects remove-iam-policy-binding "${PROJECT_ID}" \
    --member="serviceAccount:${SERVICE_ACCOUNT}" --role=roles/datastore.user --condition=None --format=none
  # An account of another name than the kit's may serve somebody else.
  if [[ ${SERVICE_ACCOUNT%%@*} == "${FUNCTION_NAME}" ]]; then
    gone "${SERVICE_ACCOUNT}" gcloud iam service-accounts delete "${SERVICE_ACCOUNT}" --project="${PROJECT_ID}" --quiet
  else
    there "${SERVICE_ACCOUNT} stays: SERVICE_ACCOUNT names it"
  fi
}

take_down_database() {
  if [[ -z ${WITH_DATA} ]]; then
    there "database ${FIRESTORE_DATABASE} stays (--with-data deletes it)"
    return
  fi
  local -r which=(--database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}")
  if ! attempt gcloud firestore databases update "${which[@]}" --no-delete-protection --format=none; then
    is_absent || fail gcloud firestore databases update "${which[@]}" --no-delete-protection
    there "no database"
    return
  fi
  gone "database ${FIRESTORE_DATABASE} and all its documents" gcloud firestore databases delete "${which[@]}" --quiet --format=none
}

WITHOUT_CREDENTIALS=yes start "$@"
WITH_DATA=""
TYPED=""
for argument in "${ARGUMENTS[@]}"; do
  case ${argument} in
  --with-data) WITH_DATA=yes ;;
  -*) printf 'unknown argument: %s\n\n' "${argument}" >&2 && usage 2 ;;
  *) TYPED="${argument}" ;;
  esac
done
if [[ ${TYPED} != "${PROJECT_ID}" ]]; then
  printf 'To take down %s in project %s, type its id: ./deploy/teardown.sh %s\n' "${FUNCTION_NAME}" "${PROJECT_ID}" "${PROJECT_ID}" >&2
  exit 2
fi
STEPS_ALL=6
step "fulfillment" take_down_link
step "alerts" take_down_alerts
step "function" take_down_function
step "secrets" take_down_secrets
step "runtime account" take_down_account
step "Firestore" take_down_database
