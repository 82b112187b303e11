"""Training on a toy list: the same bytes each time, and what was shown is learned."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tracing.matching.training import corpus
from tracing.matching.training.corpus import Pair, held_out, pairs
from tracing.matching.training.transliteration import fit, table, train

LETTERS = {"б": "b", "д": "d", "к": "k", "л": "l", "м": "m", "а": "a", "о": "oo"}


def toy() -> list[tuple[str, str]]:
    """(Latin, native): all words of two toy syllables; о becomes two letters."""
    syllables = ["".join(pair) for pair in itertools.product("бдклм", "ао")]
    natives = ["".join(word) for word in itertools.product(syllables, repeat=2)]
    return [("".join(LETTERS[letter] for letter in native), native) for native in natives]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = "".join(f"{latin}\t{native}\t1\n" for latin, native in toy())
    (tmp_path / "russian_train.tsv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_same_list_gives_the_same_bytes(folder: Path) -> None:
    found = pairs(folder, "Cyrl")
    assert table(found, lambda text: None) == table(found, lambda text: None)


def test_training_writes_one_table_and_says_how_it_goes(folder: Path) -> None:
    said: list[str] = []
    train(folder, folder, said.append, ["Cyrl"])
    assert (folder / "transliteration_cyrl.npz").stat().st_size > 0
    assert said[0] == "Cyrl: 100 pairs"


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="russian_train"):
        train(tmp_path, tmp_path, lambda text: None, ["Cyrl"])


def test_a_letter_that_becomes_two_is_learned_for_words_never_shown(folder: Path) -> None:
    shown = [pair for pair in pairs(folder, "Cyrl") if pair.native != "домо"]
    model = fit(shown, (0.3, 0.0, -2.0), lambda text: None)
    right, short, other = model.likeness("Cyrl", ["домо"] * 3, ["doomoo", "domo", "balaka"])
    assert right > short > other
    assert model.reader.read(tuple("домо"), 1) == ("doomoo",)


def test_a_pair_of_strangers_in_the_list_changes_little(folder: Path) -> None:
    honest = pairs(folder, "Cyrl")
    strangers = [Pair("лама", "Cyrl", tuple("лама"), "kookoo"), Pair("кака", "Cyrl", tuple("кака"), "mood")]
    words = ["домо", "кака"], ["doomoo", "kaka"]
    before = fit(honest, (0.3, 0.0, -2.0), lambda text: None).likeness("Cyrl", *words)
    after = fit([*honest, *strangers], (0.3, 0.0, -2.0), lambda text: None).likeness("Cyrl", *words)
    np.testing.assert_allclose(before, after, atol=1.5)


def test_rows_of_another_script_and_repeats_are_left_out(folder: Path) -> None:
    with (folder / "russian_train.tsv").open("a", encoding="utf-8") as file:
        file.write("bada\tбада\t3\nali\tعلي\t1\n\tбада\t1\n123\tбада\t1\nonly\n")
    assert len(pairs(folder, "Cyrl")) == 100


def test_what_is_held_out_is_decided_by_the_native_word_alone() -> None:
    kept = [pair for pair in (Pair(n, "Cyrl", tuple(n), latin) for latin, n in toy()) if held_out(pair)]
    assert kept
    assert all(held_out(Pair(pair.native, "Cyrl", pair.symbols, "other")) for pair in kept)
    assert len(kept) < 3 * 100 / corpus.HELD_OUT
