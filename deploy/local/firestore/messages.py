# ruff: noqa: D101
"""Firestore's own message types, as google-cloud-firestore ships them.

That package brings proto-plus wrappers and no servicer; a server needs the plain protobuf classes below them, which are
also several times faster. proto-plus renames one field: `StructuredQuery.from` is `from_` here too.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    class _Message:
        """A protobuf message, whose members the type checker cannot see."""

        def __init__(self, **fields: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
        @classmethod
        def FromString(cls, data: bytes) -> Any: ...  # noqa: N802

    class AggregationResult(_Message): ...

    class ArrayValue(_Message): ...

    class BatchGetDocumentsRequest(_Message): ...

    class BatchGetDocumentsResponse(_Message): ...

    class BatchWriteRequest(_Message): ...

    class BatchWriteResponse(_Message): ...

    class BeginTransactionRequest(_Message): ...

    class BeginTransactionResponse(_Message): ...

    class CommitRequest(_Message): ...

    class CommitResponse(_Message): ...

    class Cursor(_Message): ...

    class Document(_Message): ...

    class FieldTransform(_Message): ...

    class Filter(_Message): ...

    class GetDocumentRequest(_Message): ...

    class ListCollectionIdsRequest(_Message): ...

    class ListCollectionIdsResponse(_Message): ...

    class ListDocumentsRequest(_Message): ...

    class ListDocumentsResponse(_Message): ...

    class Precondition(_Message): ...

    class RollbackRequest(_Message): ...

    class RunAggregationQueryRequest(_Message): ...

    class RunAggregationQueryResponse(_Message): ...

    class RunQueryRequest(_Message): ...

    class RunQueryResponse(_Message): ...

    class StructuredAggregationQuery(_Message): ...

    class StructuredQuery(_Message): ...

    class Timestamp(_Message): ...

    class TransactionOptions(_Message): ...

    class Value(_Message): ...

    class Write(_Message): ...

    class WriteResult(_Message): ...

    class Empty(_Message): ...

else:
    from google.cloud.firestore_v1 import types
    from google.protobuf.empty_pb2 import Empty  # noqa: F401
    from google.protobuf.timestamp_pb2 import Timestamp

    AggregationResult = types.AggregationResult.pb()
    ArrayValue = types.ArrayValue.pb()
    BatchGetDocumentsRequest = types.BatchGetDocumentsRequest.pb()
    BatchGetDocumentsResponse = types.BatchGetDocumentsResponse.pb()
    BatchWriteRequest = types.BatchWriteRequest.pb()
    BatchWriteResponse = types.BatchWriteResponse.pb()
    BeginTransactionRequest = types.BeginTransactionRequest.pb()
    BeginTransactionResponse = types.BeginTransactionResponse.pb()
    CommitRequest = types.CommitRequest.pb()
    CommitResponse = types.CommitResponse.pb()
    Cursor = types.Cursor.pb()
    Document = types.Document.pb()
    FieldTransform = types.DocumentTransform.FieldTransform.pb()
    Filter = types.StructuredQuery.Filter.pb()
    GetDocumentRequest = types.GetDocumentRequest.pb()
    ListCollectionIdsRequest = types.ListCollectionIdsRequest.pb()
    ListCollectionIdsResponse = types.ListCollectionIdsResponse.pb()
    ListDocumentsRequest = types.ListDocumentsRequest.pb()
    ListDocumentsResponse = types.ListDocumentsResponse.pb()
    Precondition = types.Precondition.pb()
    RollbackRequest = types.RollbackRequest.pb()
    RunAggregationQueryRequest = types.RunAggregationQueryRequest.pb()
    RunAggregationQueryResponse = types.RunAggregationQueryResponse.pb()
    RunQueryRequest = types.RunQueryRequest.pb()
    RunQueryResponse = types.RunQueryResponse.pb()
    StructuredAggregationQuery = types.StructuredAggregationQuery.pb()
    StructuredQuery = types.StructuredQuery.pb()
    TransactionOptions = types.TransactionOptions.pb()
    Value = types.Value.pb()
    Write = types.Write.pb()
    WriteResult = types.WriteResult.pb()


def timestamp(microseconds: int) -> Timestamp:
    """A moment (microseconds since 1970, UTC) as a protobuf timestamp."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def microseconds(moment: Timestamp) -> int:
    """A protobuf timestamp as microseconds since 1970, UTC; Firestore keeps nothing finer."""
    return int(moment.seconds) * 1_000_000 + int(moment.nanos) // 1000
