#!/usr/bin/env bash
# Runs the whole suite: ./tests/run.sh [pytest arguments]
# Makes .venv if it is not there, installs what tests need, then format, lint, types and pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
wanted="$("${python}" --version) $(cat requirements.txt tests/requirements.txt | cksum)"
if [[ "$(cat .venv/tests-installed 2>/dev/null)" != "${wanted}" ]]; then
  [[ -x .venv/bin/python ]] && .venv/bin/python --version >/dev/null 2>&1 || "${python}" -m venv --clear .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
  printf '%s\n' "${wanted}" >.venv/tests-installed
fi

if (($# == 0)); then
  .venv/bin/ruff format --check .
  .venv/bin/ruff check .
  .venv/bin/mypy
fi
exec .venv/bin/python -m pytest "$@"
