# shellcheck shell=bash
# The step "function"; it leaves the function's address in URL.

# shellcheck source=deploy/lib/agent.sh
source "${KIT}/lib/agent.sh"
# shellcheck source=deploy/lib/routes.sh
source "${KIT}/lib/routes.sh"
# shellcheck source=deploy/lib/secret.sh
source "${KIT}/lib/secret.sh"

the_function() {
  local changed=""
  need_secrets
  need_routes
  need_agent_number
  value FINGERPRINT source_fingerprint
  environment_variables
  planning || changed="$(difference)"
  if planning || [[ -n ${changed} ]]; then
    deploy_function "${changed}"
  else
    there "${FUNCTION_NAME}"
  fi
  run_service
  [[ ${INGRESS} == all ]] || warn "INGRESS=${INGRESS}: Dialogflow reaches the function only through a load balancer of yours"
}

# The files that gcloud would send, and what is in them. No network.
source_fingerprint() { gcloud meta list-files-for-upload . | python3 -m deploy.tool source fingerprint; }

environment_variables() {
  # The project lets the function name traces in its log as Cloud Logging wants them.
  VARIABLES=("WEBHOOK_AUTH=${WEBHOOK_AUTH}" "THREADS=${CONCURRENCY}" "WEBHOOK_CONCURRENCY=${CONCURRENCY}"
    "GOOGLE_CLOUD_PROJECT=${PROJECT_ID}")
  if uses iam || uses id-token; then VARIABLES+=("WEBHOOK_CALLERS=$(agent_account)"); fi
  [[ ${FIRESTORE_DATABASE} == '(default)' ]] || VARIABLES+=("FIRESTORE_DATABASE=${FIRESTORE_DATABASE}")
  VARIABLES+=("${FUNCTION_VARIABLES[@]}")
}

# difference: in what the deployed function is not what the settings and the source say, one a line.
difference() {
  local -r look=(gcloud functions describe "${FUNCTION_NAME}" --gen2 --region="${REGION}" --project="${PROJECT_ID}" --format=json)
  if ! attempt "${look[@]}"; then
    is_absent || fail "${look[@]}"
    printf 'new\n'
    return
  fi
  [[ ${OUT} != *'"environment": "GEN_1"'* ]] || stop "${FUNCTION_NAME} exists as a 1st-generation function" \
    "choose another FUNCTION_NAME, or delete it: gcloud functions delete ${FUNCTION_NAME} --region=${REGION} --project=${PROJECT_ID}"
  local -r allowed="ALLOW_${INGRESS//-/_}"
  local -r expected=(state=ACTIVE "buildConfig.runtime=${RUNTIME}" buildConfig.entryPoint=dialogflow_webhook
    "buildConfig.serviceAccount=${BUILD_SERVICE_ACCOUNT:+projects/${PROJECT_ID}/serviceAccounts/${BUILD_SERVICE_ACCOUNT}}"
    "serviceConfig.availableCpu=${CPU}" "serviceConfig.availableMemory=${MEMORY}" "serviceConfig.timeoutSeconds=${TIMEOUT%s}"
    "serviceConfig.minInstanceCount=${MIN_INSTANCES}" "serviceConfig.maxInstanceCount=${MAX_INSTANCES}"
    "serviceConfig.maxInstanceRequestConcurrency=${CONCURRENCY}" "serviceConfig.ingressSettings=${allowed^^}"
    "serviceConfig.serviceAccountEmail=${SERVICE_ACCOUNT}" "labels.fulfillment-source=${FINGERPRINT}")
  python3 -m deploy.tool function diff "${expected[@]}" "${VARIABLES[@]/#/variable:}" "${PINNED[@]/#/secret:}" <<<"${OUT}"
}

# deploy_function DIFFERENCE
deploy_function() {
  local variables
  # Values may hold commas, so the list is joined by ~~ (check_function_env refuses it in values).
  printf -v variables '~~%s' "${VARIABLES[@]}"
  local -a options=(--set-env-vars="^~~^${variables#\~\~}")
  if ((${#PINNED[@]} > 0)); then options+=(--set-secrets="$(IFS=, && printf '%s' "${PINNED[*]}")"); else options+=(--clear-secrets); fi
  if [[ -n ${BUILD_SERVICE_ACCOUNT} ]]; then
    options+=(--build-service-account="projects/${PROJECT_ID}/serviceAccounts/${BUILD_SERVICE_ACCOUNT}")
  else
    options+=(--clear-build-service-account)
  fi
  if uses iam; then options+=(--no-allow-unauthenticated); else options+=(--allow-unauthenticated); fi
  run gcloud functions deploy "${FUNCTION_NAME}" --gen2 --project="${PROJECT_ID}" --region="${REGION}" --source=. \
    --runtime="${RUNTIME}" --entry-point=dialogflow_webhook --trigger-http \
    --service-account="${SERVICE_ACCOUNT}" --min-instances="${MIN_INSTANCES}" --max-instances="${MAX_INSTANCES}" \
    --concurrency="${CONCURRENCY}" --cpu="${CPU}" --memory="${MEMORY}" --timeout="${TIMEOUT}" --ingress-settings="${INGRESS}" \
    "${options[@]}" --update-labels="fulfillment-source=${FINGERPRINT}" --format=none
  planning || made "${FUNCTION_NAME} (${1//$'\n'/, })"
}

run_service() {
  local -a changes
  local -r audiences="$(route_audiences)"
  if planning; then
    value URL gcloud run services describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format='value(status.url)'
    changes=(--cpu-boost)
    [[ -z ${audiences} ]] || changes+=(--add-custom-audiences="$(with_url "${audiences}")")
  else
    local service
    value service gcloud run services describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format=json
    { read -r URL && mapfile -t changes; } < <(python3 -m deploy.tool service changes "${audiences}" <<<"${service}")
    if [[ ${changes[0]:-} == --to-latest ]]; then
      run gcloud run services update-traffic "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --to-latest --format=none
      made "traffic to the newest revision"
      changes=("${changes[@]:1}")
    fi
  fi
  ((${#changes[@]} > 0)) || return 0
  run gcloud run services update "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" "${changes[@]}" --format=none
  made "${changes[*]}"
}
