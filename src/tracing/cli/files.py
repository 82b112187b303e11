"""What the commands on files share: reading with warnings, a weights table, refusing lines, leaving.

Exit code 0: all lines good; 1: some were refused, the others are done; 2: the command cannot run.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from tracing.matching import Engine, Person, PersonWarning, Weights, WeightsError, files

SOME_REFUSED = 1
CANNOT_RUN = 2

Line = TypeVar("Line")
WeightsFile = Annotated[
    str | None,
    typer.Option("--weights", metavar="FILE", show_default=False, help="A table that `tracing train` wrote."),
]


def engine_of(weights: str | None) -> Engine:
    """The engine with the table of a file, or with the one that ships; a table that is none ends the command."""
    return Engine() if weights is None else Engine(weights=table(weights))


def table(path: str) -> Weights:
    """The weights table of a file, complete for this engine; one that is none ends the command."""
    try:
        found = Weights.from_json(Path(path).read_text("utf-8"))
        Engine(weights=found)
    except OSError as error:
        stop(f"{path}: {error.strerror or 'cannot be read'}")
    except UnicodeDecodeError:
        stop(f"{path}: not UTF-8")
    except WeightsError as error:
        stop(f"{path}: {error}")
    return found


def persons(path: str) -> tuple[list[Person], bool]:
    """Good persons of a file, and whether any line was refused."""
    found: list[Person] = []
    refused = False
    for line in readable(files.persons(path)):
        warn(path, line.line, line.warnings)
        if line.person is None:
            refused = True
            say(f"{path}: line {line.line}: {line.error}")
        else:
            found.append(line.person)
    return found, refused


def labelled_pairs(path: str) -> tuple[list[tuple[Person, Person, bool]], bool]:
    """Good labelled pairs of a file as (left, right, is one person), and whether any line was refused."""
    found: list[tuple[Person, Person, bool]] = []
    refused = False
    for line in readable(files.pairs(path, labelled=True)):
        warn(path, line.line, line.warnings)
        if line.left is None or line.right is None:
            refused = True
            say(f"{path}: line {line.line}: {line.error}")
        else:
            found.append((line.left, line.right, bool(line.label)))
    return found, refused


def readable(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines; a file that cannot be read ends the command."""
    try:
        yield from lines
    except files.FileError as error:
        stop(str(error))


def is_one_file(left: str, right: str) -> bool:
    """Whether two paths lead to one file."""
    try:
        return left == right or Path(left).samefile(right)
    except OSError:
        return False


def warn(path: str, line: int, warnings: Iterable[PersonWarning]) -> None:
    """Say what is odd in a line that is kept."""
    for field, reason in warnings:
        say(f"{path}: line {line}: {field}: {reason} (warning)")


def say(text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(text + "\n")


def leave(some_refused: bool) -> None:
    """End with 1 when some lines were refused."""
    sys.stdout.flush()
    if some_refused:
        raise typer.Exit(SOME_REFUSED)


def stop(reason: str) -> NoReturn:
    """End with 2 and the reason."""
    say(f"Error: {reason}")
    raise typer.Exit(CANNOT_RUN)
