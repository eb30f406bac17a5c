#!/usr/bin/env bash
# Deploys the function (2nd generation), when its source or a setting differs from what is deployed, and sees to what
# `gcloud functions deploy` has no option for (docs/platform.md 1.1): startup CPU boost, custom audiences, traffic.
#
#   ./deploy/function.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/function.sh
source "${KIT}/lib/function.sh"

start "$@"
no_more_arguments
step "function" the_function
