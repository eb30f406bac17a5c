#!/usr/bin/env bash
# Makes the Firestore database, the composite indexes and the TTL policies of deploy/firestore.indexes.json (the form that
# the Firebase tools use), and with SAMPLE_DATA=yes the documents of deploy/data that are not there yet.
#
#   ./deploy/firestore.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/firestore.sh
source "${KIT}/lib/firestore.sh"

start "$@"
no_more_arguments
step "Firestore" firestore
