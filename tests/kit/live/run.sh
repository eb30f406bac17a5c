#!/usr/bin/env bash
# The whole way on live Google Cloud, once: deploy, link, talk, doctor, change, roll back, take down. Writes a dated record to
# tests/kit/live/records/. It costs a few cents and takes about a quarter of an hour.
#
#   gcloud auth login
#   ./tests/kit/live/run.sh PROJECT_ID [REGION]
#
# Use a project of its own, with billing: the sample agent is restored into it, and at the end everything is taken down again, the
# database included. An agent with intents of yours stops the run (deploy/agent.sh never replaces one by itself).
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

if (($# < 1)); then
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
  exit 2
fi

export PROJECT_ID=$1 REGION=${2:-europe-west1} WEBHOOK_AUTH=iam,header SAMPLE_DATA=yes
secrets="$(mktemp -d)"
trap 'rm -rf "${secrets}"' EXIT
export WEBHOOK_HEADERS_FILE="${secrets}/headers"
printf 'X-Webhook-Secret: %s\n' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >"${WEBHOOK_HEADERS_FILE}"

mkdir -p tests/kit/live/records
record="tests/kit/live/records/$(date -u +%Y-%m-%dT%H%MZ).md"
failed=0

# tried WHAT EXPECTED-EXIT-CODE COMMAND...: runs it and writes down how it went.
tried() {
  local -r what=$1 expected=$2 began=${SECONDS}
  shift 2
  local code=0
  printf '\n--- %s\n' "${what}"
  "$@" >"${secrets}/out" 2>&1 || code=$?
  cat "${secrets}/out"
  local verdict=ok
  if ((code != expected)); then
    verdict="FAILED (exit ${code})"
    failed=1
  fi
  {
    printf '| %s | %s | %s s |\n' "${what}" "${verdict}" "$((SECONDS - began))"
    [[ ${verdict} == ok ]] || sed "s/^/    /; s/${PROJECT_ID}/PROJECT/g" "${secrets}/out" >>"${secrets}/details"
  } >>"${record}"
}

{
  printf '# Live run, %s\n\n' "$(date -u +%Y-%m-%d)"
  printf '%s\ncommit %s, region %s\n\n' "$(gcloud version | head -n 1)" "$(git rev-parse --short HEAD)" "${REGION}"
  printf '| what | result | time |\n|---|---|---|\n'
} >"${record}"

tried "first run" 0 ./deploy/deploy.sh
tried "sample agent restored" 0 ./deploy/agent.sh restore
tried "linked" 0 ./deploy/link.sh
tried "second run changes nothing" 0 ./deploy/deploy.sh
tried "doctor finds nothing wrong" 0 ./deploy/doctor.sh
tried "welcome" 0 ./deploy/smoke.sh "hello"
tried "an order" 0 ./deploy/smoke.sh "where is my order A-1001"
tried "in Chinese" 0 ./deploy/smoke.sh "總店幾點開門" --language zh-TW
tried "two minimum instances, no build" 0 ./deploy/min-instances.sh 2
printf 'X-Webhook-Secret: %s\n' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >"${WEBHOOK_HEADERS_FILE}"
tried "rotated" 0 ./deploy/rotate-secret.sh
tried "still answers" 0 ./deploy/smoke.sh "hello"
tried "rolled back" 0 ./deploy/rollback.sh
tried "doctor sees the rollback" 1 ./deploy/doctor.sh
tried "back to the newest" 0 ./deploy/rollback.sh --to-latest
tried "logs" 0 ./deploy/logs.sh --since 1h
tried "taken down" 0 ./deploy/teardown.sh "${PROJECT_ID}" --with-data
tried "taken down twice" 0 ./deploy/teardown.sh "${PROJECT_ID}" --with-data

[[ ! -f ${secrets}/details ]] || { printf '\n' && cat "${secrets}/details"; } >>"${record}"
printf '\nThe record: %s\n' "${record}"
exit "${failed}"
