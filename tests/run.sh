#!/usr/bin/env bash
# Runs the tests:
#
#   ./tests/run.sh --mine              your project alone, in seconds: your handlers, your tests, your packages
#   ./tests/run.sh                     all of it, the kit's own tests included
#   ./tests/run.sh --long              besides, what is rare and takes long, and the other Pythons of this machine
#   ./tests/run.sh PYTEST-ARGUMENTS    pytest with these and nothing else: ./tests/run.sh tests/shop -k order
#
# --mine takes pytest's arguments too: ./tests/run.sh --mine -k order. It uses the local Firestore alone; Google's emulator
# as well with TESTS_FIRESTORE=both. Makes .venv when it is not there.
set -euo pipefail
unset CDPATH PYTHONHOME PYTHONSAFEPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mine="" long=""
while (($# > 0)); do
  case $1 in
  --mine) mine=yes ;;
  --long) long=yes ;;
  -h | --help)
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
    exit
    ;;
  *) break ;;
  esac
  shift
done

failed=()

# part NAME WHAT-MENDS-IT COMMAND...: runs one check and remembers how it went.
part() {
  local -r name=$1 mends=$2
  shift 2
  printf '== %s\n' "${name}"
  "$@" || failed+=("${name}: ${mends}")
}

summary() {
  ((${#failed[@]} > 0)) || return 0
  printf '== failed\n'
  printf '  %s\n' "${failed[@]}"
  exit 1
}

tests() {
  python -m pytest "$@"
}

my_tests() {
  local code=0
  tests "${not_mine[@]}" "$@" || code=$?
  if ((code == 5 && $# == 0)); then
    printf 'You have no tests yet: docs/testing.md shows some.\n'
    return 0
  fi
  return "${code}"
}

handlers_load() {
  local said
  if ! said="$(python -m handlers 2>&1)"; then
    # Of the kit's own errors the words say all; of Python's the traceback shows the line.
    awk '/SetupError: / { told = 1; sub(/^.*SetupError: /, "") } told' <<<"${said}" | grep . || printf '%s\n' "${said}"
    return 1
  fi
}

# types_begin [WHAT]: mypy takes a while, so it runs beside the other checks, until types_end.
types_begin() {
  said="$(mktemp)"
  trap 'rm -f "${said}"' EXIT
  mypy "$@" >"${said}" 2>&1 &
  types=$!
}

types_end() {
  local code=0
  wait "${types}" || code=$?
  cat "${said}"
  return "${code}"
}

scripts() {
  git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run | xargs -0 "$@"
}

check_my_project() {
  local name yours=(handlers) not_mine=()
  while IFS= read -r name; do yours+=("${name}"); done < <(python -m tests.kit.shipped --yours)
  while IFS= read -r name; do not_mine+=("--ignore=${name}"); done < <(python -m tests.kit.shipped --kit)
  export TESTS_FIRESTORE="${TESTS_FIRESTORE:-local}"
  types_begin handlers
  part format ".venv/bin/ruff format ${yours[*]}" ruff format --check "${yours[@]}"
  part lint ".venv/bin/ruff check --fix ${yours[*]}, and by hand what that leaves" ruff check "${yours[@]}"
  part handlers "the file named above; a package that is missing goes to the end of requirements.txt" handlers_load
  # What cannot be installed here has been told already.
  ((${#failed[@]} > 0)) && [[ ${failed[0]} == installation* ]] ||
    part requirements "the end of requirements.txt, below '# yours'" python -m deploy.local.requirements
  part tests "see above; again with one alone: ./tests/run.sh --mine -k NAME" my_tests "$@"
  part types "the lines named above, by hand" types_end
  summary
  printf '== all is well, in %s s\n' "${SECONDS}"
}

check_everything() {
  types_begin
  part format ".venv/bin/ruff format ." ruff format --check .
  part lint ".venv/bin/ruff check --fix ., and by hand what that leaves" ruff check .
  part "shell scripts: format" ".venv/bin/shfmt -i 2 -w" scripts shfmt -i 2 -d
  part "shell scripts: lint" "the lines named above, by hand" scripts shellcheck
  part requirements "requirements.txt" python -m deploy.local.requirements --all
  part types "the lines named above, by hand" types_end
  summary
  part tests "see above" tests -n auto --dist worksteal ${long:+--long}
  if [[ -n ${long} && -x tests/kit/other-pythons.sh ]]; then
    part "other Pythons" "see above" ./tests/kit/other-pythons.sh
  fi
  summary
}

if ! ./deploy/local/venv.sh tests/requirements.txt; then
  failed+=("installation: the end of requirements.txt, below '# yours', or the network")
  # What is there from the last time still checks the rest.
  [[ -n ${mine} && -x .venv/bin/ruff && -x .venv/bin/mypy && -x .venv/bin/pytest ]] || summary
fi
export PATH="${PWD}/.venv/bin:${PATH}"

if [[ -n ${mine} ]]; then
  check_my_project ${long:+--long} "$@"
elif (($# == 0)); then
  check_everything
else
  tests ${long:+--long} "$@"
fi
