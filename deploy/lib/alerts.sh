# shellcheck shell=bash
# The step "alerts": metrics, policies and the dashboard of deploy/monitoring, channels; and their end.

METRICS=(calls milliseconds near-deadline once)
POLICIES=(error-rate latency refused near-deadline instances)

alerts() {
  need_token
  channels
  if planning; then value FILLED mktemp -d; else FILLED="$(mktemp -d -p "${WORK}")"; fi
  run python3 -m deploy.tool monitoring fill "${FILLED}" "FUNCTION_NAME=${FUNCTION_NAME}" "CHANNELS=${CHANNELS}" \
    "NEAR_DEADLINE=$(near_deadline)" "MAX_INSTANCES_LESS_ONE=$((MAX_INSTANCES - 1))"
  metrics
  policies
  dashboard
}

# 80 % of WEBHOOK_DEADLINE, in milliseconds.
near_deadline() {
  local variable seconds=4.5
  for variable in "${FUNCTION_VARIABLES[@]}"; do
    [[ ${variable} == WEBHOOK_DEADLINE=* ]] && seconds="${variable#*=}"
  done
  python3 -m deploy.tool monitoring near-deadline "${seconds}"
}

channels() {
  local known=""
  CHANNELS=""
  [[ -n ${ALERT_EMAIL}${ALERT_SLACK_CHANNEL} ]] || return 0
  planning || value known gcloud beta monitoring channels list --project="${PROJECT_ID}" --format='value(name,type,labels.email_address,labels.channel_name)'
  if [[ -n ${ALERT_EMAIL} ]]; then
    EMAIL_CHANNEL="$(channel_of "${known}" "email"$'\t'"${ALERT_EMAIL}")"
    if [[ -n ${EMAIL_CHANNEL} ]]; then
      there "channel ${ALERT_EMAIL}"
    else
      value EMAIL_CHANNEL gcloud beta monitoring channels create --project="${PROJECT_ID}" --type=email \
        --display-name="${ALERT_EMAIL}" --channel-labels="email_address=${ALERT_EMAIL}" --format='value(name)'
      made "channel ${ALERT_EMAIL}"
    fi
    CHANNELS="${EMAIL_CHANNEL}"
  fi
  [[ -z ${ALERT_SLACK_CHANNEL} ]] || slack_channel "${known}"
}

# Slack gives its permission to a person in the console only; from then on the channel is found here.
slack_channel() {
  if planning; then
    value SLACK_CHANNEL gcloud beta monitoring channels list --project="${PROJECT_ID}" \
      --filter="type=slack AND labels.channel_name='${ALERT_SLACK_CHANNEL}'" --format='value(name)'
  else
    SLACK_CHANNEL="$(channel_of "$1" "slack"$'\t\t'"#${ALERT_SLACK_CHANNEL#\#}")"
    [[ -n ${SLACK_CHANNEL} ]] || SLACK_CHANNEL="$(channel_of "$1" "slack"$'\t\t'"${ALERT_SLACK_CHANNEL#\#}")"
  fi
  if [[ -z ${SLACK_CHANNEL} ]]; then
    warn "no Slack channel ${ALERT_SLACK_CHANNEL} in this project yet: add it at https://console.cloud.google.com/monitoring/alerting/notifications?project=${PROJECT_ID} (Slack asks for your consent there), then ./deploy/alerts.sh"
    return
  fi
  there "channel ${ALERT_SLACK_CHANNEL}"
  CHANNELS+="${CHANNELS:+,}${SLACK_CHANNEL}"
}

# channel_of LINES "TYPE<tab>LABELS"
channel_of() {
  local line
  while IFS= read -r line; do
    [[ ${line%$'\t'} == *$'\t'"$2" || ${line} == *$'\t'"$2" ]] && printf '%s' "${line%%$'\t'*}" && return
  done <<<"$1"
  return 0
}

metrics() {
  local known="[]" kind name file
  planning || value known gcloud logging metrics list --project="${PROJECT_ID}" --format=json
  for kind in "${METRICS[@]}"; do
    name="${FUNCTION_NAME}-${kind}"
    file="${FILLED}/${kind}.metric.json"
    local -a verb=(create)
    if [[ ${known} == *"\"${name}\""* ]]; then
      if python3 -m deploy.tool monitoring one "${name}" <<<"${known}" | python3 -m deploy.tool monitoring same "${file}"; then
        there "metric ${kind}"
        continue
      fi
      verb=(update)
    fi
    run gcloud logging metrics "${verb[@]}" "${name}" --project="${PROJECT_ID}" --config-from-file="${file}" --format=none
    made "metric ${kind}"
  done
}

# gcloud 528 has alert policies in its alpha commands only, which many machines lack (docs/platform.md 1.3).
policies() {
  local known='{}' kind file name
  local -r url="https://monitoring.googleapis.com/v3/projects/${PROJECT_ID}/alertPolicies"
  planning || value known google_curl "${PROJECT_ID}" --request GET "${url}?pageSize=500"
  for kind in "${POLICIES[@]}"; do
    file="${FILLED}/${kind}.policy.json"
    if planning; then
      run google_curl "${PROJECT_ID}" --request POST "${url}" --data "@${file}"
      continue
    fi
    name="$(python3 -m deploy.tool monitoring named-as "${file}" <<<"${known}")"
    if [[ -z ${name} ]]; then
      run google_curl "${PROJECT_ID}" --request POST "${url}" --data "@${file}"
      made "alert ${kind}"
    elif python3 -m deploy.tool monitoring one "${name}" <<<"${known}" | python3 -m deploy.tool monitoring same "${file}"; then
      there "alert ${kind}"
    else
      run google_curl "${PROJECT_ID}" --request PATCH "https://monitoring.googleapis.com/v3/${name}" --data "@${file}"
      made "alert ${kind}"
    fi
  done
}

dashboard() {
  local known=""
  planning || value known gcloud monitoring dashboards list --project="${PROJECT_ID}" --format='value(displayName)'
  if [[ $'\n'${known}$'\n' == *$'\n'"${FUNCTION_NAME}: fulfillment"$'\n'* ]]; then
    there "dashboard"
    return
  fi
  run gcloud monitoring dashboards create --project="${PROJECT_ID}" --config-from-file="${FILLED}/fulfillment.dashboard.json" --format=none
  made "dashboard"
}

take_down_alerts() {
  local known name kind
  need_token
  value known google_curl "${PROJECT_ID}" --request GET "https://monitoring.googleapis.com/v3/projects/${PROJECT_ID}/alertPolicies?pageSize=500"
  for name in $(python3 -m deploy.tool monitoring labelled "${FUNCTION_NAME}" <<<"${known}"); do
    gone "alert ${name##*/}" google_curl "${PROJECT_ID}" --request DELETE "https://monitoring.googleapis.com/v3/${name}"
  done
  value known gcloud monitoring dashboards list --project="${PROJECT_ID}" --filter="displayName='${FUNCTION_NAME}: fulfillment'" --format='value(name)'
  for name in ${known}; do
    gone "dashboard" gcloud monitoring dashboards delete "${name}" --project="${PROJECT_ID}" --quiet
  done
  value known gcloud logging metrics list --project="${PROJECT_ID}" --format='value(name)'
  for kind in "${METRICS[@]}"; do
    [[ $'\n'${known}$'\n' == *$'\n'"${FUNCTION_NAME}-${kind}"$'\n'* ]] || continue
    gone "metric ${kind}" gcloud logging metrics delete "${FUNCTION_NAME}-${kind}" --project="${PROJECT_ID}" --quiet
  done
}
