#!/usr/bin/env bash
# Lets the agent's service account call the function. A 2nd-generation function is a Cloud Run service and needs
# roles/run.invoker there; a 1st-generation one needs roles/cloudfunctions.invoker (Cloud Functions Invoker) on itself.
# The wrong one of the two is accepted by Google and grants nothing (docs/platform.md 4.1).
#
#   ./deploy/grant-invoker.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/invoker.sh
source "${KIT}/lib/invoker.sh"

start "$@"
no_more_arguments
step "invoker" grant_invoker
