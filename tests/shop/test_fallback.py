from tests.kit.requests import es_context, words


def test_after_repeated_misses_a_person_is_offered(ask):
    counters = [es_context("__system_counters__", **{"no-match": 3.0})]
    assert "a person" in words(ask("Default Fallback Intent", contexts=counters))


def test_a_first_miss_is_asked_about(ask):
    assert "Could you say it in other words?" in words(ask("Default Fallback Intent"))


def test_a_request_without_an_intent_is_a_miss_too(ask):
    assert "Could you say it in other words?" in words(ask(""))
