#!/usr/bin/env bash
# Creates the Dialogflow service agent of the agent's project: the account whose token comes with every webhook call.
# Projects from before 2021 lack it, and so does a project whose Dialogflow API was never enabled.
#
#   ./deploy/service-identity.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/invoker.sh
source "${KIT}/lib/invoker.sh"

start "$@"
no_more_arguments
step "service identity" service_identity
