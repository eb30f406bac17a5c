"""`Request` and `Context`: what a handler may read."""

from __future__ import annotations

import dataclasses

import pytest

from fulfillment import Context, Request


def test_a_request_for_a_test_needs_only_what_matters() -> None:
    request = Request(intent="order", parameters={"id": "A"})

    assert (request.intent, request.parameters["id"], request.session.name, request.contexts) == ("order", "A", "", {})


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request().intent = "x"  # type: ignore[misc]


def test_what_is_written_into_one_request_is_not_in_another() -> None:
    for member in ("parameters", "contexts", "webhook_payload", "payload", "headers", "body"):
        with pytest.raises(TypeError):
            getattr(Request.received({}), member)["x"] = 1
    assert Request.received({}) == Request()


def test_a_context_is_found_in_any_case() -> None:
    request = Request(contexts={"order": Context("order")})

    assert request.context("Order") == Context("order")
    assert request.context("other") is None


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_context_parameter_is_not_given(empty: object) -> None:
    context = Context("order", parameters={"id": empty, "zero": 0, "no": False})

    assert context.get("id") is None
    assert context.get("id", "A") == "A"
    assert context.get("other", "B") == "B"
    assert (context.get("zero", 1), context.get("no", True)) == (0, False)


def test_a_context_knows_the_users_own_words() -> None:
    context = Context("order", parameters={"day": "2026-11-27", "day.original": "friday", "x": "1", "x.original": ""})

    assert context.original("day") == "friday"
    assert context.original("x") is None


def test_a_context_lives_five_turns_unless_told_otherwise() -> None:
    assert Context("order").lifespan == 5
    assert Context.delete("order") == Context("order", 0)


def test_the_users_words_come_from_whichever_context_has_them() -> None:
    contexts = {"a": Context("a"), "b": Context("b", parameters={"days.original": ["fri", "sat"]})}

    assert Request(contexts=contexts).original("days") == ["fri", "sat"]
    assert Request(contexts=contexts).original("time") is None


@pytest.mark.parametrize(
    ("intent", "parent"),
    [
        ("Order - yes", "Order"),
        ("Order - yes - no", "Order - yes"),
        ("Order - select.number", "Order"),
        ("Order-yes", ""),
        ("Order", ""),
        ("", ""),
    ],
)
def test_the_parent_of_a_follow_up_intent_is_in_its_name(intent: str, parent: str) -> None:
    assert Request(intent=intent).parent_intent == parent


@pytest.mark.parametrize(
    ("intent", "context"),
    [
        ("Order - yes", "order-followup"),
        ("Default Welcome Intent - no", "defaultwelcomeintent-followup"),
        ("Order - yes - no", "order-yes-followup"),
        ("order.status_2 - no", "orderstatus_2-followup"),
        ("What's open? - yes", "whatsopen-followup"),
    ],
)
def test_the_follow_up_context_is_named_after_the_parent(intent: str, context: str) -> None:
    contexts = {name: Context(name) for name in (context, "another-followup")}

    assert Request(intent=intent, contexts=contexts).followup_context == Context(context)


def test_the_only_follow_up_context_is_the_parents_even_when_renamed() -> None:
    only = {"old_name-followup": Context("old_name-followup"), "order": Context("order")}
    two = {**only, "other-followup": Context("other-followup")}

    assert Request(intent="New - yes", contexts=only).followup_context == Context("old_name-followup")
    assert Request(intent="New - yes", contexts=two).followup_context is None
    assert Request(intent="New", contexts=only).followup_context is None


def test_slot_filling_runs_while_parameters_are_missing() -> None:
    assert Request().slot_filling
    assert not Request(all_required_params_present=True).slot_filling
