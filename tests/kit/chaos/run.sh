#!/usr/bin/env bash
# The long chaos run, outside the suite: ./tests/kit/chaos/run.sh [--turns N] [--kills N] [--seed N]
# 1,000 turns and 50 kills on the local Firestore, then on Google's emulator where it can be started; under 10 minutes.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

python="${PYTHON:-.venv/bin/python}"
for firestore in local emulator; do
  "${python}" -m tests.kit.chaos.long_run --firestore "${firestore}" "$@"
done
