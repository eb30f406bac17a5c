#!/usr/bin/env bash
# Changes the number of instances that are kept warm, on the deployed function and without a build, and says what they cost.
#
#   ./deploy/min-instances.sh N [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/service.sh
source "${KIT}/lib/service.sh"

min_instances() {
  local now generation="" state count="" most="" cpu="${CPU}" memory="${MEMORY}"
  if ! planning; then
    value now gcloud functions describe "${FUNCTION_NAME}" --region="${REGION}" --project="${PROJECT_ID}" \
      --format='csv[no-heading](environment,state,serviceConfig.minInstanceCount,serviceConfig.maxInstanceCount,serviceConfig.availableCpu,serviceConfig.availableMemory)'
    IFS=, read -r generation state count most cpu memory <<<"${now}"
    [[ ${generation} == GEN_2 ]] || stop "${FUNCTION_NAME} is of the 1st generation" "deploy it as a 2nd-generation function: ./deploy/deploy.sh"
    [[ ${state} == ACTIVE ]] || stop "${FUNCTION_NAME} is ${state}, not ACTIVE" "./deploy/doctor.sh says why"
    ((WANTED <= most)) || stop "${WANTED} is more than the maximum of ${most} instances" "raise MAX_INSTANCES in the settings and run ./deploy/deploy.sh"
  fi
  if [[ ${count:-0} == "${WANTED}" ]] && ! planning; then
    there "${WANTED} minimum instances"
  else
    patch_function serviceConfig.minInstanceCount "{\"serviceConfig\": {\"minInstanceCount\": ${WANTED}}}"
    made "minimum instances from ${count:-0} to ${WANTED}"
  fi
  [[ ${MIN_INSTANCES} == "${WANTED}" ]] || warn "the settings say MIN_INSTANCES=${MIN_INSTANCES}, and the next deploy.sh goes by them"
  PRICE_OF=("${WANTED}" "${cpu}" "${memory}")
}

WITHOUT_CREDENTIALS=yes start "$@"
WANTED="${ARGUMENTS[0]:-}"
ARGUMENTS=("${ARGUMENTS[@]:1}")
no_more_arguments
if [[ ! ${WANTED} =~ ^[0-9]{1,4}$ ]]; then
  printf "'%s' is no number of instances. Example: ./deploy/min-instances.sh 2\n" "${WANTED}" >&2
  exit 2
fi
step "min instances" min_instances
if planning; then printf '# '; fi
python3 -m deploy.tool price month "${REGION}" "${PRICE_OF[@]}"
