# shellcheck shell=bash
# The webhook's secrets in Secret Manager. PINNED gets what gcloud's --set-secrets takes, such as
# WEBHOOK_HEADERS=dialogflow-webhook-headers:3, once a run.

secrets() {
  local pair
  PINNED=()
  PINNED_KNOWN=yes
  if uses basic; then credential WEBHOOK_BASIC "${WEBHOOK_BASIC_FILE}" "${FUNCTION_NAME}-basic"; fi
  if uses header; then credential WEBHOOK_HEADERS "${WEBHOOK_HEADERS_FILE}" "${FUNCTION_NAME}-headers"; fi
  for pair in ${FUNCTION_SECRETS//,/ }; do
    existing_secret "${pair%%=*}" "${pair#*=}"
  done
}

# Once a run.
need_secrets() { [[ -n ${PINNED_KNOWN:-} ]] || secrets; }

# credential VARIABLE SOURCE SECRET: a file or standard input goes into the kit's own secret; a name is somebody's secret.
credential() {
  if [[ $2 == - || -f $2 ]]; then
    own_secret "$@"
  else
    existing_secret "$1" "$2"
  fi
}

own_secret() {
  local -r variable=$1 file=$2 secret=$3 before="${#MADE[@]}"
  local VERSION=""
  if planning || ! latest_version "${secret}"; then
    create "secret ${secret}" gcloud secrets create "${secret}" --project="${PROJECT_ID}" --replication-policy=automatic \
      --labels="fulfillment-kit=${FUNCTION_NAME}"
    local -r is_new="$((${#MADE[@]} > before))"
    add_version "${variable}" "${secret}" "${file}"
  elif same_text "${file}"; then
    there "${secret} version ${VERSION}"
  else
    not_in_use "${secret}"
    add_version "${variable}" "${secret}" "${file}"
  fi
  pin "${variable}" "${secret}" "${VERSION}"
  grant_reader "${secret}" "${is_new:-0}"
}

# Whether the secret has a newest version; its number goes to VERSION, its text stays in OUT.
latest_version() {
  local -r command=(gcloud secrets versions access latest --secret="$1" --project="${PROJECT_ID}" --format=json)
  if attempt "${command[@]}"; then
    VERSION="$(python3 -m deploy.tool secret number <<<"${OUT}")"
    return
  fi
  is_absent || fail "${command[@]}"
  return 1
}

# Function and agent cannot change at the same moment: a password that is in use needs a time in which both are right.
not_in_use() {
  local -r look=(gcloud functions describe "${FUNCTION_NAME}" --gen2 --region="${REGION}" --project="${PROJECT_ID}" --format='value(state)')
  if attempt "${look[@]}"; then
    stop "the text for secret $1 differs from version ${VERSION}, which the deployed function uses" \
      "./deploy/rotate-secret.sh   changes it with no refused call in between; then run this again"
  fi
  is_absent || fail "${look[@]}"
}

same_text() {
  local answer="${OUT}"
  if [[ $1 == - ]]; then
    python3 -m deploy.tool secret same /dev/fd/3 3<<<"${STDIN_TEXT}" <<<"${answer}"
  else
    python3 -m deploy.tool secret same "$1" <<<"${answer}"
  fi
}

# The text comes from the file itself or from standard input: it is never an argument.
add_version() {
  local -r number="$1_VERSION" secret=$2 file=$3
  local -r command=(gcloud secrets versions add "${secret}" --project="${PROJECT_ID}" --data-file="${file}" --format='value(name.basename())')
  if [[ ${file} == - ]] && ! planning; then
    INPUT="${STDIN_TEXT}" value "${number}" "${command[@]}"
  else
    value "${number}" "${command[@]}"
  fi
  VERSION="${!number}"
  made "${secret} version ${VERSION}"
}

# existing_secret VARIABLE SECRET[:VERSION]: pinned to the version given, or to the newest there is.
existing_secret() {
  local -r variable=$1 secret="${2%%:*}"
  local -r number="${variable}_VERSION"
  local version=""
  [[ $2 == *:* ]] && version="${2#*:}"
  if [[ -z ${version} || ${version} == latest ]]; then
    newest_version "${number}" "${secret}"
    version="${!number}"
  fi
  there "${secret} version ${version}"
  pin "${variable}" "${secret}" "${version}"
  grant_reader "${secret}" 0
}

# newest_version NAME SECRET: its number, in the variable NAME
newest_version() {
  local -r command=(gcloud secrets versions describe latest --secret="$2" --project="${PROJECT_ID}" --format='value(name.basename())')
  if planning; then
    value "$1" "${command[@]}"
  elif attempt "${command[@]}"; then
    printf -v "$1" '%s' "${OUT}"
  else
    is_absent || fail "${command[@]}"
    stop "secret $2 has no version in ${PROJECT_ID}" \
      "gcloud secrets create $2 --project=${PROJECT_ID} --data-file=-   (type the value, Enter, Ctrl-D), then run this again"
  fi
}

pin() { PINNED+=("$1=$2:$3"); }

# grant_reader SECRET IS-NEW: a secret made a moment ago has no readers to ask for.
grant_reader() {
  local members=""
  if [[ $2 == 0 ]] && ! planning; then
    value members gcloud secrets get-iam-policy "$1" --project="${PROJECT_ID}" --flatten='bindings[].members' \
      --filter='bindings.role=roles/secretmanager.secretAccessor' --format='value(bindings.members)'
  fi
  if [[ $'\n'${members}$'\n' == *$'\n'"serviceAccount:${SERVICE_ACCOUNT}"$'\n'* ]]; then
    there "reader of $1"
    return
  fi
  run gcloud secrets add-iam-policy-binding "$1" --project="${PROJECT_ID}" --member="serviceAccount:${SERVICE_ACCOUNT}" \
    --role=roles/secretmanager.secretAccessor --condition=None --format=none
  made "reader of $1"
}
