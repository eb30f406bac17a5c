"""The judge of doctor.sh: reads what was found, says what is fine and what is wrong.

python -m deploy.lib.doctor secrets FOLDER                 variable, secret and version of each secret of the function
python -m deploy.lib.doctor judge FOLDER NAME=VALUE...        the findings; exit 1 when anything is wrong
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import access_checks, agent_checks, function_checks
from .facts import Facts, wrong


def judge(facts: Facts) -> int:
    """Print every finding, what is wrong last."""
    findings = function_checks.checks(facts) + access_checks.checks(facts) + agent_checks.checks(facts)
    for fact in facts.unread():
        mend = f"see that you may read it (roles/viewer on {facts.setting('PROJECT_ID')}), then ./deploy/doctor.sh"
        findings.append(wrong(fact, f"could not be read: {facts.reason(fact)}", mend))
    for finding in findings:
        if not finding.mend:
            print(f"fine   {finding.thing:<16} {finding.says}")
    broken = [finding for finding in findings if finding.mend]
    for finding in broken:
        print(f"wrong  {finding.thing:<16} {finding.says}\n       {'mend it':<16} {finding.mend}")
    print(f"\n{len(broken)} wrong." if broken else "\nNothing is wrong.")
    return 1 if broken else 0


def main(command: str, folder: str, *settings: str) -> int:
    """Run one of the commands above."""
    facts = Facts(Path(folder), dict(setting.split("=", 1) for setting in settings))
    if command == "secrets":
        for secret in facts.secrets():
            print(*secret)
        return 0
    return judge(facts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
