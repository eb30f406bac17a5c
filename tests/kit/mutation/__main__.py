"""`python -m tests.kit.mutation [once|access|deadline ...] [--own-tests] [--no-texts] ...`: what would no test notice?

Works on a copy of the tree. A mutant survives when the tests of its target still pass; survivors are printed as lines.
survivors.md says which are accepted, and why; any other is a missing test.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.kit.functions import ROOT

from .mutants import Mutant, mutants

TARGETS = {
    "once": ("fulfillment/once", ["tests/kit/unit/once", "-k", "not emulator"]),
    "access": ("fulfillment/access", ["tests/kit/unit/access"]),
    "deadline": (
        "fulfillment/deadline",
        ["tests/kit/unit/deadline", "--ignore=tests/kit/unit/deadline/test_deadline_server.py"],
    ),
}
OWN_TESTS = {
    "access/__init__.py": "access/test_access.py access/test_access_none.py access/test_access_cx.py",
    "access/access_token.py": "access/test_access_cx.py",
    "access/basic.py": "access/test_access_basic.py",
    "access/certificates.py": "access/test_access_certificates.py access/test_access_certificates_missing.py",
    "access/client_certificates.py": "access/test_access_mtls.py",
    "access/header.py": "access/test_access_header.py",
    "access/loopback.py": "access/test_access_none.py access/test_access_cx.py",
    "access/oauth.py": "access/test_access_oauth.py access/test_access_cx.py",
    "access/platform_iam.py": "access/test_access_iam.py",
    "access/id_token.py": "access/test_access_id_token.py",
    "access/jwt.py": "access/test_access_id_token.py access/test_access_iam.py access/test_access_oauth.py",
    "access/callers.py": "access/test_access_id_token.py access/test_access_iam.py",
    "deadline/watchdog.py": "deadline/test_deadline_watchdog.py deadline/test_deadline.py",
    "deadline/time_left.py": "deadline/test_deadline.py",
}
"""What `--own-tests` runs instead of all tests of the target: less is noticed, so nothing looks better than it is."""

SECONDS = 45
"""A mutant that makes its tests hang counts as noticed: sound ones take a quarter of that."""


def main() -> int:
    """Print the survivors of each target and how many mutants there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS))
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each target, by chance; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only files whose path holds this")
    parser.add_argument("--at-once", type=int, default=2, help="so many mutants at the same moment")
    parser.add_argument("--own-tests", action="store_true", help="only the tests of each file's own (OWN_TESTS)")
    parser.add_argument("--no-texts", action="store_true", help="leave out mutants of texts for people, and count them")
    parser.add_argument("--again", type=Path, help="only those that an earlier run's output names")
    options = parser.parse_args()
    again = options.again.read_text() if options.again else ""
    for target in options.targets:
        _run(target, options, again)
    return 0


def _run(target: str, options: argparse.Namespace, again: str) -> None:
    folder, tests = TARGETS[target]
    sample, only = options.sample, options.only
    made = [
        (file.relative_to(ROOT), mutant)
        for file in sorted((ROOT / folder).glob("*.py"))
        if only in str(file)
        for mutant in mutants(file.read_text())
        if not again or _named(again, file.relative_to(ROOT), mutant)
    ]
    texts = [work for work in made if options.no_texts and work[1].is_text]
    made = [work for work in made if work not in texts]
    chosen = random.Random(options.seed).sample(made, min(sample, len(made))) if sample else made
    begun = time.monotonic()
    results: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(options.at_once) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(options.at_once):
            tree = Path(temporary) / str(number)
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__"))
            trees.put(tree)

        def judge(work: tuple[Path, Mutant]) -> tuple[Path, Mutant, str]:
            tree = trees.get()
            own = OWN_TESTS.get("/".join(work[0].parts[-2:]), "") if options.own_tests else ""
            try:
                return *work, _verdict(tree, *work, [f"tests/kit/unit/{file}" for file in own.split()] or tests)
            finally:
                trees.put(tree)

        for number, (file, mutant, verdict) in enumerate(pool.map(judge, chosen), start=1):
            results[verdict] += 1
            if number % 20 == 0:
                print(f"{number} of {len(chosen)}", file=sys.stderr, flush=True)
            if verdict == "survived":
                print(f"- `{file}:{mutant.line}` {mutant.change}", flush=True)
    if options.no_texts:
        print(f"{target}: {len(texts)} mutants of texts left out")
    print(f"{target}: {len(chosen)} of {len(made)} mutants, {dict(results)}, {time.monotonic() - begun:.0f} s\n")


def _named(again: str, file: Path, mutant: Mutant) -> bool:
    return any(line.startswith(f"- `{file}:") and line.endswith(f"` {mutant.change}") for line in again.splitlines())


def _verdict(tree: Path, file: Path, mutant: Mutant, tests: list[str]) -> str:
    path = tree / file
    original = path.read_text()
    path.write_text(mutant.source)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return "survived" if process.wait(timeout=SECONDS) == 0 else "noticed"
    except subprocess.TimeoutExpired:
        return "noticed, too slow"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        path.write_text(original)


if __name__ == "__main__":
    sys.exit(main())
