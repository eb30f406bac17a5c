# shellcheck shell=bash
# The step "Firestore": database, TTL policies, indexes, sample documents.

firestore() {
  database
  ttl_policies
  indexes
  [[ ${SAMPLE_DATA} == no ]] || sample_data
}

database() {
  local type operation
  if ! planning; then
    if attempt gcloud firestore databases describe --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format='value(type)'; then
      type="${OUT}"
      [[ ${type} == FIRESTORE_NATIVE ]] || stop "database ${FIRESTORE_DATABASE} is ${type}, and the function needs FIRESTORE_NATIVE" \
        "choose another database: FIRESTORE_DATABASE=dialogflow"
      there "database ${FIRESTORE_DATABASE}"
      return
    fi
    is_absent || fail gcloud firestore databases describe --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}"
  fi
  DATABASE_IS_NEW=yes
  value operation gcloud firestore databases create --database="${FIRESTORE_DATABASE}" --location="${FIRESTORE_LOCATION}" \
    --type=firestore-native --project="${PROJECT_ID}" --format='value(name)'
  need_token
  run wait_for "${PROJECT_ID}" "https://firestore.googleapis.com/v1/${operation}"
  made "database ${FIRESTORE_DATABASE} in ${FIRESTORE_LOCATION}"
}

ttl_policies() {
  local group field have=""
  local -a wanted
  mapfile -t wanted < <(python3 -m deploy.tool indexes ttl "${KIT}/firestore.indexes.json")
  ((${#wanted[@]} > 0)) || return 0
  [[ -n ${DATABASE_IS_NEW:-} ]] ||
    value have gcloud firestore fields ttls list --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format='value(name)'
  for line in "${wanted[@]}"; do
    read -r group field <<<"${line}"
    if [[ $'\n'${have}$'\n' == */collectionGroups/"${group}"/fields/"${field}"$'\n'* ]]; then
      there "TTL ${group}.${field}"
      continue
    fi
    run gcloud firestore fields ttls update "${field}" --collection-group="${group}" --enable-ttl --async \
      --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=none
    made "TTL ${group}.${field}"
  done
}

indexes() {
  local line have='[]'
  local -a wanted
  mapfile -t wanted < <(python3 -m deploy.tool indexes all "${KIT}/firestore.indexes.json")
  ((${#wanted[@]} > 0)) || return 0
  [[ -n ${DATABASE_IS_NEW:-} ]] ||
    value have gcloud firestore indexes composite list --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=json
  mapfile -t wanted < <(python3 -m deploy.tool indexes missing "${KIT}/firestore.indexes.json" <<<"${have}")
  ((${#wanted[@]} > 0)) || there "indexes"
  for line in "${wanted[@]}"; do
    local -a options
    read -ra options <<<"${line}"
    create "index ${options[0]#--collection-group=}" gcloud firestore indexes composite create "${options[@]}" --async \
      --database="${FIRESTORE_DATABASE}" --project="${PROJECT_ID}" --format=none
  done
}

sample_data() {
  local writes answer
  [[ -d deploy/data ]] || stop "SAMPLE_DATA is yes, and there is no folder deploy/data" \
    "SAMPLE_DATA=no, or documents of yours in deploy/data/COLLECTION.json: {\"ID\": {\"FIELD\": VALUE}}"
  need_token
  value writes python3 -m deploy.tool documents writes deploy/data "projects/${PROJECT_ID}/databases/${FIRESTORE_DATABASE}"
  local -r url="https://firestore.googleapis.com/v1/projects/${PROJECT_ID}/databases/${FIRESTORE_DATABASE}/documents:batchWrite"
  if planning; then
    feed "${writes}" google_curl "${PROJECT_ID}" --request POST "${url}" --data @-
    return
  fi
  feed "${writes}" google_curl "${PROJECT_ID}" --request POST "${url}" --data @-
  answer="${OUT}"
  local written kept
  read -r written kept < <(python3 -m deploy.tool documents outcome <<<"${answer}") ||
    stop "a sample document was refused: ${answer}" "look at deploy/data, then run this step again"
  ((written == 0)) || made "${written} sample documents"
  ((kept == 0)) || there "${kept} sample documents"
}
