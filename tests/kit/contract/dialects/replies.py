"""Random replies: every kind of part, with every kind of value that its class admits."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st

import fulfillment
from fulfillment import Payload, Raw, Reply, Text
from fulfillment.dialects.losses import TABLE
from fulfillment.parts import Part

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
scalars = st.none() | st.booleans() | numbers | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)
objects = st.dictionaries(words, values, max_size=3)

# What a constructor refuses, or takes as one of two forms.
_names = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True)
_special: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Context", "name"): _names,
    ("Context", "lifespan"): st.integers(0, 9),
    ("FormParameter", "value"): values,
    ("TargetPage", "name"): st.sampled_from(["START_PAGE", "b1", "projects/p/x/y"]),
    ("TargetFlow", "name"): st.sampled_from(["f1", "projects/p/x/y"]),
}


def value_for(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a member's declared type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of([value_for(argument) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is Sequence:
        return st.lists(value_for(arguments[0]), max_size=3)
    if origin is Mapping or hint is Mapping:
        return objects
    if hint is Any:
        return values
    if isinstance(hint, type) and issubclass(hint, Part):
        return one_of_kind(hint)
    simple = {str: words, bool: st.booleans(), int: st.integers(0, 9), float: numbers, NoneType: st.none()}
    return simple[hint]


def _values_of(kind: str, member: str, hint: Any) -> st.SearchStrategy[Any]:
    return _special[kind, member] if (kind, member) in _special else value_for(hint)


@st.composite
def one_of_kind(draw: st.DrawFn, kind: Any) -> Any:
    """Draw a part of a class, whatever its constructor looks like; what it refuses is drawn again."""
    hints = typing.get_type_hints(kind)
    name = kind.__name__
    members = {
        field.name: draw(_values_of(name, field.name, hints[field.name]))
        for field in dataclasses.fields(kind)
        if field.name != "platform"
    }
    part = kind.__new__(kind)
    for member, value in members.items():
        object.__setattr__(part, member, value)
    platform = kind.__dataclass_fields__.get("platform")
    if platform is not None:
        object.__setattr__(part, "platform", platform.default if platform.default is not dataclasses.MISSING else "")
    try:
        part.__post_init__()
    except ValueError:
        from hypothesis import reject

        reject()
    return part


def parts() -> st.SearchStrategy[Any]:
    """Return parts of every class in the table, apart from `Raw`, which is passed through unchecked."""
    kinds = [getattr(fulfillment, name) for name in TABLE if name not in ("Raw", "Payload", "Text", "RichContent")]
    made = [one_of_kind(kind) for kind in kinds]
    return st.one_of(
        st.lists(words, min_size=1, max_size=3).map(lambda variants: Text(*variants)),
        objects.map(Payload),
        rich_contents(),
        *made,
    )


def rich_contents() -> st.SearchStrategy[Any]:
    """Return Messenger's rich content, with every kind of element."""
    from fulfillment.messages import messenger

    kinds = [kind for kind in messenger.Element.__subclasses__() if kind.__module__ == messenger.__name__]
    elements = st.one_of([one_of_kind(kind) for kind in kinds])
    return st.lists(elements, min_size=1, max_size=3).map(lambda found: messenger.RichContent(*found))


def replies() -> st.SearchStrategy[Reply]:
    """Return replies of up to five parts."""
    return st.lists(parts(), min_size=1, max_size=5).map(lambda found: Reply(*found))


__all__ = ["Raw", "objects", "parts", "replies", "values"]
