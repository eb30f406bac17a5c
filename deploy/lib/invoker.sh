# shellcheck shell=bash
# The steps "service identity" and "invoker": the account that the agent calls with, and its right to call.

# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"
# shellcheck source=deploy/lib/service.sh
source "${KIT}/lib/service.sh"

service_identity() {
  local account
  need_agent_number
  account="$(agent_account)"
  planning || [[ -z ${URL:-} ]] || need_invokers
  if [[ $'\n'${INVOKERS:-}$'\n' == *$'\n'"serviceAccount:${account}"$'\n'* ]]; then
    there "${account}"
    return
  fi
  local -r command=(gcloud beta services identity create --service=dialogflow.googleapis.com --project="${AGENT_PROJECT_ID}" --format='value(email)')
  if planning; then
    run "${command[@]}"
    return
  fi
  # gcloud does not wait for an operation that is not done: it crashes, and finds the identity the next time.
  attempt "${command[@]}" || { [[ ${ERR} == *"AttributeError"* ]] && attempt "${command[@]}"; } || fail "${command[@]}"
  [[ ${OUT} == "${account}" ]] || stop "Google answered '${OUT}' where ${account} was expected" \
    "is AGENT_PROJECT_ID=${AGENT_PROJECT_ID} the project of the agent, with its Dialogflow API enabled? ./deploy/enable-apis.sh, then run this again"
  made "${account}"
}

grant_invoker() {
  local generation=GEN_2 account
  need_agent_number
  account="$(agent_account)"
  # deploy.sh has just made a function of the 2nd generation and knows its URL; by itself this script asks.
  planning || [[ -n ${URL:-} ]] ||
    value generation gcloud functions describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format='value(environment)'
  if [[ ${generation} == GEN_2 ]]; then
    grant_second "${account}"
  else
    grant_first "${account}"
  fi
}

grant_second() {
  local -r account=$1
  planning || need_invokers
  if [[ $'\n'${INVOKERS:-}$'\n' == *$'\n'"serviceAccount:${account}"$'\n'* ]]; then
    there "roles/run.invoker on ${FUNCTION_NAME} for ${account}"
    return
  fi
  run gcloud run services add-iam-policy-binding "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" \
    --member="serviceAccount:${account}" --role=roles/run.invoker --format=none
  made "roles/run.invoker on ${FUNCTION_NAME} for ${account}"
}

grant_first() {
  local -r account=$1
  local members
  value members gcloud functions get-iam-policy "${FUNCTION_NAME}" --no-gen2 --region="${REGION}" --project="${PROJECT_ID}" \
    --flatten='bindings[].members' --filter='bindings.role=roles/cloudfunctions.invoker' --format='value(bindings.members)'
  if [[ $'\n'${members}$'\n' == *$'\n'"serviceAccount:${account}"$'\n'* ]]; then
    there "roles/cloudfunctions.invoker on ${FUNCTION_NAME} for ${account}"
    return
  fi
  run gcloud functions add-iam-policy-binding "${FUNCTION_NAME}" --no-gen2 --region="${REGION}" --project="${PROJECT_ID}" \
    --member="serviceAccount:${account}" --role=roles/cloudfunctions.invoker --format=none
  made "roles/cloudfunctions.invoker on ${FUNCTION_NAME} for ${account}"
}
