"""The gRPC service `google.firestore.v1.Firestore`: which calls are answered, and with what.

google-cloud-firestore ships no servicer, so the calls are put on the wire by name. A call that is not in `CALLS` is
answered UNIMPLEMENTED with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc

from . import messages as m
from .aggregations import aggregated, aggregated_fields
from .commits import applied, target
from .databases import Databases
from .documents import Database, View
from .listings import listed_collection_ids, listed_documents
from .paths import check_document, check_parent, field_path, split_name
from .queries import Query, compiled, projected
from .refusals import Refused, invalid, unimplemented
from .transactions import Fingerprint, Transaction, Transactions
from .values import check_fields

SERVICE: Final = "google.firestore.v1.Firestore"


class Firestore:
    """Every call the local Firestore answers, as a method from request to response(s)."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._transactions = Transactions()

    def get_document(self, request: m.GetDocumentRequest) -> m.Document:
        """GetDocument."""
        database = self._database_of(check_document(request.name))
        paths = _mask(request)
        with database.lock:
            transaction, view = self._reading(request, database)
            document = view.get(request.name)
            if transaction:
                transaction.saw_document(request.name, document.updated if document else None)
        if document is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"No such document: {request.name}")
        return projected(document, paths)

    def batch_get_documents(self, request: m.BatchGetDocumentsRequest) -> Iterator[m.BatchGetDocumentsResponse]:
        """BatchGetDocuments: what `document.get()` and `client.get_all()` call."""
        database = self._databases.get(request.database)
        names = list(dict.fromkeys(request.documents))
        for name in names:
            if name not in database.documents and self._database_of(check_document(name)) is not database:
                raise invalid(f'"{name}" is not in the database {database.name}.')
        paths = _mask(request)
        with database.lock:
            transaction, view = self._reading(request, database)
            found = [(name, view.get(name)) for name in names]
            if transaction:
                for name, document in found:
                    transaction.saw_document(name, document.updated if document else None)
            read_time = m.timestamp(_moment(request, transaction, database))
        if transaction and request.HasField("new_transaction"):
            yield m.BatchGetDocumentsResponse(transaction=transaction.id, read_time=read_time)
        for name, document in found:
            if document is None:
                yield m.BatchGetDocumentsResponse(missing=name, read_time=read_time)
            else:
                yield m.BatchGetDocumentsResponse(found=projected(document, paths), read_time=read_time)

    def list_documents(self, request: m.ListDocumentsRequest) -> m.ListDocumentsResponse:
        """ListDocuments."""
        database = self._database_of(check_parent(request.parent))
        with database.lock:
            _, view = self._reading(request, database)
            return listed_documents(request, view)

    def list_collection_ids(self, request: m.ListCollectionIdsRequest) -> m.ListCollectionIdsResponse:
        """ListCollectionIds."""
        database = self._database_of(check_parent(request.parent))
        with database.lock:
            _, view = self._reading(request, database)
            return listed_collection_ids(request, view)

    def run_query(self, request: m.RunQueryRequest) -> Iterator[m.RunQueryResponse]:
        """RunQuery."""
        _check_query(request)
        database = self._database_of(check_parent(request.parent))
        query = compiled(request.parent, request.structured_query)
        with database.lock:
            transaction, view = self._reading(request, database)
            candidates = query.candidates(view)
            read_time = m.timestamp(_moment(request, transaction, database))
        documents, skipped = query.results(candidates)
        if transaction:
            transaction.saw_query(_rerun(query), tuple((one.name, one.updated) for one in documents))
        if transaction and request.HasField("new_transaction"):
            yield m.RunQueryResponse(transaction=transaction.id, read_time=read_time)
        if not documents:
            yield m.RunQueryResponse(read_time=read_time, skipped_results=skipped, done=True)
        for number, document in enumerate(documents, 1):
            response = m.RunQueryResponse(document=projected(document, query.select), read_time=read_time)
            if number == 1:
                response.skipped_results = skipped
            if number == len(documents):
                response.done = True
            yield response

    def run_aggregation_query(self, request: m.RunAggregationQueryRequest) -> Iterator[m.RunAggregationQueryResponse]:
        """RunAggregationQuery."""
        _check_query(request)
        database = self._database_of(check_parent(request.parent))
        asked = request.structured_aggregation_query
        query = compiled(request.parent, asked.structured_query, aggregated_fields(asked))
        with database.lock:
            transaction, view = self._reading(request, database)
            candidates = query.candidates(view)
            read_time = m.timestamp(_moment(request, transaction, database))
        documents, _ = query.results(candidates)
        if transaction:
            transaction.saw_query(_rerun(query), tuple((one.name, one.updated) for one in documents))
        begun = transaction.id if transaction and request.HasField("new_transaction") else b""
        yield m.RunAggregationQueryResponse(result=aggregated(asked, documents), read_time=read_time, transaction=begun)

    def begin_transaction(self, request: m.BeginTransactionRequest) -> m.BeginTransactionResponse:
        """BeginTransaction."""
        database = self._databases.get(request.database)
        return m.BeginTransactionResponse(transaction=self._transactions.begin(database, request.options).id)

    def rollback(self, request: m.RollbackRequest) -> m.Empty:
        """Rollback."""
        database = self._databases.get(request.database)
        self._transactions.roll_back(request.transaction, database)
        return m.Empty()

    def commit(self, request: m.CommitRequest) -> m.CommitResponse:
        """Commit: all writes or none."""
        database = self._databases.get(request.database)
        with database.lock:
            if request.transaction:
                transaction = self._transactions.get(request.transaction, database)
                self._transactions.end(transaction)
                if transaction.read_only and request.writes:
                    raise invalid("A read-only transaction cannot write.")
                transaction.check()
            committed = database.next_commit_time()
            changes, results = applied(database, request.writes, committed)
            self._databases.commit(database, changes, committed)
        return m.CommitResponse(write_results=results, commit_time=m.timestamp(committed))

    def batch_write(self, request: m.BatchWriteRequest) -> m.BatchWriteResponse:
        """BatchWrite: each write for itself, in any order; the answer says how each went."""
        database = self._databases.get(request.database)
        names = [target(write, database) for write in request.writes]
        if len(set(names)) < len(names):
            raise invalid("A batch write names a document twice.")
        for write in request.writes:
            check_fields(write.update)
        response = m.BatchWriteResponse()
        for write in request.writes:
            result, status = response.write_results.add(), response.status.add()
            try:
                with database.lock:
                    committed = database.next_commit_time()
                    changes, results = applied(database, [write], committed)
                    self._databases.commit(database, changes, committed)
                result.CopyFrom(results[0])
            except Refused as refused:
                status.code, status.message = refused.code.value[0], refused.message
        return response

    def _database_of(self, name: str) -> Database:
        return self._databases.get(split_name(name)[0])

    def _reading(self, request: Any, database: Database) -> tuple[Transaction | None, View]:
        """What a read is part of, and the documents as it sees them."""
        selector = request.WhichOneof("consistency_selector")
        if selector == "transaction":
            transaction = self._transactions.get(request.transaction, database)
            return transaction, transaction.view()
        if selector == "new_transaction":
            transaction = self._transactions.begin(database, request.new_transaction)
            return transaction, transaction.view()
        if selector == "read_time":
            return None, database.view(m.microseconds(request.read_time))
        return None, database.view()


