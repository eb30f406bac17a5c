#!/usr/bin/env bash
# Puts the sample agent (deploy/agent, or another export folder) into the ES agent.
#
#   ./deploy/agent.sh restore [FOLDER] [--replace]   everything in the agent is replaced; an agent is made if there is none
#   ./deploy/agent.sh import [FOLDER] [--replace]    intents and entities are added; those of the same name are replaced
#   ./deploy/agent.sh zip FILE [FOLDER]              only makes the ZIP, for Settings > Export and Import in the console
#
# Never over an agent that holds more than the two intents a new one has, unless you say --replace.
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"

put_agent() {
  local body
  need_token
  need_agent
  may_replace
  body="$(python3 -m deploy.tool export body "${FOLDER}")"
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request POST "${AGENT_URL}:${VERB}" --data @-
  await_operation "${AGENT_PROJECT_ID}" "${DIALOGFLOW}/v2" "${OUT}"
  # Restore and import do not train; until training is over the agent knows nothing of its new phrases.
  feed '{}' google_curl "${AGENT_PROJECT_ID}" --request POST "${AGENT_URL}:train" --data @-
  await_operation "${AGENT_PROJECT_ID}" "${DIALOGFLOW}/v2" "${OUT}"
  made "${VERB} of ${FOLDER} and training"
  warn "the fulfillment of an export points nowhere: ./deploy/link.sh links this agent to your function"
}

need_agent() {
  local agent
  attempt google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}" && return
  is_absent || fail google_curl "${AGENT_PROJECT_ID}" --request GET "${AGENT_URL}"
  agent="$(python3 -m deploy.tool export agent "${FOLDER}" "${AGENT%/agent}")"
  feed "${agent}" google_curl "${AGENT_PROJECT_ID}" --request POST "${AGENT_URL}" --data @-
  made "agent in ${AGENT_LOCATION}"
}

may_replace() {
  local intents names
  [[ -z ${REPLACE} ]] || return 0
  intents="$(list_intents)"
  names="$(python3 -m deploy.tool intents names <<<"${intents}")"
  [[ -z ${names} ]] || stop "the agent of ${AGENT_PROJECT_ID} is not empty: ${names//$'\n'/, }" \
    "export it first (Settings > Export and Import), then ./deploy/agent.sh ${VERB} --replace"
}

WITHOUT_CREDENTIALS=yes start "$@"
VERB="${ARGUMENTS[0]:-}"
REPLACE=""
FOLDER=deploy/agent
FILE=""
for argument in "${ARGUMENTS[@]:1}"; do
  case ${argument} in
  --replace) REPLACE=yes ;;
  -*) printf 'unknown argument: %s\n\n' "${argument}" >&2 && usage 2 ;;
  *) if [[ ${VERB} == zip && -z ${FILE} ]]; then FILE="${argument}"; else FOLDER="${argument}"; fi ;;
  esac
done
case ${VERB} in
restore | import) step "agent" put_agent ;;
zip)
  [[ -n ${FILE} ]] || usage 2
  python3 -m deploy.tool export zip "${FOLDER}" "${FILE}"
  ;;
*) usage 2 ;;
esac
