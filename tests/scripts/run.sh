#!/usr/bin/env bash
# The full matrix: every fault at every step, every broken project, and gcloud's lint of every planned command.
# Takes about half an hour on two cores: ./tests/scripts/run.sh [pytest arguments]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec ./tests/run.sh --long tests/scripts "$@"
