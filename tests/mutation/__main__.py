"""`python -m tests.mutation [once|access|deadline ...] [--sample N] [--again FILE]`: what would no test notice?

Works on a copy of the tree. A mutant survives when the tests of its target still pass; survivors are printed as lines
for survivors.md, where it stands what was done about each.
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

from tests.functions import ROOT

from .mutants import Mutant, mutants

TARGETS = {
    "once": ("fulfillment/once", ["tests/unit/once", "-k", "not emulator"]),
    "access": ("fulfillment/access", ["tests/unit/access"]),
    "deadline": (
        "fulfillment/deadline",
        ["tests/unit/deadline", "--ignore=tests/unit/deadline/test_deadline_server.py"],
    ),
}
AT_ONCE = 2
SECONDS = 90
"""A mutant that makes its tests hang counts as noticed."""


def main() -> int:
    """Print the survivors of each target and how many mutants there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS))
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each target, by chance; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only files whose path holds this")
    parser.add_argument("--again", type=Path, help="only those that an earlier run's output names")
    options = parser.parse_args()
    again = options.again.read_text() if options.again else ""
    for target in options.targets:
        _run(target, options.sample, options.seed, options.only, again)
    return 0


def _run(target: str, sample: int, seed: int, only: str, again: str) -> None:
    folder, tests = TARGETS[target]
    made = [
        (file.relative_to(ROOT), mutant)
        for file in sorted((ROOT / folder).glob("*.py"))
        if only in str(file)
        for mutant in mutants(file.read_text())
        if not again or _named(again, file.relative_to(ROOT), mutant)
    ]
    chosen = random.Random(seed).sample(made, min(sample, len(made))) if sample else made
    begun = time.monotonic()
    results: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(AT_ONCE) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            tree = Path(temporary) / str(number)
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__"))
            trees.put(tree)

        def judge(work: tuple[Path, Mutant]) -> tuple[Path, Mutant, str]:
            tree = trees.get()
            try:
                return *work, _verdict(tree, *work, tests)
            finally:
                trees.put(tree)

        for file, mutant, verdict in pool.map(judge, chosen):
            results[verdict] += 1
            if verdict == "survived":
                print(f"- `{file}:{mutant.line}` {mutant.change}", flush=True)
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
