#!/usr/bin/env bash
# Measures speed and memory against bare functions in the same run: ./tests/kit/benchmarks/run.sh ["welcome cold" ...]
# Not part of ./tests/run.sh: machines are noisy, and a figure is read, not asserted.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

./deploy/local/venv.sh tests/requirements.txt
exec .venv/bin/python -m tests.kit.benchmarks "$@"
