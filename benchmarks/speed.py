"""How long whole processes take, side by side in one run: start-up, a reference architecture, and 1 to 20 MB.

    python benchmarks/speed.py [RUNS]

Each figure is the median of RUNS (5) after one warm-up; memory is the largest resident set of the process.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from generate import ROOT, generate

REFERENCE = ROOT / "fixtures" / "architectures" / "web-app" / "reference"
MEGABYTES = (1, 5, 10, 20)


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Return the median seconds of a command and its largest memory in megabytes."""
    seconds, memory = [], 0
    for turn in range(runs + 1):
        started = time.perf_counter()
        process = os.posix_spawn(
            command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        )
        _, _, usage = os.wait4(process, 0)
        if turn:
            seconds.append(time.perf_counter() - started)
        memory = max(memory, usage.ru_maxrss)
    return statistics.median(seconds), memory / 1024


def main() -> None:
    """Print one line for each measurement."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python = sys.executable
    tool = str(Path(python).with_name("refarch-lint"))
    bare, memory = measure([python, "-c", "pass"], runs)
    rows = [("bare Python start", bare, memory)]
    rows.append(("refarch-lint --version", *measure([tool, "--version"], runs)))
    rows.append(("web-app reference", *measure([tool, "--exit-zero", str(REFERENCE)], runs)))
    with tempfile.TemporaryDirectory() as folder:
        for size in MEGABYTES:
            home = Path(folder) / str(size)
            generate(home, size)
            rows.append((f"{size} MB generated", *measure([tool, "--exit-zero", str(home)], runs if size < 5 else 3)))
    print(f"{'what':<24} {'seconds':>8} {'x bare':>7} {'MB':>6}")
    for name, seconds, peak in rows:
        print(f"{name:<24} {seconds:>8.3f} {seconds / bare:>7.1f} {peak:>6.0f}")
    print(f"{resource.getpagesize()} byte pages, Python {sys.version.split()[0]}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
