from itertools import pairwise

from tests.matching.people import person
from tracing.matching import compare
from tracing.matching.explain import span, waterfall


class TestWaterfall:
    def test_each_step_starts_where_the_last_one_ended(self) -> None:
        found = compare(person("a", sex="male", birth="1990"), person("b", sex="female", birth="1990"))
        steps = waterfall(found)
        assert [step.comparison for step in steps] == [one.comparison for one in found.evidence]
        assert steps[0].start == 0.0
        assert all(one.end == two.start for one, two in pairwise(steps))
        assert abs(steps[-1].end - found.weight) < 1e-4

    def test_span_holds_every_sum_and_nothing(self) -> None:
        steps = waterfall(compare(person("a", sex="male"), person("b", "Petro Bondar", sex="female")))
        low, high = span(steps)
        assert (low, high) == (min(step.end for step in steps), 0.0)
        assert span(()) == (0.0, 0.0)
