# shellcheck shell=bash
# What every script of the kit starts with: settings, the way a command is run or planned, and the report.
# Sourced, never run.

[[ -n ${KIT_LOADED:-} ]] && return
KIT_LOADED=yes

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  printf 'bash %s is too old: the scripts need 4.4 or newer (macOS: brew install bash)\n' "${BASH_VERSION}" >&2
  exit 2
fi

# With CDPATH another folder of this name would be entered; with the other two Python finds no module of the checkout.
unset CDPATH PYTHONHOME PYTHONSAFEPATH
KIT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
ROOT="$(dirname "${KIT}")"
SCRIPT="${KIT}/${0##*/}"
WORK="$(mktemp -d)"
trap 'rm -rf "${WORK}"' EXIT
set -E
trap 'unexpected "${BASH_SOURCE[0]}" "${LINENO}" "${BASH_COMMAND}"' ERR
PLAN=""
ARGUMENTS=()

# shellcheck source=deploy/lib/report.sh
source "${KIT}/lib/report.sh"
# shellcheck source=deploy/lib/google.sh
source "${KIT}/lib/google.sh"
# shellcheck source=deploy/lib/settings.sh
source "${KIT}/lib/settings.sh"

# start "$@": reads options and settings, checks them and the tools, and goes to the root of the checkout.
# What is neither --plan, --settings NAME nor --help is left in ARGUMENTS.
start() {
  local name="${SETTINGS:-}"
  while (($#)); do
    case $1 in
    --plan) PLAN=yes ;;
    --settings)
      name="${2:-}"
      shift
      ;;
    --settings=*) name="${1#*=}" ;;
    -h | --help) usage 0 ;;
    *) ARGUMENTS+=("$1") ;;
    esac
    shift
  done
  cd "${ROOT}" || exit
  if [[ ${SETTINGS_BY_ARGUMENT:-} == yes && ${#ARGUMENTS[@]} -gt 0 && ${ARGUMENTS[0]} != -* ]]; then
    name="${ARGUMENTS[0]}"
    ARGUMENTS=("${ARGUMENTS[@]:1}")
  fi
  load_settings "${name}"
  check_settings
  check_tools
  locate_agent
}

# No argument may be left over: a misspelt option must not pass as "nothing asked".
no_more_arguments() {
  ((${#ARGUMENTS[@]} == 0)) && return
  printf 'unknown argument: %s\n\n' "${ARGUMENTS[0]}" >&2
  usage 2
}

# The comment at the top of a script is its help.
usage() {
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${SCRIPT}"
  exit "$1"
}

python_is_new_enough() { [[ $(python3 --version 2>&1) =~ ^Python\ 3\.(1[1-9]|[2-9][0-9]) ]]; }

check_tools() {
  local tool
  for tool in gcloud curl python3; do
    [[ -n ${PLAN} ]] && break
    command -v "${tool}" >/dev/null && continue
    printf '%s is not installed, and the scripts need it' "${tool}" >&2
    [[ ${tool} == gcloud ]] && printf ': https://cloud.google.com/sdk/docs/install' >&2
    printf '\n' >&2
    exit 2
  done
  python_is_new_enough && return
  printf 'python3 is %s; the kit needs Python 3.11 or newer first in PATH\n' "$(python3 --version)" >&2
  exit 2
}
