"""Train the transliteration models of all scripts and write their tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tracing.matching.names.learned import pack
from tracing.matching.names.transliteration import Model
from tracing.matching.training.corpus import FILES, Pair, held_out, pairs
from tracing.matching.training.em import learn
from tracing.matching.training.similarity_map import calibrate

Say = Callable[[str], None]


def train(folder: Path, into: Path, say: Say, models: Sequence[str] = tuple(FILES)) -> None:
    """Write one table per model from the lists in ``folder``; same lists, same bytes.

    Raises ``OSError`` when a list is missing.
    """
    for name in models:
        found = pairs(folder, name)
        say(f"{name}: {len(found)} pairs")
        content = table(found, lambda text, name=name: say(f"{name} {text}"))  # type: ignore[misc]  # mypy types no default
        path = into / f"transliteration_{name.lower()}.npz"
        path.write_bytes(content)
        say(f"{name}: {len(content) / 1e6:.2f} MB")


def table(found: Sequence[Pair], say: Say) -> bytes:
    """The stored model of one script: calibrated on names kept from a first training, then trained on all."""
    kept = [pair for pair in found if held_out(pair)]
    trial = fit([pair for pair in found if not held_out(pair)], (0.0, 0.0, 0.0), lambda text: None)
    calibration = calibrate(trial, kept)
    say("calibration: {:.3f} per bit, {:.3f} per letter, {:.3f}".format(*calibration))
    final = fit(found, calibration, say)
    file = io.BytesIO()
    arrays = pack(final.latin, "latin") | pack(final.native, "native") | {"calibration": np.array(calibration)}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def fit(found: Sequence[Pair], calibration: tuple[float, ...], say: Say) -> Model:
    """Both directions learned from ``found``."""
    natives, latins = [pair.symbols for pair in found], [tuple(pair.latin) for pair in found]
    return Model(
        learn(natives, latins, lambda text: say(f"to Latin, {text}")),
        learn(latins, natives, lambda text: say(f"to native, {text}")),
        calibration,
    )
