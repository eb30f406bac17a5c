# shellcheck shell=bash
# A Dialogflow CX agent, at CX_URL, and its webhooks.

# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"

# cx_agent_url LOCATION AGENT_ID
cx_agent_url() {
  printf '%s/v3/projects/%s/locations/%s/agents/%s' "$(dialogflow_host "$1")" "${AGENT_PROJECT_ID}" "$1" "$2"
}

# The secrets go to Python in its environment, which only their owner can read.
cx() {
  WEBHOOK_BASIC="${WEBHOOK_BASIC:-}" WEBHOOK_HEADERS="${WEBHOOK_HEADERS:-}" ROUTES="${ROUTES:-}" \
    python3 -m deploy.tool cx "$@"
}

find_webhook() {
  value LISTED google_curl "${AGENT_PROJECT_ID}" --request GET "${CX_URL}/webhooks?pageSize=1000"
  planning || FOUND="$(cx find "${NAME}" <<<"${LISTED}")"
}

set_webhook() {
  local body
  value body cx body "${URL}" "${OPTIONS[@]}"
  if [[ -z ${FOUND} ]]; then
    feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request POST "${CX_URL}/webhooks" --data @-
    made "webhook ${NAME}"
  elif cx same "${NAME}" <(printf '%s' "${body}") <<<"${LISTED}"; then
    there "webhook ${NAME}"
  else
    feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request PATCH \
      "${CX_URL%%/projects/*}/${FOUND}?updateMask=displayName,timeout,genericWebService,serviceDirectory" --data @-
    made "webhook ${NAME}"
  fi
}

# An environment keeps its own URL and credentials; those of its other webhooks stay.
set_environment() {
  local now body
  if [[ -z ${FOUND} ]] && ! planning; then
    stop "the agent has no webhook ${NAME}" "run this without --environment first"
  fi
  value now google_curl "${AGENT_PROJECT_ID}" --request GET "${CX_URL}/environments/${ENVIRONMENT}"
  value body cx override "${FOUND:-WEBHOOK}" <(printf '%s' "${now}") "${URL}" "${OPTIONS[@]}"
  if [[ ${body} == same ]]; then
    there "webhook ${NAME} in environment ${ENVIRONMENT}"
    return
  fi
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request PATCH \
    "${CX_URL}/environments/${ENVIRONMENT}?updateMask=webhookConfig" --data @-
  made "webhook ${NAME} in environment ${ENVIRONMENT}"
}
