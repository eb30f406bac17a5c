"""doctor.sh against projects that are broken in one way each: it names exactly that, and what mends it."""

from __future__ import annotations

import pytest
from bench import Bench
from broken import FAULTS
from deployments import Deployment

IN_EVERY_RUN = ("no invoker",)


def test_a_sound_project_has_nothing_wrong(bench: Bench, first: Deployment) -> None:
    bench.cloud.restore(first.world)
    ran = bench.run("./deploy/doctor.sh")
    assert ran.code == 0, ran.text
    assert "Nothing is wrong." in ran.out
    assert bench.cloud.changes() == [seen for seen in bench.cloud.changes() if seen.path.endswith("entries:list")]
    assert "first-secret-of-all" not in ran.text


@pytest.mark.parametrize("name", [n if n in IN_EVERY_RUN else pytest.param(n, marks=pytest.mark.long) for n in FAULTS])
def test_it_names_exactly_the_fault(bench: Bench, first: Deployment, name: str) -> None:
    make, thing, word, mend = FAULTS[name]
    bench.cloud.restore(first.world)
    make(bench.cloud)
    ran = bench.run("./deploy/doctor.sh")
    assert ran.code == 1, ran.text
    lines = [line for line in ran.out.splitlines() if line.startswith("wrong")]
    assert len(lines) == 1, ran.out
    assert lines[0].removeprefix("wrong  ").startswith(thing)
    assert word in lines[0]
    assert mend in ran.out.split(lines[0])[1]
