import numpy as np

from tracing.matching.training.names import Sample, in_order


def sample(*rows: tuple[int, bool, float, float]) -> Sample:
    """Rows (query, whether true, how much it counts, its only feature)."""
    queries, labels, weights, features = zip(*rows, strict=True)
    ones = np.ones(len(rows))
    table = np.column_stack((features, ones))
    return Sample(table, np.array(labels), np.array(weights, np.float64), np.array(queries))


class TestInOrder:
    def test_holds_each_true_pair_against_the_others_of_its_query(self) -> None:
        found = in_order(sample((0, True, 1, 5), (0, False, 1, 2), (0, False, 1, 3), (1, False, 1, 9)), 4.0)
        assert found.rows.tolist() == [[3, 0], [2, 0]]
        assert found.labels.all()
        assert found.weights.tolist() == [2, 2]
        assert found.queries.tolist() == [0, 0]

    def test_leaves_out_a_pseudonym(self) -> None:
        found = in_order(sample((0, True, 0, 5), (0, False, 1, 2), (1, True, 1, 4), (1, False, 1, 1)), 1.0)
        assert found.queries.tolist() == [1]

    def test_says_nothing_of_a_query_without_another_candidate(self) -> None:
        found = in_order(sample((0, True, 1, 5), (1, True, 1, 4), (1, False, 1, 1)), 1.0)
        assert found.queries.tolist() == [1]
