# shellcheck shell=bash
# The step "APIs".

FUNCTION_APIS=(cloudfunctions run cloudbuild artifactregistry iam cloudresourcemanager firestore secretmanager
  logging monitoring)

enable_apis() {
  # A public function is subject to the organisation's policy, which doctor.sh then reads.
  uses iam || FUNCTION_APIS+=(orgpolicy)
  if [[ ${PROJECT_ID} == "${AGENT_PROJECT_ID}" ]]; then
    enable_in "${PROJECT_ID}" "${FUNCTION_APIS[@]}" dialogflow
  else
    enable_in "${PROJECT_ID}" "${FUNCTION_APIS[@]}"
    enable_in "${AGENT_PROJECT_ID}" dialogflow
  fi
}

enable_in() {
  local -r project=$1
  local enabled="" api
  local -a missing=()
  planning || value enabled gcloud services list --enabled --project="${project}" --format='value(config.name)'
  for api in "${@:2}"; do
    [[ $'\n'${enabled}$'\n' == *$'\n'"${api}.googleapis.com"$'\n'* ]] || missing+=("${api}.googleapis.com")
  done
  if ((${#missing[@]} == 0)); then
    there "$(($# - 1)) in ${project}"
    return
  fi
  run gcloud services enable "${missing[@]}" --project="${project}"
  made "enabled ${#missing[@]} in ${project}"
  just_enabled
}
