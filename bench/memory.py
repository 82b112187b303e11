"""Peak memory of a process and all its children: proportional set size, sampled twice a second (Linux)."""

import subprocess
import threading
import time
from pathlib import Path

_EVERY = 0.5


class Peak:
    """Watches a process from a thread of its own until it ends; `mib` is 0 where the system tells nothing."""

    def __init__(self, process: "subprocess.Popen[bytes]", every: float = _EVERY) -> None:
        self._process, self._every = process, every
        self.mib = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def join(self) -> float:
        """Wait for the process's end and return the peak in MiB."""
        self._thread.join()
        return self.mib

    def _watch(self) -> None:
        while self._process.poll() is None:
            self.mib = max(self.mib, sum(_pss(pid) for pid in _tree(self._process.pid)) / 1024)
            time.sleep(self._every)


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(deeper for child in children for deeper in _tree(int(child)))]


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
