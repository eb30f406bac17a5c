#!/usr/bin/env bash
# Makes .venv and installs one requirements file into it, once: deploy/local/venv.sh requirements.txt
# Killed half way, it starts over the next time: the note that it is done is written last.
# Of pip one line is shown, unless it fails: then all that it said, which stays in .venv/pip.log.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

requirements="$1"
python="${PYTHON:-python3}"
log=".venv/pip.log"

# told TEXT: on a terminal in the place of what was told before, else on a line of its own.
told() { if [[ -t 2 ]]; then printf '\r\033[K%s' "$1" >&2; else printf '%s\n' "$1" >&2; fi; }

# follow: keeps what pip says, and counts on a terminal.
follow() {
  local line count=0
  while IFS= read -r line; do
    printf '%s\n' "${line}"
    [[ -t 2 ]] || continue
    case ${line} in
    Collecting\ * | Processing\ *)
      count=$((count + 1))
      told "Installing ${requirements} ... ${count} packages found"
      ;;
    Installing\ collected\ packages:*) told "Installing ${requirements} ... ${count} packages are unpacked" ;;
    esac
  done >"${log}"
}

if [[ ! $("${python}" --version 2>&1) =~ ^Python\ 3\.(1[1-9]|[2-9][0-9]) ]]; then
  printf 'Found %s; the kit needs Python 3.11 or newer. Another one: PYTHON=python3.12 %s\n' \
    "$("${python}" --version 2>&1 || true)" "./deploy/local.sh" >&2
  exit 1
fi

# One of another Python, of another folder, or half made is made anew; one that somebody else made is used as it is.
made="$("${python}" --version) in ${PWD}"
found="$(cat .venv/made-by 2>/dev/null || true)"
if [[ -n "${found}" && "${found}" != "${made}" ]] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  printf 'Making the virtual environment .venv\n' >&2
  rm -rf .venv # of a link only the link
  mkdir .venv
  printf 'not finished\n' >.venv/made-by
  if ! "${python}" -m venv .venv; then
    printf 'No virtual environment could be made. On Debian and Ubuntu: sudo apt install python3-venv\n' >&2
    exit 1
  fi
  printf '%s\n' "${made}" >.venv/made-by
fi

note=".venv/installed-${requirements//\//-}"
wanted="$(cat requirements.txt "${requirements}" | cksum)"
if [[ "$(cat "${note}" 2>/dev/null || true)" == "${wanted}" ]]; then
  exit 0
fi
told "Installing ${requirements} (the first time takes about a minute)"
pip=(.venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off -r "${requirements}")
if ! PYTHONUNBUFFERED=1 "${pip[@]}" 2>&1 | follow; then
  told "pip could not install ${requirements}. It said:"
  [[ ! -t 2 ]] || printf '\n' >&2
  # Dozens of lines about what is there already would hide the few that matter.
  grep -v '^Requirement already satisfied: ' "${log}" >&2 || true
  .venv/bin/python -m deploy.local.requirements why "${requirements}" >&2 || true
  exit 1
fi
new="$(sed -n 's/^Installing collected packages: //p' "${log}" | tr ',' '\n' | wc -w)"
told "Installed ${requirements}: $((new)) packages in ${SECONDS} s"
[[ ! -t 2 ]] || printf '\n' >&2
printf '%s\n' "${wanted}" >"${note}"
