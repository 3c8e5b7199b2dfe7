"""How long whole processes take, side by side in one run: start-up, a reference architecture, 1 to 20 MB, a fleet.

    python benchmarks/speed.py [RUNS]

Each figure is the median of RUNS (5) after one warm-up. `cpu` is the processor time of the process, which other work on
the machine disturbs less than `wall`; `x bare` divides it by that of a bare Python start. Memory is the most that was
resident. To measure what users have, run this with the Python of an environment into which the wheel is installed.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from generate import ROOT, generate
from network_scale import WHOLE, fleet, write

REFERENCE = ROOT / "fixtures" / "architectures" / "web-app" / "reference"
MEGABYTES = (1, 5, 10, 20)


class Measured(NamedTuple):
    """Median seconds by the clock and of the processor, and the largest memory in megabytes."""

    wall: float
    cpu: float
    memory: float


def measure(command: list[str], runs: int) -> Measured:
    wall, cpu, memory = [], [], 0
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    for turn in range(runs + 1):
        started = time.perf_counter()
        process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
        _, _, usage = os.wait4(process, 0)
        if turn:
            wall.append(time.perf_counter() - started)
            cpu.append(usage.ru_utime + usage.ru_stime)
        memory = max(memory, usage.ru_maxrss)
    return Measured(statistics.median(wall), statistics.median(cpu), memory / 1024)


def main() -> None:
    """Print one line for each measurement."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python = sys.executable
    tool = str(Path(python).with_name("refarch-lint"))
    bare = measure([python, "-c", "pass"], runs * 4)
    rows = [("bare Python start", bare)]
    rows.append(("refarch-lint --version", measure([tool, "--version"], runs * 4)))
    rows.append(("web-app reference", measure([tool, "--exit-zero", str(REFERENCE)], runs * 2)))
    with tempfile.TemporaryDirectory() as folder:
        for size in MEGABYTES:
            home = Path(folder, str(size))
            generate(home, size)
            rows.append((f"{size} MB generated", measure([tool, "--exit-zero", str(home)], runs if size < 10 else 2)))
        for namespaces in (WHOLE // 4, WHOLE // 2, WHOLE):
            home, resources = Path(folder, f"fleet-{namespaces}"), fleet(namespaces)
            write(resources, home)
            rows.append((f"fleet of {len(resources)} objects", measure([tool, "--exit-zero", str(home)], 2)))
    print(f"{'what':<24} {'wall':>8} {'cpu':>8} {'x bare':>7} {'MB':>6}")
    for name, (wall, cpu, memory) in rows:
        print(f"{name:<24} {wall:>8.3f} {cpu:>8.3f} {cpu / bare.cpu:>7.1f} {memory:>6.0f}")
    print(f"{resource.getpagesize()} byte pages, Python {sys.version.split()[0]}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
