"""A Firestore on your own machine: a gRPC server that the real google-cloud-firestore client talks to.

`python -m deploy.local.firestore` runs it; `LocalFirestore` is the same server inside a test. Clients find it through
`FIRESTORE_EMULATOR_HOST`, so no product code knows that it exists.
"""

from .server import LocalFirestore, PortTaken

__all__ = ["LocalFirestore", "PortTaken"]
