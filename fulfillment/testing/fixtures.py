"""Fixtures for your tests: `pytest_plugins = ["fulfillment.testing.fixtures"]` in `tests/conftest.py`.

`outside_answers`: an `OutsideAnswers`; with it, `outside` sends nothing that the test does not expect.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from .outside import OutsideAnswers

_ANSWERS = pytest.StashKey[OutsideAnswers]()


@pytest.fixture
def outside_answers(request: pytest.FixtureRequest) -> Iterator[OutsideAnswers]:
    """What the outside answers in this test; any other call fails it, as does an answer that nobody asked for."""
    with OutsideAnswers() as answers:
        request.node.stash[_ANSWERS] = answers
        yield answers


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    """Judge the outside calls as a part of the test, so that it fails once, and says why."""
    try:
        result = yield
    except BaseException as error:
        if answers := pyfuncitem.stash.get(_ANSWERS, None):
            with contextlib.suppress(AssertionError):
                answers.check()
            for line in answers.unexpected:
                if line not in str(error):
                    error.add_note(line)
        raise
    if answers := pyfuncitem.stash.get(_ANSWERS, None):
        try:
            answers.check()
        except AssertionError as failure:
            pytest.fail(str(failure), pytrace=False)
    return result
