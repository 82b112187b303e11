import io

from tests.matching.people import person
from tracing.matching import compare
from tracing.matching.explain import draw


class TestDraw:
    def test_shows_every_comparison_and_the_sum(self) -> None:
        out = io.StringIO()
        found = compare(person("[red]a", sex="male", birth="1990"), person("b", sex="female", birth="1990"))
        draw(found, out)
        text = out.getvalue()
        assert "[red]a and b" in text
        assert all(one.comparison in text and f"{one.weight:+.1f}" in text for one in found.evidence)
        assert f"{found.weight:+.1f}" in text

    def test_tells_agreement_from_conflict(self) -> None:
        out = io.StringIO()
        draw(compare(person("a", sex="male"), person("b", sex="female")), out)
        assert "█" in out.getvalue()
        assert "░" in out.getvalue()
