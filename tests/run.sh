#!/usr/bin/env bash
# Runs the tests: ./tests/run.sh [pytest arguments]
# Without arguments also format, lint, types, shell scripts, and whether the function's requirements can be installed on
# the deployed Python. Makes .venv when it is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./deploy/local/venv.sh tests/requirements.txt
export PATH="${PWD}/.venv/bin:${PATH}"

if (($# == 0)); then
  ruff format --check .
  ruff check .
  mypy
  git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run | xargs -0 shfmt -i 2 -d
  git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run | xargs -0 shellcheck
  python -m pip install --quiet --disable-pip-version-check --dry-run --no-deps --only-binary=:all: \
    --python-version 3.13 --target .venv/python-3.13 -r requirements.txt
fi
exec python -m pytest -n auto --dist worksteal "$@" # one process: -n0
