#!/usr/bin/env bash
# Runs the function on your own machine, with a local Firestore that holds deploy/data:
#
#   ./deploy/local.sh [--port 8080]
#
# A line that starts with "ready" has the webhook's URL. Ctrl-C ends all of it. ./deploy/local.sh --help tells more,
# for example how to use a real Firestore.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./deploy/local/venv.sh requirements.txt
exec .venv/bin/python -m deploy.local "$@"
