#!/usr/bin/env bash
# Runs the tests: ./tests/run.sh [pytest arguments]
# Without arguments also format, lint, types and shell scripts. Makes .venv when it is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./deploy/local/venv.sh tests/requirements.txt
export PATH="${PWD}/.venv/bin:${PATH}"

if (($# == 0)); then
  mapfile -t scripts < <(git ls-files --cached --others --exclude-standard '*.sh' .ci/run 2>/dev/null || find . -name '*.sh' -not -path './.venv/*')
  ruff format --check .
  ruff check .
  mypy
  shfmt -i 2 -d "${scripts[@]}"
  shellcheck "${scripts[@]}"
fi
exec python -m pytest "$@"
