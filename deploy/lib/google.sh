# shellcheck shell=bash
# How a command that talks to Google is run: as it stands, or, with --plan, printed ready to paste.
#
#   run COMMAND...              runs it
#   value NAME COMMAND...       runs it and keeps its output in the variable NAME
#   feed TEXT COMMAND...        runs it with TEXT as its standard input
#   ensure WHAT LOOK... -- MAKE...   makes what the first command does not find
#   gone WHAT COMMAND...        deletes; what is not there is fine
#
# Each tries again, with growing waits, what Google says will pass: 429, 503, a policy that somebody else is changing,
# a service account that is not known everywhere yet. RETRY_WAITS (seconds) are the waits.

OUT=""
ERR=""
JUST_ENABLED=""
PLANNED_FUNCTIONS=" "
readonly LATER_OPEN=$'\x01' LATER_CLOSE=$'\x02'

planning() { [[ -n ${PLAN} ]]; }

run() {
  if planning; then
    print_command "$@"
  else
    attempt "$@" || fail "$@"
  fi
}

# The caller's variable may have any name, so what is local here may not stand in its way.
value() {
  if planning; then
    plan_functions "${@:2}"
    printf '%s=%s(%s)\n' "$1" "$" "$(command_text "${@:2}")"
    later "$1"
  else
    attempt "${@:2}" || fail "${@:2}"
    printf -v "$1" '%s' "${OUT}"
  fi
}

feed() {
  if planning; then
    plan_functions "${@:2}"
    printf '%s <<<%s%s\n' "$(command_text "${@:2}")" "$(quoted "$1")" "$(unread "$2")"
  else
    INPUT="$1" attempt "${@:2}" || fail "${@:2}"
  fi
}

ensure() {
  local -r what=$1
  shift
  local -a look=()
  while [[ $1 != -- ]]; do
    look+=("$1")
    shift
  done
  shift
  if ! planning; then
    if attempt "${look[@]}"; then
      there "${what}"
      return
    fi
    is_absent || fail "${look[@]}"
  fi
  create "${what}" "$@"
}

# create WHAT COMMAND...: a retry after a lost answer may find its own work; that is no error.
create() {
  local -r what=$1
  shift
  if planning; then
    print_command "$@"
  elif attempt "$@"; then
    made "${what}"
  elif is_duplicate; then
    there "${what}"
  else
    fail "$@"
  fi
}

gone() {
  local -r what=$1
  shift
  if attempt "$@"; then
    made "${what}"
  elif is_absent; then
    there "no ${what}"
  else
    fail "$@"
  fi
}

# attempt COMMAND...: output in OUT, errors in ERR; fails when the error is lasting or the waits are used up.
attempt() {
  local -a waits
  local pause code
  read -ra waits <<<"${RETRY_WAITS:-2 4 8 16 30 60}"
  for pause in "${waits[@]}" end; do
    code=0
    if [[ -v INPUT ]]; then
      OUT="$("$@" 2>"${WORK}/err" <<<"${INPUT}")" || code=$?
    else
      OUT="$("$@" 2>"${WORK}/err" </dev/null)" || code=$?
    fi
    ERR="$(<"${WORK}/err")"
    ((code == 0)) && return 0
    if [[ ${pause} == end ]] || ! is_passing; then
      return "${code}"
    fi
    sleep "${pause}"
  done
}

