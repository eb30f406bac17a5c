#!/usr/bin/env bash
# Changes the webhook's password or header with no refused call in between. Put the new line into the file named in
# WEBHOOK_HEADERS_FILE or WEBHOOK_BASIC_FILE, in place of the old one, and run this. When the setting names an existing
# secret, give the file with the new text (or - for standard input).
#
#   ./deploy/rotate-secret.sh [FILE] [--settings NAME]
#
# 1. the function accepts the new and the old   2. the agent sends the new   3. after ROTATE_PAUSE seconds (60) the function
# accepts the new alone, and the old versions of the secret are disabled. Interrupted? Run it again.
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"

rotate() {
  ROTATED=()
  WEBHOOK_BASIC="" WEBHOOK_HEADERS=""
  if uses basic; then accept_both WEBHOOK_BASIC "${NEW_TEXT:-${WEBHOOK_BASIC_FILE}}" "$(secret_of "${WEBHOOK_BASIC_FILE}" basic)"; fi
  if uses header; then accept_both WEBHOOK_HEADERS "${NEW_TEXT:-${WEBHOOK_HEADERS_FILE}}" "$(secret_of "${WEBHOOK_HEADERS_FILE}" headers)"; fi
  ((${#ROTATED[@]} > 0)) || return 0
  repin
  made "function accepts new and old"
  need_token
  need_url
  set_fulfillment
  sleep "${ROTATE_PAUSE:-60}"
  new_alone
  repin
  made "function accepts the new alone"
  disable_older
}

# Pins the function to the versions in *_PIN.
repin() {
  local pair pin
  local -a pins=()
  for pair in "${ROTATED[@]}"; do
    pin="${pair%%=*}_PIN"
    pins+=("${pair%%=*}=${!pin}")
  done
  pin_secrets "${pins[@]}"
}

# secret_of SOURCE KIND: the kit's own secret, or the existing one that the setting names
secret_of() { if [[ $1 == - || -f $1 ]]; then printf '%s-%s' "${FUNCTION_NAME}" "$2"; else printf '%s' "$1"; fi; }

# accept_both VARIABLE SOURCE SECRET
accept_both() {
  local VERSION="" new both
  [[ $2 == - || -f $2 ]] || stop "$2 is an existing secret, so its new text must come from you" "./deploy/rotate-secret.sh FILE"
  if [[ $2 == - ]]; then new="${STDIN_TEXT}"; else new="$(<"$2")"; fi
  latest_version "$3" || stop "secret $3 does not exist yet" "./deploy/deploy.sh"
  both="$(python3 -m deploy.tool secret both <(printf '%s' "${new}") <<<"${OUT}")"
  if [[ -z ${both} ]]; then
    there "$3 version ${VERSION}"
    printf -v "$1" '%s' "${new}"
    return
  fi
  add_text "$3" "${both}"
  ROTATED+=("$1=$3")
  printf -v "$1" '%s' "${new}"
  printf -v "$1_PIN" '%s' "${OUT}"
}

# add_text SECRET TEXT: a new version; its number in OUT
add_text() {
  feed "$2" gcloud secrets versions add "$1" --project="${PROJECT_ID}" --data-file=- --format='value(name.basename())'
}

new_alone() {
  local pair
  for pair in "${ROTATED[@]}"; do
    local name="${pair%%=*}"
    add_text "${pair#*=}" "${!name}"
    printf -v "${name}_PIN" '%s' "${OUT}"
  done
}

disable_older() {
  local pair pin older version
  for pair in "${ROTATED[@]}"; do
    pin="${pair%%=*}_PIN"
    value older gcloud secrets versions list "${pair#*=}" --project="${PROJECT_ID}" --filter=state=ENABLED --format='value(name.basename())'
    for version in ${older}; do
      [[ ${version} != "${!pin}" ]] || continue
      run gcloud secrets versions disable "${version}" --secret="${pair#*=}" --project="${PROJECT_ID}" --format=none
      made "${pair#*=} version ${version} disabled"
    done
  done
}

start "$@"
NEW_TEXT="${ARGUMENTS[0]:-}"
ARGUMENTS=("${ARGUMENTS[@]:1}")
no_more_arguments
[[ ${NEW_TEXT} != - || -n ${STDIN_TEXT} ]] || STDIN_TEXT="$(cat)"
uses basic || uses header || stop "WEBHOOK_AUTH=${WEBHOOK_AUTH} has no password" "nothing: Google renews the tokens of iam and id-token itself"
step "rotate" rotate
