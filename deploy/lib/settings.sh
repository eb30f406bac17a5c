# shellcheck shell=bash
# Settings: read from deploy/settings.env (or settings.NAME.env), the environment wins, all checked before the first call.

readonly SETTING_NAMES=(PROJECT_ID AGENT_PROJECT_ID REGION FUNCTION_NAME RUNTIME MIN_INSTANCES MAX_INSTANCES CONCURRENCY CPU
  MEMORY TIMEOUT WEBHOOK_AUTH WEBHOOK_BASIC_FILE WEBHOOK_HEADERS_FILE FUNCTION_ENV FUNCTION_SECRETS INGRESS SERVICE_ACCOUNT
  BUILD_SERVICE_ACCOUNT ALLOW_PUBLIC ALERT_SLACK_CHANNEL ALERT_EMAIL FIRESTORE_LOCATION FIRESTORE_DATABASE SAMPLE_DATA
  AGENT_LOCATION RETRY_WAITS)
# What the scripts set on the function themselves.
readonly KIT_VARIABLES=" WEBHOOK_AUTH WEBHOOK_BASIC WEBHOOK_HEADERS WEBHOOK_CALLERS WEBHOOK_CONCURRENCY THREADS FIRESTORE_DATABASE GOOGLE_CLOUD_PROJECT PORT K_SERVICE "
BAD=()
FUNCTION_VARIABLES=()
STDIN_TEXT=""

