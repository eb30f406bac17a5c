#!/usr/bin/env bash
# The function's last calls from Cloud Logging as a table, errors first. Calls that the platform refused before the function
# saw them are in it too.
#
#   ./deploy/logs.sh [--since 1h] [--limit 100] [--settings NAME]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"

read_logs() {
  value ENTRIES gcloud logging read "$(calls_filter)" --project="${PROJECT_ID}" --freshness="${SINCE}" --limit="${LIMIT}" --format=json
}

calls_filter() {
  printf 'resource.type="cloud_run_revision" AND resource.labels.service_name="%s" AND (jsonPayload.event="call" OR (logName:"run.googleapis.com%%2Frequests" AND httpRequest.status>=400))' \
    "${FUNCTION_NAME}"
}

WITHOUT_CREDENTIALS=yes start "$@"
SINCE=1h
LIMIT=100
while ((${#ARGUMENTS[@]} > 0)); do
  case ${ARGUMENTS[0]} in
  --since=* | --limit=*) ARGUMENTS=("${ARGUMENTS[0]%%=*}" "${ARGUMENTS[0]#*=}" "${ARGUMENTS[@]:1}") ;;
  --since) SINCE="${ARGUMENTS[1]:?--since needs a time such as 30m}" ARGUMENTS=("${ARGUMENTS[@]:2}") ;;
  --limit) LIMIT="${ARGUMENTS[1]:?--limit needs a number}" ARGUMENTS=("${ARGUMENTS[@]:2}") ;;
  *) no_more_arguments ;;
  esac
done
STEP="logs"
read_logs
python3 -m deploy.tool calls table <<<"${ENTRIES}"
