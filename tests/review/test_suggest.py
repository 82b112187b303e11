"""The bridge to the engine: whose weights, which pairs, in slices."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.matching.people import person
from tracing.demo.casebase import persons
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings
from tracing.matching import Engine, Person, read
from tracing.matching.model import default_weights
from tracing.review import suggest

ENGINE = Engine()


def ids(count: int) -> list[UUID]:
    return [UUID(int=number) for number in range(count)]


@pytest.fixture(scope="module")
def pool() -> suggest.Pool:
    """Sixty fictional persons."""
    records = [record | {"id": str(UUID(int=place))} for place, record in enumerate(persons(3, 60)[0])]
    return suggest.Pool.counted(ENGINE, (read(Person.from_neutral(record)) for record in records))


class TestWeights:
    def test_without_a_setting_are_those_that_ship(self, tmp_path: Path) -> None:
        assert suggest.plain_engine(Settings(data_dir=tmp_path)).version == ENGINE.version

    def test_an_empty_setting_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRACING_WEIGHTS", "")
        assert Settings().weights is None

    def test_of_the_setting_are_used_and_reach_a_child(self, tmp_path: Path) -> None:
        path = tmp_path / "w.json"
        path.write_text(default_weights().to_json().replace(default_weights().version, "ours"), "utf-8")
        settings = Settings(weights=path)
        assert suggest.plain_engine(settings).version.endswith("/ours")
        assert settings.environment()["TRACING_WEIGHTS"] == str(path)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (None, "No such file"),
            (b"\xff\xfe", "not UTF-8"),
            (b"{}", "not a weights table"),
            (default_weights().to_json().replace('"exact"', '"exactly"').encode(), "no weights for names: exact"),
        ],
    )
    def test_that_are_none_are_refused_in_one_line(self, tmp_path: Path, content: bytes | None, reason: str) -> None:
        path = tmp_path / "w.json"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Unsafe, match=reason) as refused:
            suggest.plain_engine(Settings(weights=path))
        assert refused.value.detail.startswith("TRACING_WEIGHTS: ")
        assert "\n" not in refused.value.detail


class TestPool:
    def test_counts_names_while_it_reads(self) -> None:
        made = suggest.Pool.counted(ENGINE, [read(person(str(one), "Qwxrtz")) for one in ids(40)])
        plain = suggest.Pool.of(ENGINE, [read(person(str(one), "Qwxrtz")) for one in ids(40)])
        assert made.engine.rarities(made.roster)[0] < plain.engine.rarities(plain.roster)[0]
        assert made.places == {one: place for place, one in enumerate(ids(40))}


class TestScorePairs:
    def pairs(self) -> list[tuple[UUID, UUID]]:
        everybody = ids(60)
        return [(one, other) for one in everybody[:20] for other in everybody[20:]]

    @pytest.mark.slow
    def test_in_slices_of_any_size_are_the_same(self, pool: suggest.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = suggest.score_pairs(pool, self.pairs(), prior=0.01, minimum=0.0)
        monkeypatch.setattr(suggest, "PAIRS", 7)
        sliced = suggest.score_pairs(pool, iter(self.pairs()), prior=0.01, minimum=0.0)
        assert sliced[0] == whole[0] == 800
        assert [(s.left, s.right, s.levels) for s in sliced[1]] == [(s.left, s.right, s.levels) for s in whole[1]]
        assert [s.weight for s in sliced[1]] == pytest.approx([s.weight for s in whole[1]], abs=1e-3)

    def test_keep_those_of_at_least_the_minimum(self, pool: suggest.Pool) -> None:
        _, every = suggest.score_pairs(pool, self.pairs(), prior=0.3, minimum=0.0)
        _, kept = suggest.score_pairs(pool, self.pairs(), prior=0.3, minimum=0.4)
        assert kept == [scored for scored in every if scored.probability >= 0.4]
        assert 0 < len(kept) < len(every)

    def test_pass_over_who_is_not_in_the_pool(self, pool: suggest.Pool) -> None:
        stranger = UUID(int=999)
        pairs = [(stranger, UUID(int=1)), (UUID(int=1), stranger), (UUID(int=1), UUID(int=2))]
        compared, kept = suggest.score_pairs(pool, pairs, prior=0.5, minimum=0.0)
        assert compared == len(kept) == 1

    def test_of_nothing_are_nothing(self, pool: suggest.Pool) -> None:
        assert suggest.score_pairs(pool, [], prior=0.5, minimum=0.0) == (0, [])