load_settings() {
  local -r file="${KIT}/settings${1:+.$1}.env"
  local line name text number=0
  if [[ -n $1 && ! -f ${file} ]]; then
    printf 'there is no %s; copy deploy/settings.example.env to it and fill it in\n' "${file}" >&2
    exit 2
  fi
  if [[ -f ${file} ]]; then
    while IFS= read -r line || [[ -n ${line} ]]; do
      number=$((number + 1))
      line="${line%$'\r'}"
      [[ ${line} =~ ^[[:space:]]*(#|$) ]] && continue
      name="${line%%=*}"
      text="${line#*=}"
      if [[ ${line} != *=* || " ${SETTING_NAMES[*]} " != *" ${name} "* ]]; then
        BAD+=("${file##*/}:${number}: ${name} is no setting of the kit. Known: ${SETTING_NAMES[*]}")
        continue
      fi
      [[ ${text} =~ ^\"(.*)\"$ || ${text} =~ ^\'(.*)\'$ ]] && text="${BASH_REMATCH[1]}"
      [[ -v ${name} ]] || printf -v "${name}" '%s' "${text}"
    done <"${file}"
  fi
  defaults
}

defaults() {
  : "${PROJECT_ID:=}" "${AGENT_PROJECT_ID:=${PROJECT_ID}}" "${REGION:=}" "${FUNCTION_NAME:=dialogflow-webhook}"
  : "${RUNTIME:=python313}" "${MIN_INSTANCES:=1}" "${MAX_INSTANCES:=10}" "${CONCURRENCY:=80}" "${CPU:=1}"
  : "${MEMORY:=512Mi}" "${TIMEOUT:=30s}" "${WEBHOOK_AUTH:=iam}" "${WEBHOOK_BASIC_FILE:=}" "${WEBHOOK_HEADERS_FILE:=}"
  : "${FUNCTION_ENV:=}" "${FUNCTION_SECRETS:=}" "${BUILD_SERVICE_ACCOUNT:=}" "${ALLOW_PUBLIC:=no}"
  WEBHOOK_AUTH="${WEBHOOK_AUTH//[[:space:]]/}"
  WEBHOOK_AUTH="${WEBHOOK_AUTH,,}"
  if uses mtls; then : "${INGRESS:=internal-and-gclb}"; else : "${INGRESS:=all}"; fi
  : "${ALERT_SLACK_CHANNEL:=}" "${ALERT_EMAIL:=}" "${FIRESTORE_DATABASE:=(default)}" "${SAMPLE_DATA:=no}"
  : "${AGENT_LOCATION:=global}" "${FIRESTORE_LOCATION:=$(firestore_location)}" "${SERVICE_ACCOUNT:=${FUNCTION_NAME}}"
  # A project id with a domain, example.com:shop, has its accounts at shop.example.com.
  local domain="${PROJECT_ID#*:}"
  [[ ${PROJECT_ID} != *:* ]] || domain+=".${PROJECT_ID%%:*}"
  [[ ${SERVICE_ACCOUNT} == *@* ]] || SERVICE_ACCOUNT+="@${domain}.iam.gserviceaccount.com"
}

# Regions inside a multi-region get that: it is nearest, and it outlives one region.
firestore_location() {
  case ${REGION} in
  us-central1) printf nam5 ;;
  europe-west1 | europe-west4) printf eur3 ;;
  *) printf '%s' "${REGION}" ;;
  esac
}

bad() { BAD+=("$1: $2. Example: $1=$3"); }

# matches NAME PATTERN WHAT EXAMPLE
matches() {
  [[ ${!1} =~ ^($2)$ ]] || bad "$1" "'${!1}' is $3" "$4"
}

check_settings() {
  local -r project='([a-z][a-z0-9.-]*[a-z0-9]:)?[a-z][a-z0-9-]{4,28}[a-z0-9]'
  matches PROJECT_ID "${project}" "no project id (gcloud projects list shows yours; an id, not a number or a name)" my-shop-123
  matches AGENT_PROJECT_ID "${project}" "no project id" my-agent-123
  matches REGION '[a-z]+-[a-z]+[0-9]+' "no region (gcloud functions regions list)" europe-west1
  matches FUNCTION_NAME '[a-z]([a-z0-9-]{0,47}[a-z0-9])?' "no function name: lower-case letters, digits, hyphens, at most 49" dialogflow-webhook
  matches RUNTIME 'python3(1[1-9]|[2-9][0-9])' "no Python runtime of 3.11 or newer" python313
  matches MIN_INSTANCES '[0-9]{1,4}' "no whole number" 1
  matches MAX_INSTANCES '[1-9][0-9]{0,3}' "no whole number of at least 1" 10
  matches CONCURRENCY '[1-9][0-9]{0,2}|1000' "not from 1 to 1000" 80
  matches CPU '0?\.[0-9]+|1|2|4|6|8' "no CPU size (.08 to 1, 2, 4, 6, 8)" 1
  matches MEMORY '[1-9][0-9]*(Mi|Gi)' "no size with Mi or Gi (512 or 512MB would mean decimal megabytes)" 512Mi
  matches TIMEOUT '[1-9][0-9]{0,3}s' "no number of seconds" 30s
  matches INGRESS 'all|internal-only|internal-and-gclb' "no ingress setting" all
  matches ALLOW_PUBLIC 'yes|no' "neither yes nor no" no
  matches SAMPLE_DATA 'yes|no' "neither yes nor no" yes
  matches SERVICE_ACCOUNT '[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.-]+\.gserviceaccount\.com' "no service account (its name has 6 to 30 characters)" shop-webhook
  [[ ${SERVICE_ACCOUNT} != *-compute@developer.gserviceaccount.com ]] ||
    bad SERVICE_ACCOUNT "the default compute account can do far more than a webhook needs" shop-webhook
  [[ -z ${BUILD_SERVICE_ACCOUNT} ]] ||
    matches BUILD_SERVICE_ACCOUNT '[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com' "no service account" builder@my-shop-123.iam.gserviceaccount.com
  [[ -z ${ALERT_EMAIL} ]] || matches ALERT_EMAIL '[^@ ]+@[^@ ]+\.[^@ ]+' "no e-mail address" ops@example.com
  matches FIRESTORE_LOCATION '[a-z]+[0-9]|[a-z]+-[a-z]+[0-9]+' "no Firestore location (gcloud firestore locations list)" eur3
  matches AGENT_LOCATION 'global|[a-z]+-[a-z]+[0-9]+' "no agent location" global
  check_sizes
  check_reach
  check_credentials
  check_function_env
  check_function_secrets
  check_function
  if ((${#BAD[@]} == 0)); then
    [[ -n ${WITHOUT_CREDENTIALS:-} ]] || tell_what_is_needed_beside
    return 0
  fi
  printf '%s\n' "${BAD[@]}" >&2
  printf '\nNothing was called. Every setting is explained in deploy/settings.example.env.\n' >&2
  exit 2
}

check_sizes() {
  local mebibytes="${MEMORY%[MG]i}"
  [[ ${MEMORY} == *Gi && ${mebibytes} =~ ^[0-9]+$ ]] && mebibytes=$((mebibytes * 1024))
  [[ ${MIN_INSTANCES}${MAX_INSTANCES} =~ ^[0-9]+$ && ${MIN_INSTANCES} -gt ${MAX_INSTANCES} ]] &&
    bad MIN_INSTANCES "${MIN_INSTANCES} is more than MAX_INSTANCES=${MAX_INSTANCES}" "${MAX_INSTANCES}"
  [[ ${CPU} == *.* && ${CONCURRENCY} != 1 ]] &&
    bad CONCURRENCY "less than one CPU (CPU=${CPU}) serves one call at a time" 1
  [[ ${CPU} == 4 && ${mebibytes} -lt 2048 ]] && bad MEMORY "4 CPUs need at least 2Gi" 2Gi
  [[ ${CPU} =~ ^[68]$ && ${mebibytes} -lt 4096 ]] && bad MEMORY "${CPU} CPUs need at least 4Gi" 4Gi
  return 0
}

locate_agent() {
  DIALOGFLOW="$(dialogflow_host "${AGENT_LOCATION}")"
  AGENT="projects/${AGENT_PROJECT_ID}/agent"
  if [[ ${AGENT_LOCATION} != global ]]; then
    AGENT="projects/${AGENT_PROJECT_ID}/locations/${AGENT_LOCATION}/agent"
  fi
  export AGENT_URL="${DIALOGFLOW}/v2/${AGENT}"
}

uses() { [[ ",${WEBHOOK_AUTH}," == *",$1,"* ]]; }

# Who reaches the function at all, which is the platform's to say. What a mechanism needs of the function is Python's.
check_reach() {
  if uses iam; then
    [[ ${ALLOW_PUBLIC} == yes ]] && bad ALLOW_PUBLIC "yes would let everybody past iam, which WEBHOOK_AUTH=${WEBHOOK_AUTH} relies on" no
  elif [[ ${ALLOW_PUBLIC} != yes ]]; then
    bad WEBHOOK_AUTH "${WEBHOOK_AUTH} without iam needs a function that everybody can reach (allUsers as invoker), which then checks the caller itself. If you want that, say ALLOW_PUBLIC=yes; better" iam,header
  fi
  if uses mtls && [[ ${INGRESS} == all ]]; then
    bad INGRESS "all lets everybody write the headers in which a load balancer tells mtls of the certificate" internal-and-gclb
  fi
  return 0
}

# Where the texts of secrets come from. What must stand in them is Python's to say.
check_credentials() {
  # Scripts that write no secret ask for no file of secrets.
  [[ -z ${WITHOUT_CREDENTIALS:-} ]] || return 0
  check_source basic WEBHOOK_BASIC_FILE 'user:password' "${HOME:-/home/you}/dialogflow-basic"
  check_source header WEBHOOK_HEADERS_FILE 'Name: value' "${HOME:-/home/you}/dialogflow-headers"
  if [[ ${WEBHOOK_BASIC_FILE} == - && ${WEBHOOK_HEADERS_FILE} == - ]] && uses basic && uses header; then
    bad WEBHOOK_HEADERS_FILE "only one of the two files can be standard input" "${HOME:-/home/you}/dialogflow-headers"
  fi
}

# check_source MECHANISM SETTING LINE-FORM EXAMPLE
check_source() {
  local -r source="${!2}"
  uses "$1" || return 0
  if [[ -z ${source} ]]; then
    bad "$2" "is empty, and WEBHOOK_AUTH asks for $1: give a file with lines '$3' outside the checkout, - for standard input, or the name of an existing secret" "$4"
  elif [[ ${source} == - ]]; then
    planning || STDIN_TEXT="$(cat)"
  elif [[ -f ${source} ]]; then
    [[ $(realpath "${source}")/ != "${ROOT}"/* ]] || bad "$2" "${source} lies inside the checkout, where a secret may be committed or uploaded" "$4"
  elif [[ ! ${source} =~ ^[A-Za-z0-9_-]+$ ]]; then
    bad "$2" "there is no file ${source}" "$4"
  fi
}

# What the function refuses at its start is refused here, before anything is built: by the function's own rules.
check_function() {
  local wrong name
  # check_tools says what to do about an older Python.
  python_is_new_enough || return 0
  wrong="$(refused_by_function "" "")" && return 0
  wrong="${wrong/#WEBHOOK_BASIC /WEBHOOK_BASIC_FILE: }"
  wrong="${wrong/#WEBHOOK_HEADERS /WEBHOOK_HEADERS_FILE: }"
  name="${wrong%%[ :]*}"
  # What has no setting of the scripts is a variable of the function.
  [[ ${name} != WEBHOOK_* || " ${SETTING_NAMES[*]} " == *" ${name} "* ]] || wrong+=" (FUNCTION_ENV sets it)"
  BAD+=("${wrong}")
}

# refused_by_function BASIC-TEXT HEADERS-TEXT (empty: as the settings say): exit 1, and why the function would not start.
# The texts of secrets go through standard input, where nobody else on this machine sees them.
refused_by_function() { about_to_deploy "$@" | python3 -S -m fulfillment.settings --check - 2>&1; }

# The variables that the function is about to get, each ended by a NUL byte; a name alone where the value is not known yet.
about_to_deploy() {
  local pair
  local -a known=("WEBHOOK_AUTH=${WEBHOOK_AUTH}" WEBHOOK_CALLERS "${FUNCTION_VARIABLES[@]}")
  # Numbers that are none have been told.
  [[ ! ${CONCURRENCY} =~ ^[1-9][0-9]*$ ]] || known+=("THREADS=${CONCURRENCY}" "WEBHOOK_CONCURRENCY=${CONCURRENCY}")
  [[ ! ${TIMEOUT} =~ ^[1-9][0-9]*s$ ]] || known+=("CLOUD_RUN_TIMEOUT_SECONDS=${TIMEOUT%s}")
  for pair in ${FUNCTION_SECRETS//,/ }; do known+=("${pair%%=*}"); done
  if uses basic; then known+=("WEBHOOK_BASIC$(text_of "${WEBHOOK_BASIC_FILE}" "$1")"); fi
  if uses header; then known+=("WEBHOOK_HEADERS$(text_of "${WEBHOOK_HEADERS_FILE}" "$2")"); fi
  printf '%s\0' "${known[@]}"
}

# text_of SOURCE TEXT: = and the text, or nothing when it cannot be read here.
text_of() {
  if [[ -n $2 ]]; then
    printf '=%s' "$2"
  elif [[ -n ${WITHOUT_CREDENTIALS:-} ]]; then
    return
  elif [[ $1 == - ]]; then
    planning || printf '=%s' "${STDIN_TEXT}"
  elif [[ -f $1 ]]; then
    printf '=%s' "$(<"$1")"
  fi
}

# No script makes these, so a person must.
tell_what_is_needed_beside() {
  local -a beside=()
  if uses mtls; then
    beside+=("mtls needs a load balancer of yours before the function: with a frontend mTLS policy, Dialogflow's roots in its trust store, and the custom headers of docs/protocol.md 11.5. Give the agent its URL (cx-webhook.sh --url)")
    if uses iam; then beside+=("iam behind a load balancer: gcloud run services update ${FUNCTION_NAME} --region=${REGION} --project=${PROJECT_ID} --add-custom-audiences=https://YOUR-BALANCER, since the agent's token names that URL"); fi
    [[ ${WEBHOOK_AUTH} != mtls ]] || beside+=("mtls alone lets in every agent of every Dialogflow customer: WEBHOOK_AUTH=mtls,header shows that it is yours")
  fi
  if uses oauth; then
    beside+=("oauth: only a CX agent gets a token of a third party (./deploy/cx-webhook.sh --oauth-client ...); calls of an ES agent are refused")
  fi
  ((${#beside[@]} == 0)) || printf 'look: %s\n' "${beside[@]}" >&2
}

# FUNCTION_ENV is a list as gcloud takes it: A=1,B=2, or ^|^A=1,2|B=3 when a value holds a comma.
check_function_env() {
  local text="${FUNCTION_ENV}" separator="," pair
  if [[ ${text} =~ ^\^(.)\^(.*)$ ]]; then
    separator="${BASH_REMATCH[1]}"
    text="${BASH_REMATCH[2]}"
  fi
  while [[ -n ${text} ]]; do
    pair="${text%%"${separator}"*}"
    [[ ${text} == *"${separator}"* ]] && text="${text#*"${separator}"}" || text=""
    if [[ ! ${pair} =~ ^[A-Za-z_][A-Za-z0-9_]*= ]]; then
      bad FUNCTION_ENV "'${pair%%=*}' is not NAME=value (a value with a comma needs another separator)" "'^|^A=1,2|B=3'"
    elif [[ ${pair} == *~~* ]]; then
      bad FUNCTION_ENV "${pair%%=*} holds ~~, which separates the variables on their way to gcloud" WEATHER_API_URL=https://weather.example
    elif [[ ${KIT_VARIABLES} == *" ${pair%%=*} "* ]]; then
      bad FUNCTION_ENV "${pair%%=*} is set by the scripts from the setting of that purpose" WEATHER_API_URL=https://weather.example
    else
      FUNCTION_VARIABLES+=("${pair}")
    fi
  done
}

check_function_secrets() {
  local pair
  for pair in ${FUNCTION_SECRETS//,/ }; do
    if [[ ! ${pair} =~ ^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_-]+(:[1-9][0-9]*|:latest)?$ ]]; then
      bad FUNCTION_SECRETS "'${pair}' is not VARIABLE=secret or VARIABLE=secret:version" WEATHER_API_KEY=weather-api-key
    elif [[ ${KIT_VARIABLES} == *" ${pair%%=*} "* ]]; then
      bad FUNCTION_SECRETS "${pair%%=*} is set by the scripts; use WEBHOOK_BASIC_FILE or WEBHOOK_HEADERS_FILE with the secret's name" WEATHER_API_KEY=weather-api-key
    fi
  done
}
