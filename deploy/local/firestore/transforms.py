"""Field transforms: what a write computes from the value that is there.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#fieldtransform
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from .messages import FieldTransform, Value, timestamp
from .refusals import invalid
from .values import order_key

MAX_INT64: Final = 2**63 - 1
MIN_INT64: Final = -(2**63)
_REQUEST_TIME: Final = 1

_NULL: Final = Value(null_value=0)


def transformed(current: Value | None, transform: FieldTransform, committed: int) -> tuple[Value, Value]:
    """The field's new value, and what the write's result says about it.

    Args:
        current: the value now, or None where there is no such field.
        committed: the commit's time, microseconds since 1970: what "server timestamp" means.
    """
    kind = transform.WhichOneof("transform_type")
    if kind == "set_to_server_value":
        if transform.set_to_server_value != _REQUEST_TIME:
            raise invalid("The only server value is REQUEST_TIME.")
        # REQUEST_TIME has millisecond precision.
        new = Value(timestamp_value=timestamp(committed - committed % 1000))
        return new, new
    if kind in _NUMERIC:
        operand = getattr(transform, kind)
        if not _is_number(operand):
            raise invalid(f"{kind} needs a number.")
        new = _NUMERIC[kind](current, operand) if current is not None and _is_number(current) else operand
        return new, new
    if kind == "append_missing_elements":
        return _united(current, transform.append_missing_elements.values), _NULL
    if kind == "remove_all_from_array":
        return _without(current, transform.remove_all_from_array.values), _NULL
    raise invalid("A field transform says nothing to do.")


def _is_number(value: Value) -> bool:
    return value.WhichOneof("value_type") in ("integer_value", "double_value")


def _number(value: Value) -> int | float:
    number: int | float = getattr(value, value.WhichOneof("value_type"))
    return number


def _increased(current: Value, operand: Value) -> Value:
    left, right = _number(current), _number(operand)
    if isinstance(left, int) and isinstance(right, int):
        return Value(integer_value=max(MIN_INT64, min(MAX_INT64, left + right)))
    return Value(double_value=float(left) + float(right))


def _larger(current: Value, operand: Value) -> Value:
    left, right = _number(current), _number(operand)
    if math.isnan(left) or math.isnan(right):
        return Value(double_value=math.nan)
    return operand if right > left else current


def _smaller(current: Value, operand: Value) -> Value:
    left, right = _number(current), _number(operand)
    if math.isnan(left) or math.isnan(right):
        return Value(double_value=math.nan)
    return operand if right < left else current


_NUMERIC: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "increment": _increased,
    "maximum": _larger,
    "minimum": _smaller,
}


def _elements(value: Value | None) -> list[Value]:
    return list(value.array_value.values) if value is not None else []


def _array(elements: list[Value]) -> Value:
    array = Value()
    array.array_value.SetInParent()
    array.array_value.values.extend(elements)
    return array


def _united(current: Value | None, added: Any) -> Value:
    elements = _elements(current)
    present = {order_key(element) for element in elements}
    for element in added:
        key = order_key(element)
        if key not in present:
            present.add(key)
            elements.append(element)
    return _array(elements)


def _without(current: Value | None, removed: Any) -> Value:
    gone = {order_key(element) for element in removed}
    return _array([element for element in _elements(current) if order_key(element) not in gone])
