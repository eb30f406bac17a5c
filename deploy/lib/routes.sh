# shellcheck shell=bash
# What the handlers answer to: `python -m handlers --json`, asked once a run.

need_routes() {
  [[ -n ${ROUTES:-} ]] && return
  local -r python="$(handlers_python)"
  if ! ROUTES="$("${python}" -m handlers --json 2>"${WORK}/err")"; then
    local -r reason="$(tail -n 1 "${WORK}/err")"
    case ${reason} in
    ModuleNotFoundError*)
      stop "the handlers cannot be read: ${reason}" \
        "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt, then run this again"
      ;;
    *) stop "the handlers cannot be read, so the function would not start either: ${reason}" \
      "${python} -m handlers   shows where" ;;
    esac
  fi
}

# The checkout's own environment, if it is there, has what the handlers import.
handlers_python() { if [[ -x .venv/bin/python ]]; then printf .venv/bin/python; else printf python3; fi; }

# The paths of @on.route handlers, one a line. Each is an audience of its own: Dialogflow CX signs a token for the whole
# URL of a flexible webhook.
route_audiences() { python3 -m deploy.tool intents paths <<<"${ROUTES}"; }

# with_url PATHS: a comma-separated list of URLs
with_url() {
  local path list=""
  for path in $1; do
    list+=",${URL}${path}"
  done
  printf '%s' "${list#,}"
}
