#!/usr/bin/env bash
# Says something to the real agent and shows what came back through the webhook. Exit code 1 when the webhook failed or
# was not called, with the likely cause.
#
#   ./deploy/smoke.sh "where is my order A-1001" [--language zh-TW] [--settings NAME]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"

talk() {
  local body
  local -r session="smoke-$(date +%s)-$$"
  need_token
  body="$(python3 deploy/lib/talk.py body "${TEXT}" "${LANGUAGE}")"
  feed "${body}" google_curl "${AGENT_PROJECT_ID}" --request POST "${AGENT_URL}/sessions/${session}:detectIntent" --data @-
  ANSWER="${OUT}"
}

WITHOUT_CREDENTIALS=yes start "$@"
TEXT=""
LANGUAGE=en
for argument in "${ARGUMENTS[@]}"; do
  case ${argument} in
  --language=*) LANGUAGE="${argument#*=}" ;;
  --language) LANGUAGE="" ;;
  *) if [[ -z ${LANGUAGE} ]]; then LANGUAGE="${argument}"; else TEXT="${argument}"; fi ;;
  esac
done
[[ -n ${TEXT} ]] || usage 2
STEP="talk"
talk
python3 deploy/lib/talk.py show <<<"${ANSWER}" || exit 1
