#!/usr/bin/env bash
# Keeps the webhook's passwords and headers in Secret Manager, opens each secret to the runtime account alone, and finds
# the version number that the function will be pinned to. A new version is added only when the text differs.
#
#   ./deploy/secrets.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/secret.sh
source "${KIT}/lib/secret.sh"

start "$@"
no_more_arguments
step "secrets" secrets
