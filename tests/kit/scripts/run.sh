#!/usr/bin/env bash
# All tests of the scripts, the long ones too: every fault at every step, every broken project, gcloud's lint of every
# planned command. Takes about ten minutes on two cores: ./tests/kit/scripts/run.sh [pytest arguments]
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
exec ./tests/run.sh --long tests/kit/scripts "$@"
