# shellcheck shell=bash
# The deployed function as others see it: its address, who may call it, and changes without a build. URL and INVOKERS are
# asked for once a run.

need_url() {
  [[ -n ${URL:-} ]] ||
    value URL gcloud run services describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" --format='value(status.url)'
}

# Who may call the function now; asked once a run.
need_invokers() {
  [[ -v INVOKERS ]] ||
    value INVOKERS gcloud run services get-iam-policy "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" \
      --flatten='bindings[].members' --filter='bindings.role=roles/run.invoker' --format='value(bindings.members)'
}

# Changes members of the deployed function through the Cloud Functions API. `gcloud functions deploy` would upload and build
# the source again for the same change, and a change made on the Run service would be lost at the next deployment
# (docs/platform.md 2.2).
# patch_function MASK BODY
patch_function() {
  local -r api=https://cloudfunctions.googleapis.com/v2
  need_token
  feed "$2" google_curl "${PROJECT_ID}" --request PATCH "${api}/projects/${PROJECT_ID}/locations/${REGION}/functions/${FUNCTION_NAME}?updateMask=$1" --data @-
  planning || await_operation "${PROJECT_ID}" "${api}" "${OUT}"
}

# pin_secrets VARIABLE=VERSION...: the function reads these versions from now on.
pin_secrets() {
  local now body
  value now gcloud functions describe "${FUNCTION_NAME}" --gen2 --region="${REGION}" --project="${PROJECT_ID}" --format=json
  body="$(python3 -m deploy.tool function repin "$@" <<<"${now}")"
  patch_function serviceConfig.secretEnvironmentVariables "${body}"
}
