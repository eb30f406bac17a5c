"""Aggregations over a query's result: count, sum and average.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredaggregationquery
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from .documents import StoredDocument
from .messages import AggregationResult, StructuredAggregationQuery, Value
from .paths import DOCUMENT_ID, FieldPath, field_path
from .refusals import invalid
from .transforms import MAX_INT64, MIN_INT64
from .values import find

MAX_AGGREGATIONS: Final = 5


def aggregated(query: StructuredAggregationQuery, documents: Sequence[StoredDocument]) -> AggregationResult:
    """The aggregations' values by alias.

    Raises:
        Refused: INVALID_ARGUMENT for none, over five, a doubled alias, or one that is no aggregation.
    """
    if not 1 <= len(query.aggregations) <= MAX_AGGREGATIONS:
        raise invalid(f"A query has 1 to {MAX_AGGREGATIONS} aggregations; this one has {len(query.aggregations)}.")
    result = AggregationResult()
    for number, aggregation in enumerate(query.aggregations, 1):
        alias = aggregation.alias or f"field_{number}"
        if alias in result.aggregate_fields:
            raise invalid(f'Two aggregations are called "{alias}".')
        result.aggregate_fields[alias].CopyFrom(_value(aggregation, documents))
    return result


def aggregated_fields(query: StructuredAggregationQuery) -> list[FieldPath]:
    """The fields that are added up, sorted, each once.

    Raises:
        Refused: INVALID_ARGUMENT for the document's name, or together with a projection.
    """
    fields = set()
    for aggregation in query.aggregations:
        kind = aggregation.WhichOneof("operator")
        if kind in ("sum", "avg"):
            fields.add(field_path(getattr(aggregation, kind).field.field_path))
    if (DOCUMENT_ID,) in fields:
        raise invalid("The document's name cannot be added up.")
    if fields and query.structured_query.HasField("select"):
        raise invalid("A query that adds up fields cannot select others.")
    return sorted(fields)


def _value(aggregation: StructuredAggregationQuery, documents: Sequence[StoredDocument]) -> Value:
    kind = aggregation.WhichOneof("operator")
    if kind == "count":
        return _count(aggregation, len(documents))
    if kind == "sum":
        return _number(_sum(_numbers(documents, field_path(aggregation.sum.field.field_path))))
    if kind == "avg":
        numbers = _numbers(documents, field_path(aggregation.avg.field.field_path))
        return Value(double_value=float(_exact_sum(numbers)) / len(numbers)) if numbers else Value(null_value=0)
    raise invalid("An aggregation is count, sum or avg.")


def _count(aggregation: StructuredAggregationQuery, found: int) -> Value:
    if not aggregation.count.HasField("up_to"):
        return Value(integer_value=found)
    limit = aggregation.count.up_to.value
    if limit <= 0:
        raise invalid(f"count's up_to is positive, not {limit}.")
    return Value(integer_value=min(found, limit))


def _numbers(documents: Sequence[StoredDocument], path: FieldPath) -> list[int | float]:
    numbers: list[int | float] = []
    for document in documents:
        value = find(document.message.fields, path)
        kind = value.WhichOneof("value_type") if value is not None else None
        if kind in ("integer_value", "double_value"):
            numbers.append(getattr(value, kind))
    return numbers


def _sum(numbers: list[int | float]) -> int | float:
    total = _exact_sum(numbers)
    if isinstance(total, int) and not MIN_INT64 <= total <= MAX_INT64:
        return float(total)
    return total


def _exact_sum(numbers: list[int | float]) -> int | float:
    """Integers add up to an integer of any size; with doubles, which add up by themselves, the sum is a double."""
    integers = sum(number for number in numbers if isinstance(number, int))
    doubles = [number for number in numbers if isinstance(number, float)]
    return float(integers) + _double_sum(doubles) if doubles else integers


def _double_sum(doubles: list[float]) -> float:
    """Kahan's sum, as Google's emulator adds; it cannot carry infinities, which add up by themselves."""
    total = compensation = 0.0
    for number in doubles:
        corrected = number - compensation
        following = total + corrected
        compensation = (following - total) - corrected
        total = following
    return sum(doubles) if math.isnan(total) else total


def _number(number: int | float) -> Value:
    return Value(integer_value=number) if isinstance(number, int) else Value(double_value=number)
