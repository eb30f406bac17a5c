#!/usr/bin/env bash
# Runs the function on your own machine, with a local Firestore that holds deploy/data:
#
#   ./deploy/local.sh [--port 8080]
#
# A line that starts with "ready" has the webhook's URL. The function starts anew when a file of handlers/ changes. Ctrl-C
# ends all of it. ./deploy/local.sh --help tells more, for example how to use a real Firestore.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Options and port first: both can be wrong, and installing takes a minute. Of a Python that is too old venv.sh tells.
status=0
if [[ $("${PYTHON:-python3}" --version 2>&1) =~ ^Python\ 3\.(1[1-9]|[2-9][0-9]) ]]; then
  "${PYTHON:-python3}" -m deploy.local.options "$@" || status=$?
fi
((status != 3)) || exit 0 # the help was shown
((status == 0)) || exit "${status}"

./deploy/local/venv.sh requirements.txt
exec .venv/bin/python -m deploy.local "$@"
