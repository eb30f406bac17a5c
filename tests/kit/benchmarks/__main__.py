"""All figures of the kit, against bare functions in the same run: `./tests/kit/benchmarks/run.sh [NAME ...]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from deploy.local.firestore import LocalFirestore
from tests.kit.functions import ROOT

from . import cold, scale, warm

# What each figure may be at most (or at least, for throughput); printed beside it, judged by the reader.
GOALS = {
    "welcome warm": "kit over bare: 0.15 ms; CPU: 1.6; throughput: at least 0.7",
    "lookups warm": "check_order: 0.2 ms over bare; cached store_hours: 0.25 ms over bare",
    "welcome cold": "kit/bare: 1.25",
    "check_order cold": "kit/bare: 1.15",
    "routing": "flat",
    "memory": "kit/bare: 1.25",
    "slow Firestore": "not held to four threads",
}


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    with LocalFirestore(data=ROOT / "deploy" / "data") as firestore:
        environment = {
            "FIRESTORE_EMULATOR_HOST": firestore.address,
            "GOOGLE_CLOUD_PROJECT": "benchmarks",
            "no_grpc_proxy": "127.0.0.1",
        }
        for name, measure in _benchmarks(environment).items():
            if not names or name in names:
                print(f"\n{name} ({GOALS[name]})", flush=True)
                for figure, value in measure().items():
                    print(f"  {figure:<45}{value:10.3f}", flush=True)


def _benchmarks(firestore: Mapping[str, str]) -> dict[str, Callable[[], dict[str, float]]]:
    return {
        "welcome warm": warm.welcome,
        "lookups warm": lambda: warm.lookups(firestore),
        "welcome cold": cold.welcome,
        "check_order cold": lambda: cold.check_order(firestore),
        "routing": scale.routing,
        "memory": lambda: scale.memory(firestore),
        "slow Firestore": lambda: scale.slow_firestore(firestore),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
