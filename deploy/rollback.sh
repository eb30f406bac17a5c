#!/usr/bin/env bash
# Sends all calls to the revision before the one that answers now; a second later everybody is served by it. The next
# deployment sends calls to its own new revision again, and so does --to-latest.
#
#   ./deploy/rollback.sh [--settings NAME]
#   ./deploy/rollback.sh --to-latest
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"

rollback() {
  local revisions serving before
  local -r where=(--region="${REGION}" --project="${PROJECT_ID}")
  if [[ -n ${TO_LATEST} ]]; then
    run gcloud run services update-traffic "${FUNCTION_NAME}" "${where[@]}" --to-latest --format=none
    made "calls go to the newest revision"
    return
  fi
  value revisions gcloud run revisions list --service="${FUNCTION_NAME}" "${where[@]}" --sort-by=~metadata.creationTimestamp \
    --filter='status.conditions.type=Ready AND status.conditions.status=True' --format='value(metadata.name)'
  value serving gcloud run services describe "${FUNCTION_NAME}" "${where[@]}" --format='value(status.traffic[0].revisionName)'
  before="$(sed -n "/^${serving}\$/{n;p;}" <<<"${revisions}")"
  [[ -n ${before} ]] || stop "there is no revision before ${serving}" "./deploy/deploy.sh deploys another state of the source"
  run gcloud run services update-traffic "${FUNCTION_NAME}" "${where[@]}" --to-revisions="${before}=100" --format=none
  made "calls go to ${before} in place of ${serving}"
  warn "a later ./deploy/deploy.sh sends calls to the newest revision again"
}

WITHOUT_CREDENTIALS=yes start "$@"
TO_LATEST=""
if [[ ${ARGUMENTS[0]:-} == --to-latest ]]; then
  TO_LATEST=yes
  ARGUMENTS=("${ARGUMENTS[@]:1}")
fi
no_more_arguments
step "rollback" rollback
