"""The cache: bounded, with a lifetime, giving copies."""

from __future__ import annotations

import time

from fulfillment.documents.cache import Cache, Document


def test_a_value_lives_until_its_time_is_over() -> None:
    cache = Cache(entries=2)
    cache.put("a", {"x": 1}, seconds=0.3)
    assert cache.get("a") == {"x": 1}
    time.sleep(0.31)
    assert cache.get("a") is None


def test_the_entry_that_was_used_longest_ago_makes_room() -> None:
    cache = Cache(entries=2)
    for name in ("a", "b"):
        cache.put(name, name, seconds=60)
    cache.get("a")
    cache.put("c", "c", seconds=60)
    assert [cache.get(name) for name in ("a", "b", "c")] == ["a", None, "c"]


def test_values_are_copied_on_the_way_in_and_out() -> None:
    cache = Cache(entries=2)
    original = Document({"list": [{"x": 1}]}, "id", None)
    cache.put("a", original, seconds=60)
    original["list"].clear()
    first = cache.get("a")
    first["list"][0]["x"] = 2
    again = cache.get("a")
    assert again == {"list": [{"x": 1}]}
    assert again.id == "id"


def test_clear_forgets_everything() -> None:
    cache = Cache(entries=2)
    cache.put("a", "a", seconds=60)
    cache.clear()
    assert cache.get("a") is None
