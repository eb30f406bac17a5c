# shellcheck shell=bash
# What a person reads: one line a step, and on failure the step, the command, the answer and the next thing to do.

STEP=""
STEPS_DONE=0
STEPS_ALL=1
MADE=()
THERE=()
WARNINGS=()

# Notes of the running step: what it made or changed, what was there already, what somebody should look at.
made() { MADE+=("$1"); }
there() { THERE+=("$1"); }
warn() { WARNINGS+=("$1"); }

# step NAME FUNCTION...: runs the function and prints the step's line.
step() {
  STEP=$1
  shift
  local -r began="${EPOCHREALTIME/./}"
  MADE=() THERE=() WARNINGS=()
  STEPS_DONE=$((STEPS_DONE + 1))
  if planning; then
    printf '\n# %s/%s %s\n' "${STEPS_DONE}" "${STEPS_ALL}" "${STEP}"
    "$@"
    return
  fi
  [[ -t 1 ]] && printf '%s/%s %s ...\r' "${STEPS_DONE}" "${STEPS_ALL}" "${STEP}"
  "$@"
  local -r took=$((${EPOCHREALTIME/./} - began))
  printf '%s/%s %-17s %5d.%d s  %s\n' "${STEPS_DONE}" "${STEPS_ALL}" "${STEP}" \
    $((took / 1000000)) $((took / 100000 % 10)) "$(notes)"
  ((${#WARNINGS[@]} == 0)) || printf '    look: %s\n' "${WARNINGS[@]}"
}

notes() {
  local text=""
  ((${#MADE[@]} == 0)) || text="done: $(joined "${MADE[@]}")"
  if ((${#THERE[@]} > 0)); then
    text+="${text:+; }already there: $(joined "${THERE[@]}")"
  fi
  printf '%s' "${text:-nothing to do}"
}

joined() {
  local text
  printf -v text '%s, ' "$@"
  printf '%s' "${text%, }"
}

# fail COMMAND...: the command failed for good; its answer is in ERR and OUT.
fail() {
  trap - ERR
  : >"${WORK}/told"
  local said="${ERR:-${OUT}}"
  [[ -n ${OUT} && $1 == google_curl ]] && said="${OUT}"$'\n'"${ERR}"
  {
    printf '\nFAILED at step "%s"\n' "${STEP}"
    printf '  command: %s\n' "$(command_text "$@")"
    printf '  answer:  %s\n' "${said//$'\n'/$'\n'           }"
    printf '  next:    %s\n' "$(advice "${said}")"
  } >&2
  exit 1
}

# stop WHAT NEXT: something the script found out by itself.
stop() {
  trap - ERR
  : >"${WORK}/told"
  {
    printf '\nFAILED at step "%s"\n' "${STEP:-settings}"
    printf '  found:   %s\n' "$1"
    printf '  next:    %s\n' "$2"
  } >&2
  exit 1
}

# What failed inside of $(...) has been told there.
unexpected() {
  local -r code=$?
  [[ ! -e ${WORK}/told ]] || exit "${code}"
  : >"${WORK}/told"
  printf '\nFAILED at step "%s"\n  line:    %s:%s: %s\n  next:    %s\n' "${STEP:-settings}" "$1" "$2" "$3" \
    "this is a fault of the script; what was made stays, and running it again carries on" >&2
  exit "${code}"
}

# The next thing to do, from what Google said.
advice() {
  local -r again="then run the same command again: it carries on where it stopped"
  case $1 in
  *"illing"*)
    printf 'link a billing account: gcloud billing projects link %s --billing-account=ACCOUNT (gcloud billing accounts list), %s' "${PROJECT_ID}" "${again}"
    ;;
  *SERVICE_DISABLED* | *"has not been used in project"* | *"is not enabled"*)
    printf './deploy/enable-apis.sh, wait a minute, %s' "${again}"
    ;;
  *"permitted customer"* | *allowedPolicyMemberDomains* | *"organization policy"*)
    printf 'your organisation forbids public functions: use WEBHOOK_AUTH=iam,header, or ask its administrator to exempt the project'
    ;;
  *"actAs"*)
    printf 'you may not use the runtime account: gcloud iam service-accounts add-iam-policy-binding %s --member=user:YOU --role=roles/iam.serviceAccountUser, %s' "${SERVICE_ACCOUNT}" "${again}"
    ;;
  *"uild failed"* | *CloudBuildFailure*)
    printf 'read the build log (gcloud functions logs, or the link above), mend the source or requirements.txt, %s' "${again}"
    ;;
  *UNAUTHENTICATED* | *"do not currently have an active account"* | *"invalid_grant"*)
    printf 'gcloud auth login, %s' "${again}"
    ;;
  *PERMISSION_DENIED* | *"status=[403]"* | *"does not have permission"* | *'"code": 403'*)
    printf 'you lack a right for this step: %s; %s' "$(role_for_step)" "${again}"
    ;;
  *RESOURCE_EXHAUSTED* | *"Quota exceeded"* | *429*)
    printf 'a quota is used up: wait some minutes (or raise it: https://console.cloud.google.com/iam-admin/quotas), %s' "${again}"
    ;;
  *UNAVAILABLE* | *503* | *ABORTED* | *"concurrent policy changes"*)
    printf 'Google did not manage it in several tries: wait a minute, %s' "${again}"
    ;;
  *"does not exist"*)
    printf 'a new account is not known everywhere yet: wait two minutes, %s' "${again}"
    ;;
  *"crashed (ConnectionError)"* | *"crashed (ProxyError)"* | *"curl: ("* | *onnection*)
    printf 'no connection to Google: check the network and the proxy, %s' "${again}"
    ;;
  *) printf 'mend what the answer names, %s' "${again}" ;;
  esac
}

# Who may do a step, when a grant is missing.
role_for_step() {
  local role="roles/owner" project="${PROJECT_ID}"
  case ${STEP} in
  "APIs") role="roles/serviceusage.serviceUsageAdmin" ;;
  "runtime account") role="roles/iam.serviceAccountAdmin and roles/resourcemanager.projectIamAdmin" ;;
  "Firestore") role="roles/datastore.owner" ;;
  "secrets") role="roles/secretmanager.admin" ;;
  "function") role="roles/cloudfunctions.admin, roles/run.admin and roles/iam.serviceAccountUser" ;;
  "service identity") role="roles/serviceusage.serviceUsageAdmin" project="${AGENT_PROJECT_ID}" ;;
  "invoker") role="roles/run.admin" ;;
  "fulfillment" | "agent" | "talk") role="roles/dialogflow.admin" project="${AGENT_PROJECT_ID}" ;;
  "alerts") role="roles/monitoring.editor and roles/logging.configWriter" ;;
  esac
  printf 'ask an owner of %s for %s' "${project}" "${role}"
}