def _moment(request: Any, transaction: Transaction | None, database: Database) -> int:
    """The time a read was made at, microseconds since 1970."""
    if transaction and transaction.moment is not None:
        return transaction.moment
    if request.WhichOneof("consistency_selector") == "read_time":
        return m.microseconds(request.read_time)
    return database.now()


def _mask(request: Any) -> list[tuple[str, ...]] | None:
    return [field_path(text) for text in request.mask.field_paths] if request.HasField("mask") else None


def _rerun(query: Query) -> Callable[[View], Fingerprint]:
    return lambda view: tuple((one.name, one.updated) for one in query.results(query.candidates(view))[0])


def _check_query(request: Any) -> None:
    if request.WhichOneof("query_type") is None:
        raise invalid("The request holds no query.")
    if request.HasField("explain_options"):
        raise unimplemented("explain_options")


CALLS: Final[dict[str, tuple[str, type[Any], bool]]] = {
    "BatchGetDocuments": ("batch_get_documents", m.BatchGetDocumentsRequest, True),
    "BatchWrite": ("batch_write", m.BatchWriteRequest, False),
    "BeginTransaction": ("begin_transaction", m.BeginTransactionRequest, False),
    "Commit": ("commit", m.CommitRequest, False),
    "GetDocument": ("get_document", m.GetDocumentRequest, False),
    "ListCollectionIds": ("list_collection_ids", m.ListCollectionIdsRequest, False),
    "ListDocuments": ("list_documents", m.ListDocumentsRequest, False),
    "Rollback": ("rollback", m.RollbackRequest, False),
    "RunAggregationQuery": ("run_aggregation_query", m.RunAggregationQueryRequest, True),
    "RunQuery": ("run_query", m.RunQueryRequest, True),
}
"""Name on the wire, method, request type, whether the answer is a stream."""


class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """The calls of a `Firestore` for a gRPC server, and UNIMPLEMENTED by name for all others."""

    def __init__(self, firestore: Firestore) -> None:
        self._handlers = {}
        for name, (method, request_type, streams) in CALLS.items():
            answer = getattr(firestore, method)
            make = grpc.unary_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
            self._handlers[f"/{SERVICE}/{name}"] = make(
                _streamed(answer) if streams else _single(answer),
                request_deserializer=request_type.FromString,
                response_serializer=_serialized,
            )

    def service(self, handler_call_details: Any) -> Any:
        """The handler for a call."""
        method = handler_call_details.method
        return self._handlers.get(method) or grpc.stream_stream_rpc_method_handler(_unimplemented(method))


def _serialized(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data


def _single(answer: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def call(request: Any, context: Any) -> Any:
        try:
            return answer(request)
        except Refused as refused:
            context.abort(refused.code, refused.message)

    return call


def _streamed(answer: Callable[[Any], Iterator[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
    def call(request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from answer(request)
        except Refused as refused:
            context.abort(refused.code, refused.message)

    return call


def _unimplemented(method: str) -> Callable[[Any, Any], Iterator[bytes]]:
    def call(requests: Any, context: Any) -> Iterator[bytes]:
        refused = unimplemented(method.rpartition("/")[2])
        context.abort(refused.code, refused.message)
        yield b""

    return call
