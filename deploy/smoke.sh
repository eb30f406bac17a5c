#!/usr/bin/env bash
# Says something to the real agent and shows what came back through the webhook. Exit code 1 when the webhook failed or
# was not called, with the likely cause.
#
#   ./deploy/smoke.sh "where is my order A-1001" [--language zh-TW] [--settings NAME]
#   ./deploy/smoke.sh "where is my order A-1001" --cx-agent AGENT_ID [--cx-location REGION]   a Dialogflow CX agent
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/cx.sh
source "${KIT}/lib/cx.sh"

talk() {
  local body
  local -r session="smoke-$(date +%s)-$$"
  need_token
  body="$(python3 -m deploy.tool talk "${CX_AGENT:+cx-}body" "${TEXT}" "${LANGUAGE}")"
  [[ -z ${CX_AGENT} ]] || AGENT_URL="$(cx_agent_url "${CX_LOCATION:-${AGENT_LOCATION}}" "${CX_AGENT}")"
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request POST "${AGENT_URL}/sessions/${session}:detectIntent" --data @-
  ANSWER="${OUT}"
}

WITHOUT_CREDENTIALS=yes start "$@"
TEXT=""
LANGUAGE=en
CX_AGENT=""
CX_LOCATION=""
NEXT=TEXT
for argument in "${ARGUMENTS[@]}"; do
  case ${argument} in
  --language=*) LANGUAGE="${argument#*=}" ;;
  --language) NEXT=LANGUAGE ;;
  --cx-agent=*) CX_AGENT="${argument#*=}" ;;
  --cx-agent) NEXT=CX_AGENT ;;
  --cx-location=*) CX_LOCATION="${argument#*=}" ;;
  --cx-location) NEXT=CX_LOCATION ;;
  *)
    printf -v "${NEXT}" '%s' "${argument}"
    NEXT=TEXT
    ;;
  esac
done
[[ -n ${TEXT} ]] || usage 2
STEP="talk"
talk
python3 -m deploy.tool talk show <<<"${ANSWER}" || exit 1
