#!/usr/bin/env bash
# Enables the Google APIs that the function, its data, its alerts and the agent need.
#
#   ./deploy/enable-apis.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/apis.sh
source "${KIT}/lib/apis.sh"

start "$@"
no_more_arguments
step "APIs" enable_apis
