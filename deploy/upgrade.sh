#!/usr/bin/env bash
# Brings a project of yours to this version of the kit. Run it in the new checkout, with the folder of your project:
#
#   ./deploy/upgrade.sh ../my-project --plan     what it would add, change and remove
#   ./deploy/upgrade.sh ../my-project            the same, asks, and does it
#
# --yes does it without asking. --force goes on where you changed files of the kit: yours are copied aside first.
# Handlers, texts, tests, packages, settings, deploy/agent*, deploy/data of yours stay. More: docs/upgrade.md.
set -euo pipefail
started_in="${PWD}"
unset CDPATH PYTHONHOME PYTHONSAFEPATH PYTHONPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for argument in "$@"; do
  case ${argument} in
  -h | --help)
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' deploy/upgrade.sh
    exit
    ;;
  *) ;;
  esac
done

python="${PYTHON:-python3}"
if [[ ! $("${python}" --version 2>&1) =~ ^Python\ 3\.(1[1-9]|[2-9][0-9]) ]]; then
  printf 'Found %s; the kit needs Python 3.11 or newer. Another one: PYTHON=python3.12 ./deploy/upgrade.sh\n' \
    "$("${python}" --version 2>&1 || true)" >&2
  exit 2
fi
PYTHONDONTWRITEBYTECODE=1 exec "${python}" -m deploy.upgrade --started-in "${started_in}" "$@"
