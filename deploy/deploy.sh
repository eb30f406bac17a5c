#!/usr/bin/env bash
# From a Google Cloud project and a Dialogflow ES agent to an agent that your code answers. The first run creates, later
# runs change only what differs. Each step is also a script of its own.
#
#   ./deploy/deploy.sh                with deploy/settings.env
#   ./deploy/deploy.sh staging        with deploy/settings.staging.env
#   ./deploy/deploy.sh --plan         prints every command of a first run and the monthly price; calls nothing
#
# Settings are explained in deploy/settings.example.env; variables of the environment win over the file.
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/apis.sh
source "${KIT}/lib/apis.sh"
# shellcheck source=deploy/lib/account.sh
source "${KIT}/lib/account.sh"
# shellcheck source=deploy/lib/firestore.sh
source "${KIT}/lib/firestore.sh"
# shellcheck source=deploy/lib/secret.sh
source "${KIT}/lib/secret.sh"
# shellcheck source=deploy/lib/function.sh
source "${KIT}/lib/function.sh"
# shellcheck source=deploy/lib/invoker.sh
source "${KIT}/lib/invoker.sh"
# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"
# shellcheck source=deploy/lib/alerts.sh
source "${KIT}/lib/alerts.sh"

# The line that --plan begins with; it makes the rest a script that stops at the first failure.
plan_header() {
  planning || return 0
  printf '# The first run of ./deploy/deploy.sh for %s in %s, agent in %s. Run it at the root of the checkout, with bash.\n' \
    "${FUNCTION_NAME}" "${PROJECT_ID}" "${AGENT_PROJECT_ID}"
  printf 'set -euo pipefail\nunset PYTHONHOME PYTHONSAFEPATH\n'
}

price() {
  planning && printf '\n# '
  python3 -m deploy.tool price month "${REGION}" "${MIN_INSTANCES}" "${CPU}" "${MEMORY}"
}

SETTINGS_BY_ARGUMENT=yes start "$@"
no_more_arguments
need_routes
STEPS_ALL=9
plan_header

step "APIs" enable_apis
step "runtime account" runtime_account
step "Firestore" firestore
step "secrets" secrets
step "function" the_function
step "service identity" service_identity
step "invoker" grant_invoker
step "fulfillment" link
step "alerts" alerts

price
planning || printf '\n%s answers at %s\nTry it: ./deploy/smoke.sh "hello"    Anything wrong: ./deploy/doctor.sh\n' "${FUNCTION_NAME}" "${URL}"
