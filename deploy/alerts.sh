#!/usr/bin/env bash
# Makes the log metrics, alert policies and the dashboard of deploy/monitoring, and the notification channels of
# ALERT_EMAIL and ALERT_SLACK_CHANNEL. The files are the truth for metrics and policies; a dashboard that is there stays as
# it is, since people arrange dashboards by hand.
#
#   ./deploy/alerts.sh [--settings NAME] [--plan]
set -euo pipefail
# shellcheck source=deploy/lib/kit.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/kit.sh"
# shellcheck source=deploy/lib/alerts.sh
source "${KIT}/lib/alerts.sh"

start "$@"
no_more_arguments
step "alerts" alerts