is_passing() {
  local -r said="${ERR} ${OUT}"
  [[ ${said} =~ RESOURCE_EXHAUSTED|UNAVAILABLE|ABORTED|concurrent\ policy\ changes|try\ again\ later ]] && return
  [[ ${said} =~ (HTTPError|code[=:\"\ ]+|status=\[|error:\ )(409|429|503) && ! ${said} =~ ALREADY_EXISTS|already\ exists ]] && return
  [[ ${said} =~ [Ss]ervice\ account\ [^\ ]+\ does\ not\ exist ]] && return
  [[ -n ${JUST_ENABLED} && ${said} =~ has\ not\ been\ used\ in\ project|SERVICE_DISABLED ]]
}

# An API that was enabled a moment ago is refused for a while.
just_enabled() { JUST_ENABLED=yes; }

is_absent() { [[ "${ERR} ${OUT}" =~ NOT_FOUND|status=\[404\]|Cannot\ find\ (service|function)|\ not\ found|error:\ 404 ]]; }

is_duplicate() { [[ "${ERR} ${OUT}" =~ ALREADY_EXISTS|already\ exists ]]; }

# dialogflow_host LOCATION: global agents live at dialogflow.googleapis.com, regional ones at their region's host.
dialogflow_host() { printf 'https://%sdialogflow.googleapis.com' "$([[ $1 == global ]] || printf '%s-' "$1")"; }

# google_curl PROJECT CURL-OPTION...: for APIs that gcloud has no command for. The token is never an argument of curl.
google_curl() {
  curl --silent --show-error --fail-with-body \
    --header @<(printf 'Authorization: Bearer %s\n' "${TOKEN}") \
    --header "X-Goog-User-Project: $1" \
    --header 'Content-Type: application/json; charset=utf-8' "${@:2}"
}

# One token a run. gcloud renews it when it is near its end.
need_token() {
  [[ -n ${TOKEN:-} ]] || value TOKEN gcloud auth print-access-token
}

# wait_for PROJECT URL: until the long-running operation at URL is done; fails when it ended in an error.
wait_for() {
  local answer pause
  for pause in 0 1 2 3 5 5 5 10 10 10 20 20 20 30 30 30 30 30 30; do
    answer="$(google_curl "$1" "$2")"
    [[ ${answer} =~ \"error\":\ *\{ ]] && printf '%s\n' "${answer}" && return 1
    [[ ${answer} =~ \"done\":\ *true ]] && return 0
    sleep "${RETRY_WAIT:-${pause}}"
  done
  printf 'still not done: %s\n' "$2"
  return 1
}

# await_operation PROJECT API ANSWER: until the operation is done that the API (its URL, version included) answered with.
await_operation() {
  local name
  name="$(python3 -m deploy.tool operation name <<<"$3")"
  run wait_for "$1" "$2/${name}"
}

# -- printing, for --plan

# later NAME: the value is known only when the plan is carried out; its place is marked.
later() { printf -v "$1" '%s' "${LATER_OPEN}$1${LATER_CLOSE}"; }

print_command() {
  plan_functions "$@"
  printf '%s%s\n' "$(command_text "$@")" "$(unread "$1")"
}

# Answers may hold a secret (the agent's fulfillment does): what no later line reads is not shown.
unread() { [[ $1 != google_curl && $1 != update_intents ]] || printf ' >/dev/null'; }

# A function of the kit is printed once, before the first line that uses it.
plan_functions() {
  local name
  for name in google_curl "$1"; do
    [[ ${name} != google_curl || " google_curl wait_for update_intents " == *" $1 "* ]] || continue
    [[ $(type -t "${name}") == function && ${PLANNED_FUNCTIONS} != *" ${name} "* ]] || continue
    PLANNED_FUNCTIONS+="${name} "
    declare -f "${name}"
  done
}

command_text() {
  local word text=""
  for word in "$@"; do
    text+=" $(quoted "${word}")"
  done
  printf '%s' "${text# }"
}

quoted() {
  local word=$1
  if [[ ${word} == *"${LATER_OPEN}"* ]]; then
    word="${word//\\/\\\\}"
    word="${word//\"/\\\"}"
    word="${word//\$/\\\$}"
    word="${word//${LATER_OPEN}/\$\{}"
    printf '"%s"' "${word//${LATER_CLOSE}/\}}"
  elif [[ ${word} =~ ^[A-Za-z0-9_./:=@,+-]+$ ]]; then
    printf '%s' "${word}"
  else
    printf "'%s'" "${word//\'/\'\\\'\'}"
  fi
}
