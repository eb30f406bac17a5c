# shellcheck shell=bash
# The step "runtime account": the service account that the function runs as.

runtime_account() {
  local -r name="${SERVICE_ACCOUNT%%@*}" before="${#MADE[@]}"
  ensure "${SERVICE_ACCOUNT}" \
    gcloud iam service-accounts describe "${SERVICE_ACCOUNT}" --project="${PROJECT_ID}" --format='value(email)' -- \
    gcloud iam service-accounts create "${name}" --project="${PROJECT_ID}" --display-name="Dialogflow webhook ${FUNCTION_NAME}"
  ((${#MADE[@]} == before)) || ACCOUNT_IS_NEW=yes
  if [[ -z ${ACCOUNT_IS_NEW:-} ]] && ! planning; then
    local roles
    value roles gcloud projects get-iam-policy "${PROJECT_ID}" --flatten='bindings[].members' \
      --filter="bindings.members=serviceAccount:${SERVICE_ACCOUNT}" --format='value(bindings.role)'
    look_for_too_much "${roles}"
    if [[ $'\n'${roles}$'\n' == *$'\nroles/datastore.user\n'* ]]; then
      there "roles/datastore.user"
      return
    fi
  fi
  run gcloud projects add-iam-policy-binding "${PROJECT_ID}" --member="serviceAccount:${SERVICE_ACCOUNT}" \
    --role=roles/datastore.user --condition=None --format=none
  made "roles/datastore.user"
}

look_for_too_much() {
  local role
  for role in $1; do
    [[ ${role} =~ ^roles/(owner|editor)$ ]] &&
      warn "${SERVICE_ACCOUNT} has ${role}, which a webhook never needs: gcloud projects remove-iam-policy-binding ${PROJECT_ID} --member=serviceAccount:${SERVICE_ACCOUNT} --role=${role} --condition=None"
  done
  return 0
}
