"""Write a file that nobody else may read and that replaces none."""

import errno
import os
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        OSError: one stands there already, or the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, "stands there already", str(path)) from None
    finally:
        draft.unlink(missing_ok=True)
