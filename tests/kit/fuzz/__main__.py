"""`python -m tests.kit.fuzz --requests 100000 [--seed N]`: the long fuzz run, outside the suite."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

from deploy.local.firestore import LocalFirestore

from .run import fuzz


def main() -> int:
    """Run; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    begun = time.monotonic()
    with LocalFirestore() as firestore:
        os.environ.update(FIRESTORE_EMULATOR_HOST=firestore.address, GOOGLE_CLOUD_PROJECT="fuzz")
        os.environ["no_grpc_proxy"] = "127.0.0.1"  # noqa: SIM112 - the name that gRPC reads
        findings = fuzz(options.requests, options.seed)
    print(f"seed {options.seed}: {options.requests} calls in {time.monotonic() - begun:.0f} s")
    for answer, count in findings.answers.most_common():
        print(f"  {count:7} {answer}")
    print(f"  faults: {len(findings.faults)}")
    for fault in findings.faults[:10]:
        print(f"    {fault}")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
