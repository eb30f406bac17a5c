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

    class AggregationResult(_Message): ...  # noqa: D101

    class ArrayValue(_Message): ...  # noqa: D101

    class BatchGetDocumentsRequest(_Message): ...  # noqa: D101

    class BatchGetDocumentsResponse(_Message): ...  # noqa: D101

    class BatchWriteRequest(_Message): ...  # noqa: D101

    class BatchWriteResponse(_Message): ...  # noqa: D101

    class BeginTransactionRequest(_Message): ...  # noqa: D101

    class BeginTransactionResponse(_Message): ...  # noqa: D101

    class CommitRequest(_Message): ...  # noqa: D101

    class CommitResponse(_Message): ...  # noqa: D101

    class Cursor(_Message): ...  # noqa: D101

    class Document(_Message): ...  # noqa: D101

    class FieldTransform(_Message): ...  # noqa: D101

    class Filter(_Message): ...  # noqa: D101

    class GetDocumentRequest(_Message): ...  # noqa: D101

    class ListCollectionIdsRequest(_Message): ...  # noqa: D101

    class ListCollectionIdsResponse(_Message): ...  # noqa: D101

    class ListDocumentsRequest(_Message): ...  # noqa: D101

    class ListDocumentsResponse(_Message): ...  # noqa: D101

    class Precondition(_Message): ...  # noqa: D101

    class RollbackRequest(_Message): ...  # noqa: D101

    class RunAggregationQueryRequest(_Message): ...  # noqa: D101

    class RunAggregationQueryResponse(_Message): ...  # noqa: D101

    class RunQueryRequest(_Message): ...  # noqa: D101

    class RunQueryResponse(_Message): ...  # noqa: D101

    class StructuredAggregationQuery(_Message): ...  # noqa: D101

    class StructuredQuery(_Message): ...  # noqa: D101

    class Timestamp(_Message): ...  # noqa: D101

    class TransactionOptions(_Message): ...  # noqa: D101

    class Value(_Message): ...  # noqa: D101

    class Write(_Message): ...  # noqa: D101

    class WriteResult(_Message): ...  # noqa: D101

    class Empty(_Message): ...  # noqa: D101

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
