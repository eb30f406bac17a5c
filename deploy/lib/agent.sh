# shellcheck shell=bash
# The ES agent: the account that its calls come from, its intents, its fulfillment. AGENT_NUMBER is asked for
# once a run; FULFILLMENT is the fulfillment as it is after set_fulfillment.

# shellcheck source=deploy/lib/routes.sh
source "${KIT}/lib/routes.sh"
# shellcheck source=deploy/lib/secret.sh
source "${KIT}/lib/secret.sh"
# shellcheck source=deploy/lib/service.sh
source "${KIT}/lib/service.sh"

# The account carries the number of the AGENT's project, whatever project the function is in (docs/platform.md 4.2).
need_agent_number() {
  [[ -n ${AGENT_NUMBER:-} ]] ||
    value AGENT_NUMBER gcloud projects describe "${AGENT_PROJECT_ID}" --format='value(projectNumber)'
}

# agent_account: who the agent's calls come from, once need_agent_number has asked.
agent_account() { printf 'service-%s@gcp-sa-dialogflow.iam.gserviceaccount.com' "${AGENT_NUMBER}"; }

# list_intents: every page of the agent's intents, one answer after the other.
list_intents() {
  local page next=""
  while true; do
    value page google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/intents?pageSize=1000${next:+&pageToken=${next}}"
    printf '%s\n' "${page}"
    next="$(python3 -m deploy.tool intents next-page <<<"${page}")"
    [[ -n ${next} ]] || return 0
  done
}

link() {
  need_token
  need_url
  need_credentials
  set_fulfillment
  set_intents
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

console_page() {
  planning && return
  printf '\nThe console (Fulfillment, project %s) should now show:\n' "${AGENT_PROJECT_ID}"
  python3 -m deploy.tool fulfillment page <<<"${FULFILLMENT}"
}

# The secrets go to Python in its environment, which only their owner can read.
fulfillment() {
  WEBHOOK_BASIC="${WEBHOOK_BASIC:-}" WEBHOOK_HEADERS="${WEBHOOK_HEADERS:-}" python3 -m deploy.tool fulfillment "$@"
}

# An existing secret is seen here for the first time.
check_headers() {
  local wrong
  planning && return
  wrong="$(refused_by_function "${WEBHOOK_BASIC}" "${WEBHOOK_HEADERS}")" ||
    stop "the function refuses these secrets: ${wrong}" "put another text into the secret, then run this again"
}

set_intents() {
  local intents line
  need_routes
  if planning; then
    value ROUTES "$(handlers_python)" -m handlers --json
    value intents google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}/intents?pageSize=1000"
    feed "${intents}" update_intents "${AGENT_PROJECT_ID}" "${AGENT_URL}" "${ROUTES}"
    return
  fi
  intents="$(list_intents)"
  feed "${intents}" update_intents "${AGENT_PROJECT_ID}" "${AGENT_URL}" "${ROUTES}"
  [[ -z ${OUT} ]] || await_operation "${AGENT_PROJECT_ID}" "${DIALOGFLOW}/v2" "${OUT}"
  while read -r line; do
    case ${line} in
    "changed "*) made "webhook call of ${line#* }" ;;
    "there "*) there "${line#* }" ;;
    "missing "*) warn "handler ${line#* } has no intent in the agent" ;;
    "unhandled "*) warn "intent ${line#* } calls the webhook and no handler answers it" ;;
    esac
  done < <(python3 -m deploy.tool intents report <(printf '%s' "${ROUTES}") <<<"${intents}")
}

# update_intents PROJECT AGENT-URL HANDLERS: with the agent's intents on standard input; sends nothing when all is well.
update_intents() {
  local updates
  updates="$(python3 -m deploy.tool intents updates <(printf '%s' "$3"))"
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
