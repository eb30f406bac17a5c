"""A proxy before Firestore that delays, drops, answers errors, stalls in mid-stream and loses answers.

It knows no messages, only bytes: every call of `google.firestore.v1.Firestore` is passed on as it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import grpc

STREAMED = {"BatchGetDocuments", "RunQuery", "RunAggregationQuery"}
ERRORS = ("ABORTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED")
KINDS = ("delay", "drop", "stall", "lose", *ERRORS)


@dataclass(frozen=True)
class Fault:
    """What happens to one call.

    `kind`: "delay" passes it on after `seconds`; "drop" never answers and passes nothing on; "stall" passes it on and
    falls silent in the middle of the answer; "lose" passes it on and answers UNAVAILABLE instead of what came back; a
    status code is answered without passing anything on.
    """

    kind: str
    seconds: float = 0.0


Choose = Callable[[str], Fault | None]


class FirestoreProxy:
    """Between clients and `upstream` ("host:port"); `choose` is asked, for each call, what shall happen to it."""

    def __init__(self, upstream: str, choose: Choose) -> None:
        self._choose = choose
        self._channel = grpc.insecure_channel(upstream, options=[("grpc.max_receive_message_length", -1)])
        self._server = grpc.server(ThreadPoolExecutor(64, "firestore-proxy"))
        self._server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, details: Any) -> Any:
        """Return what answers one call; gRPC asks for it by the call's full name."""
        name = details.method.rpartition("/")[2]
        if name in STREAMED:
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self._stream(details.method, name, request, context)
            )
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._unary(details.method, name, request, context)
        )

    def close(self) -> None:
        """End all calls."""
        self._server.stop(grace=None).wait()
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unary(self, method: str, name: str, request: bytes, context: Any) -> Any:
        fault = self._begin(name, context)
        try:
            answer = self._channel.unary_unary(method)(request, timeout=20, metadata=_metadata(context))
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
        self._end(fault, context)
        return answer

    def _stream(self, method: str, name: str, request: bytes, context: Any) -> Iterator[Any]:
        fault = self._begin(name, context)
        try:
            for answer in self._channel.unary_stream(method)(request, timeout=20, metadata=_metadata(context)):
                if fault and fault.kind == "lose":
                    break
                yield answer
                if fault and fault.kind == "stall":
                    _silence(context)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
        self._end(fault, context)

    def _begin(self, name: str, context: Any) -> Fault | None:
        fault = self._choose(name)
        if fault is None:
            return None
        if fault.kind == "delay":
            time.sleep(fault.seconds)
        elif fault.kind == "drop":
            _silence(context)
        elif fault.kind in ERRORS:
            context.abort(grpc.StatusCode[fault.kind], "a fault on purpose")
        return fault

    def _end(self, fault: Fault | None, context: Any) -> None:
        if fault and fault.kind == "lose":
            context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost on purpose")
        if fault and fault.kind == "stall":
            _silence(context)


def _silence(context: Any) -> None:
    """Say nothing until the client gives up."""
    gone = threading.Event()
    if context.add_callback(gone.set):
        gone.wait(20)
    context.abort(grpc.StatusCode.CANCELLED, "the client has gone")


def _metadata(context: Any) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in context.invocation_metadata()
        if name == "authorization" or name.startswith(("google-cloud-", "x-goog-request"))
    ]
