#!/usr/bin/env bash
# Runs unit, shop and contract on every other Python from 3.11 on that this machine has, on PATH or under pyenv:
# ./tests/kit/other-pythons.sh [pytest arguments]
# Each gets a virtual environment of its own, .venv-3.12 and so on, made when it is not there.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version_of() {
  "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

own=.venv/bin/python
[[ -x ${own} ]] || own="${PYTHON:-python3}"
if ! done_before="$(version_of "${own}")"; then
  printf '%s does not say its version; expected a Python from 3.11 on. Another one: PYTHON=python3.12 %s\n' "${own}" "$0" >&2
  exit 1
fi

declare -A found=()
candidates() {
  compgen -c python3. | grep -E '^python3\.[0-9]+$' | sort -u
  compgen -G "${PYENV_ROOT:-${HOME}/.pyenv}/versions/*/bin/python"
}
while IFS= read -r candidate; do
  # A name that pyenv has put on PATH is no Python unless it is chosen.
  version="$(version_of "${candidate}")" || continue
  [[ ${version} == 3.* && ${version#3.} -ge 11 && ${version} != "${done_before}" ]] || continue
  found["${version}"]="${found["${version}"]:-${candidate}}"
done < <(candidates)

if ((${#found[@]} == 0)); then
  printf 'No other Python from 3.11 on was found, on PATH or under pyenv; the tests ran on %s alone.\n' "${done_before}"
  exit 0
fi

prepare() {
  local -r python=$1 venv=$2
  local wanted
  wanted="$("${python}" --version) $(cat requirements.txt tests/requirements.txt | cksum)"
  [[ "$(cat "${venv}/made-by" 2>/dev/null)" != "${wanted}" ]] || return 0
  printf 'Making the virtual environment %s\n' "${venv}"
  rm -rf "${venv}"
  "${python}" -m venv "${venv}" || return
  "${venv}/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt || return
  printf '%s\n' "${wanted}" >"${venv}/made-by" # last, so that one that is half made is made anew
}

failed=()
while IFS= read -r version; do
  python="$(type -P "${found["${version}"]}")"
  printf '== Python %s (%s): unit, shop and contract\n' "${version}" "${python}"
  if ! prepare "${python}" ".venv-${version}"; then
    failed+=("${version}: its packages could not be installed")
  elif ! ".venv-${version}/bin/python" -m pytest -q -n auto --dist worksteal tests/kit/unit tests/shop tests/kit/contract "$@"; then
    failed+=("${version}: see above; again: .venv-${version}/bin/python -m pytest")
  fi
done < <(printf '%s\n' "${!found[@]}" | sort -V)

if ((${#failed[@]} > 0)); then
  printf 'Python %s\n' "${failed[@]}" >&2
  exit 1
fi
