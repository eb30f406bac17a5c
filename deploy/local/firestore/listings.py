"""Listings, for tools: the documents of a collection and the collections of a parent, page by page."""

from __future__ import annotations

from collections.abc import Iterable

from .documents import StoredDocument, View
from .messages import (
    Document,
    ListCollectionIdsRequest,
    ListCollectionIdsResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
)
from .paths import check_id, field_path
from .queries import projected
from .refusals import invalid, unimplemented
from .values import name_key


def listed_documents(request: ListDocumentsRequest, view: View) -> ListDocumentsResponse:
    """One page of a collection's documents by name, those included that are missing but have sub-collections if asked.

    Raises:
        Refused: INVALID_ARGUMENT for a negative page size or a bad id, UNIMPLEMENTED for an order other than by name.
    """
    if request.order_by not in ("", "__name__", "__name__ asc"):
        raise unimplemented("an order other than __name__ in ListDocuments")
    if request.show_missing and not request.collection_id:
        raise invalid("A listing that shows missing documents names its collection.")
    prefix = request.parent + "/"
    if request.collection_id:
        prefix += check_id(request.collection_id, request.collection_id) + "/"
    depth = prefix.count("/") + (0 if request.collection_id else 1)
    found: dict[str, StoredDocument | None] = {}
    for collection in view.collection_names(request.parent):
        if not (collection + "/").startswith(prefix):
            continue
        if collection.count("/") + 1 == depth:
            found.update((document.name, document) for document in view.collection(collection))
        elif request.show_missing:
            found.setdefault("/".join(collection.split("/")[: depth + 1]))
    if request.page_token and not request.page_token.startswith(prefix):
        raise invalid("The page token is of another listing.")
    page, token = _page(found, request.page_size, request.page_token)
    paths = [field_path(text) for text in request.mask.field_paths] if request.HasField("mask") else None
    response = ListDocumentsResponse(next_page_token=token)
    for name in page:
        document = found[name]
        response.documents.append(projected(document, paths) if document else Document(name=name))
    return response


def listed_collection_ids(request: ListCollectionIdsRequest, view: View) -> ListCollectionIdsResponse:
    """One page of the ids of a parent's own collections, those included whose documents are all missing."""
    prefix = request.parent + "/"
    names = {name[len(prefix) :].partition("/")[0] for name in view.collection_names(request.parent)}
    page, token = _page(names, request.page_size, request.page_token)
    return ListCollectionIdsResponse(collection_ids=page, next_page_token=token)


def _page(names: Iterable[str], size: int, token: str) -> tuple[list[str], str]:
    """The names after the token, in order, and the token for the page after.

    The token is the last name of the page before, which may have been deleted since.
    """
    if size < 0:
        raise invalid(f"The page size is negative: {size}.")
    after = name_key(token)
    rest = sorted((name for name in names if not token or name_key(name) > after), key=name_key)
    if not size or len(rest) <= size:
        return rest, ""
    return rest[:size], rest[size - 1]
