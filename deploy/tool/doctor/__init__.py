"""The judge of doctor.sh: checks over the facts that the script gathered as files of a folder.

doctor secrets FOLDER                    variable, secret and version of each secret of the function
doctor judge FOLDER NAME=VALUE...        the findings; exit 1 when anything is wrong. NAME=VALUE: the settings
"""

from __future__ import annotations

from .judge import COMMANDS

__all__ = ["COMMANDS"]
