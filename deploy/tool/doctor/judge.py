"""Says of what doctor.sh found what is fine and what is wrong."""

from __future__ import annotations

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


def _secrets(folder: str) -> None:
    for secret in Facts(Path(folder), {}).secrets():
        print(*secret)


def _judge(folder: str, *settings: str) -> int:
    return judge(Facts(Path(folder), dict(setting.split("=", 1) for setting in settings)))


COMMANDS = {"secrets": _secrets, "judge": _judge}
