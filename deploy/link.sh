#!/usr/bin/env bash
# Links the ES agent to the function: the agent's fulfillment gets the URL and the credentials that WEBHOOK_AUTH asks for,
# and every intent that has a handler gets "Enable webhook call". Intents without a handler are left as they are.
#
#   ./deploy/link.sh [--settings NAME] [--plan]
#   ./deploy/link.sh --without-small-talk   and the webhook is not asked for small talk
#   ./deploy/link.sh --off                  switches the fulfillment off; URL and credentials stay
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"

start "$@"
OFF=""
for argument in "${ARGUMENTS[@]}"; do
  case ${argument} in
  --off) OFF=yes ;;
  --without-small-talk) WITHOUT_SMALL_TALK=yes ;;
  *) printf 'unknown argument: %s\n\n' "${argument}" >&2 && usage 2 ;;
  esac
done
if [[ -n ${OFF} ]]; then
  step "fulfillment off" switch_off
else
  step "fulfillment" link
  console_page
fi
