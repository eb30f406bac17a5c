#!/usr/bin/env bash
# Makes the service account that the function runs as, and lets it read and write Firestore documents. It gets nothing
# else on the project; each secret is opened to it alone by secrets.sh.
#
#   ./deploy/runtime-account.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/account.sh
source "${KIT}/lib/account.sh"

start "$@"
no_more_arguments
step "runtime account" runtime_account
