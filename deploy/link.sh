#!/usr/bin/env bash
# Links the ES agent to the function: the agent's fulfillment gets the URL and the credentials that WEBHOOK_AUTH asks for,
# and every intent that has a handler gets "Enable webhook call". Intents without a handler are left as they are.
#
#   ./deploy/link.sh [--settings NAME] [--plan]
#   ./deploy/link.sh --without-small-talk   and the webhook is not asked for small talk
#   ./deploy/link.sh --off                  switches the fulfillment off; URL and credentials stay
set -euo pipefail
# shellcheck source=deploy/secrets.sh
source "$(dirname "${BASH_SOURCE[0]}")/secrets.sh"
# shellcheck source=deploy/lib/routes.sh
source "${KIT}/lib/routes.sh"

link() {
  need_token
  need_url
  need_credentials
  set_fulfillment
  set_intents
}

need_url() {
  [[ -n ${URL:-} ]] ||
    value URL gcloud run services describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format='value(status.url)'
}

# The texts of the secrets that the function is pinned to: both sides get the same.
need_credentials() {
  local pinned secret
  WEBHOOK_BASIC="" WEBHOOK_HEADERS=""
  uses basic || uses header || return 0
  need_secrets
  for pinned in "${PINNED[@]}"; do
    secret="${pinned#*=}"
    case ${pinned%%=*} in
    WEBHOOK_BASIC | WEBHOOK_HEADERS)
      value "${pinned%%=*}" gcloud secrets versions access "${secret##*:}" --secret="${secret%%:*}" --project="${PROJECT_ID}"
      ;;
    esac
  done
}

# The secrets go to Python in its environment, which only their owner can read.
fulfillment() {
  WEBHOOK_BASIC="${WEBHOOK_BASIC:-}" WEBHOOK_HEADERS="${WEBHOOK_HEADERS:-}" python3 deploy/lib/fulfillment.py "$@"
}

set_fulfillment() {
  local body now mask=enabled,displayName,genericWebService
  if ! planning; then
    check_headers
    value now google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/fulfillment"
    if fulfillment same "${URL}" <<<"${now}" && [[ -z ${WITHOUT_SMALL_TALK:-} || ${now} != *SMALLTALK* ]]; then
      there "fulfillment ${URL}"
      FULFILLMENT="${now}"
      return
    fi
  fi
  # An empty list of features is small talk off.
  [[ -z ${WITHOUT_SMALL_TALK:-} ]] || mask+=,features
  value body fulfillment body "${AGENT}/fulfillment" "${URL}"
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request PATCH "${AGENT_URL}/fulfillment?updateMask=${mask}" --data @-
  FULFILLMENT="${OUT}"
  made "fulfillment ${URL}"
}

# An existing secret is seen here for the first time.
check_headers() {
  local wrong
  planning && return
  wrong="$(refused_by_function "${WEBHOOK_BASIC}" "${WEBHOOK_HEADERS}")" ||
    stop "the function refuses these secrets: ${wrong}" "put another text into the secret, then run this again"
}

set_intents() {
  local intents operation line
  need_routes
  if planning; then
    value ROUTES "$(handlers_python)" -m handlers --json
    value intents google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/intents?pageSize=1000"
    feed "${intents}" update_intents "${AGENT_PROJECT_ID}" "${AGENT_URL}" "${ROUTES}"
    return
  fi
  list_intents
  feed "${intents}" update_intents "${AGENT_PROJECT_ID}" "${AGENT_URL}" "${ROUTES}"
  if [[ -n ${OUT} ]]; then
    operation="$(python3 -c 'import json, sys; print(json.load(sys.stdin)["name"])' <<<"${OUT}")"
    run wait_for "${AGENT_PROJECT_ID}" "${DIALOGFLOW}/v2/${operation}"
  fi
  while read -r line; do
    case ${line} in
    "changed "*) made "webhook call of ${line#* }" ;;
    "there "*) there "${line#* }" ;;
    "missing "*) warn "handler ${line#* } has no intent in the agent" ;;
    "unhandled "*) warn "intent ${line#* } calls the webhook and no handler answers it" ;;
    esac
  done < <(python3 "${KIT}/lib/intents.py" report <(printf '%s' "${ROUTES}") <<<"${intents}")
}

# update_intents PROJECT AGENT-URL HANDLERS: with the agent's intents on standard input; sends nothing when all is well.
update_intents() {
  local updates
  updates="$(python3 deploy/lib/intents.py updates <(printf '%s' "$3"))"
  [[ -z ${updates} ]] || google_curl "$1" --request POST "$2/intents:batchUpdate" --data @- <<<"${updates}"
}

switch_off() {
  local now body
  need_token
  value now google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/fulfillment"
  if [[ ${now} != *'"enabled": true'* ]]; then
    there "fulfillment off"
    return
  fi
  body="{\"name\": \"${AGENT}/fulfillment\", \"enabled\": false}"
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request PATCH "${AGENT_URL}/fulfillment?updateMask=enabled" --data @-
  made "fulfillment off"
}

# Every page of the agent's intents, one answer after the other.
list_intents() {
  local page next=""
  intents=""
  while true; do
    value page google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/intents?pageSize=1000${next:+&pageToken=${next}}"
    intents+="${page}"$'\n'
    next="$(python3 -c 'import json, sys; print(json.load(sys.stdin).get("nextPageToken", ""))' <<<"${page}")"
    [[ -n ${next} ]] || return 0
  done
}

console_page() {
  planning && return
  printf '\nThe console (Fulfillment, project %s) should now show:\n' "${AGENT_PROJECT_ID}"
  python3 "${KIT}/lib/fulfillment.py" page <<<"${FULFILLMENT}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  start "$@"
  OFF=""
  for argument in "${ARGUMENTS[@]}"; do
    case ${argument} in
    --off) OFF=yes ;;
    --without-small-talk) WITHOUT_SMALL_TALK=yes ;;
    *) printf 'unknown argument: %s\n\n' "${argument}" >&2 && usage 2 ;;
    esac
  done
  if [[ -n ${OFF} ]]; then
    step "fulfillment off" switch_off
  else
    step "fulfillment" link
    console_page
  fi
fi
