# shellcheck shell=bash
# Changes members of the deployed function through the Cloud Functions API. `gcloud functions deploy` would upload and build
# the source again for the same change, and a change made on the Run service would be lost at the next deployment (docs/platform.md 2.2).

# patch_function MASK BODY
patch_function() {
  local operation
  local -r functions="https://cloudfunctions.googleapis.com/v2/projects/${PROJECT_ID}/locations/${REGION}/functions"
  need_token
  feed "$2" google_curl "${PROJECT_ID}" --request PATCH "${functions}/${FUNCTION_NAME}?updateMask=$1" --data @-
  planning && return
  operation="$(python3 -m deploy.tool operation name <<<"${OUT}")"
  run wait_for "${PROJECT_ID}" "https://cloudfunctions.googleapis.com/v2/${operation}"
}
