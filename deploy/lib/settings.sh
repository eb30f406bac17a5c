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
  : "${FUNCTION_ENV:=}" "${FUNCTION_SECRETS:=}" "${INGRESS:=all}" "${BUILD_SERVICE_ACCOUNT:=}" "${ALLOW_PUBLIC:=no}"
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
  check_auth
  check_function_env
  check_function_secrets
  ((${#BAD[@]} == 0)) && return
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

check_auth() {
  WEBHOOK_AUTH="${WEBHOOK_AUTH// /}"
  local name
  for name in ${WEBHOOK_AUTH//,/ }; do
    [[ ${name} =~ ^(iam|id-token|basic|header)$ ]] ||
      bad WEBHOOK_AUTH "'${name}' is none of iam, id-token, basic, header (mtls needs a load balancer of your own, none is never deployed)" iam,header
  done
  uses basic && uses iam && bad WEBHOOK_AUTH "basic with iam cannot work: both need the Authorization header, and a call has only one" iam,header
  uses basic && uses id-token && bad WEBHOOK_AUTH "basic with id-token cannot work: both need the Authorization header, and a call has only one" id-token,header
  uses iam && uses id-token && bad WEBHOOK_AUTH "iam with id-token cannot work: the platform strips the token's signature before the function sees it" iam,header
  if uses iam; then
    [[ ${ALLOW_PUBLIC} == yes ]] && bad ALLOW_PUBLIC "yes would let everybody past iam, which WEBHOOK_AUTH=${WEBHOOK_AUTH} relies on" no
  elif [[ ${ALLOW_PUBLIC} != yes ]]; then
    bad WEBHOOK_AUTH "${WEBHOOK_AUTH:-empty} without iam needs a function that everybody can reach (allUsers as invoker), which then checks the caller itself. If you want that, say ALLOW_PUBLIC=yes; better" iam,header
  fi
  # Scripts that write no secret ask for no file of secrets.
  [[ -z ${WITHOUT_CREDENTIALS:-} ]] || return 0
  check_credentials basic WEBHOOK_BASIC_FILE '[^:]+:.+' 'user:password' "${HOME:-/home/you}/dialogflow-basic"
  check_credentials header WEBHOOK_HEADERS_FILE '[A-Za-z0-9-]+:.*[^[:space:]].*' 'Name: value' "${HOME:-/home/you}/dialogflow-headers"
  if [[ ${WEBHOOK_BASIC_FILE} == - && ${WEBHOOK_HEADERS_FILE} == - ]] && uses basic && uses header; then
    bad WEBHOOK_HEADERS_FILE "only one of the two files can be standard input" "${HOME:-/home/you}/dialogflow-headers"
  fi
}

# check_credentials MECHANISM SETTING LINE-PATTERN LINE-FORM EXAMPLE. Never shows a line: it is a secret.
check_credentials() {
  local -r source="${!2}"
  uses "$1" || return 0
  if [[ -z ${source} ]]; then
    bad "$2" "is empty, and WEBHOOK_AUTH asks for $1: give a file with lines '$4' outside the checkout, - for standard input, or the name of an existing secret" "$5"
  elif [[ ${source} == - ]]; then
    planning || STDIN_TEXT="$(cat)"
    planning || check_lines "$2" "$3" "$4" "$5" <<<"${STDIN_TEXT}"
    planning || check_strength "$1" "$2" "$5" <<<"${STDIN_TEXT}"
  elif [[ -f ${source} ]]; then
    [[ $(realpath "${source}")/ != "${ROOT}"/* ]] || bad "$2" "${source} lies inside the checkout, where a secret may be committed or uploaded" "$5"
    check_lines "$2" "$3" "$4" "$5" <"${source}"
    check_strength "$1" "$2" "$5" <"${source}"
  elif [[ ! ${source} =~ ^[A-Za-z0-9_-]+$ ]]; then
    bad "$2" "there is no file ${source}" "$5"
  fi
}

# What the function refuses at its start is refused here, before anything is built: by the same lists.
check_strength() {
  local wrong
  while IFS= read -r wrong; do
    bad "$2" "${wrong}" "$3"
  done < <(python3 "${ROOT}/fulfillment/weak_secrets.py" "$1")
}

check_lines() {
  local line number=0 good=0
  while IFS= read -r line || [[ -n ${line} ]]; do
    number=$((number + 1))
    [[ ${line} =~ ^[[:space:]]*$ ]] && continue
    if [[ ! ${line} =~ ^$2[[:space:]]*$ ]]; then
      bad "$1" "line ${number} of its text is not '$3'" "$4"
    elif [[ ${line,,} =~ ^authorization[[:space:]]*: ]] && { uses iam || uses id-token || uses basic; }; then
      bad "$1" "a header named authorization replaces the credential that another mechanism in WEBHOOK_AUTH=${WEBHOOK_AUTH} needs" "X-Webhook-Secret: 3f9c..."
    fi
    good=$((good + 1))
  done
  ((good > 0)) || bad "$1" "has no line '$3'" "$4"
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
