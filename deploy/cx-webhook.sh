#!/usr/bin/env bash
# Creates a webhook in a Dialogflow CX agent of any region, or changes it where it differs: URL, timeout, credentials.
#
#   ./deploy/cx-webhook.sh --agent AGENT_ID                     the standard webhook "Shop"
#   ./deploy/cx-webhook.sh --agent AGENT_ID --route /stock      a flexible webhook for a route of the handlers
#
#   --location REGION            of the agent; default: AGENT_LOCATION
#   --name NAME                  display name; default: Shop, or the route's path
#   --timeout SECONDS            1 to 30; default: 5
#   --service-agent-auth WHICH   id-token, access-token or none; default: the one that WEBHOOK_AUTH asks for
#   --password-version VERSION   secret version with user:password, instead of the password itself
#   --header-version NAME=VERSION   secret version with the header's value; may be repeated
#   --oauth-client ID --oauth-token-endpoint URL --oauth-secret-version VERSION [--oauth-scope SCOPE]
#   --ca FILE                    certificate (PEM or DER) to trust instead of Google's store; may be repeated
#   --service-directory SERVICE  projects/P/locations/L/namespaces/N/services/S, for a private network
#   --url URL                    instead of the function's own
#   --environment ENVIRONMENT_ID sets all this for one environment of the agent only; the webhook must be there already
#   --settings NAME, --plan      as in the other scripts
#
# A VERSION is projects/P/secrets/NAME/versions/N; the agent's service account must be able to read it.
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/cx.sh
source "${KIT}/lib/cx.sh"

cx_webhook() {
  need_token
  [[ -n ${GIVEN_URL} ]] && URL="${GIVEN_URL%/}"
  need_url
  need_credentials
  check_headers
  need_routes
  find_webhook
  if [[ -n ${ENVIRONMENT} ]]; then
    set_environment
  else
    set_webhook
  fi
}

read_options() {
  OPTIONS=() CX_AGENT="" LOCATION="" NAME="" ENVIRONMENT="" GIVEN_URL="" FOUND="" LISTED=""
  local option auth=""
  while (($#)); do
    option=$1
    (($# > 1)) || usage 2
    case ${option} in
    --agent) CX_AGENT=$2 ;;
    --location) LOCATION=$2 ;;
    --name) NAME=$2 ;;
    --environment) ENVIRONMENT=$2 ;;
    --url) GIVEN_URL=$2 ;;
    --service-agent-auth) auth=$2 ;;
    --route)
      NAME="${NAME:-$2}"
      OPTIONS+=("$1=$2")
      ;;
    --timeout | --password-version | --header-version | --oauth-client | --oauth-token-endpoint | --oauth-secret-version | --oauth-scope | --ca | --service-directory)
      OPTIONS+=("$1=$2")
      ;;
    *) printf 'unknown argument: %s\n\n' "${option}" >&2 && usage 2 ;;
    esac
    shift 2
  done
  [[ -n ${CX_AGENT} ]] || usage 2
  NAME="${NAME:-Shop}"
  if [[ -z ${auth} ]]; then
    auth=none
    if uses iam || uses id-token; then auth=id-token; fi
    if uses access-token; then auth=access-token; fi
  fi
  if uses oauth && [[ " ${OPTIONS[*]} " != *" --oauth-client="* ]]; then
    printf 'WEBHOOK_AUTH=%s: the agent must send a token of your provider. Add --oauth-client ID --oauth-token-endpoint URL --oauth-secret-version VERSION\n' "${WEBHOOK_AUTH}" >&2
    exit 2
  fi
  OPTIONS+=("--name=${NAME}" "--service-agent-auth=${auth}")
}

start "$@"
read_options "${ARGUMENTS[@]}"
CX_URL="$(cx_agent_url "${LOCATION:-${AGENT_LOCATION}}" "${CX_AGENT}")"
if ! WRONG="$(cx check "${OPTIONS[@]}" 2>&1)"; then
  printf '%s\n' "${WRONG}" >&2
  exit 2
fi
step "cx webhook" cx_webhook
