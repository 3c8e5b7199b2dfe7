"""Write manifests of a given size: a reference architecture repeated, every copy in a namespace of its own.

python benchmarks/generate.py FOLDER MEGABYTES [ARCHITECTURE]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1_000_000


def generate(folder: Path, size: float, architecture: str = "web-app") -> int:
    """Write whole copies below `folder` until they have `size` megabytes, and return the bytes written."""
    reference = ROOT / "fixtures" / "architectures" / architecture / "reference"
    texts = [(file.stem, file.read_text(encoding="utf-8")) for file in sorted(reference.rglob("*.yaml"))]
    namespaces = sorted({name for _, text in texts for name in re.findall(r"^  namespace: (\S+)$", text, re.MULTILINE)})
    written = copy = 0
    while written < size * MEGABYTE:
        home = folder / f"copy-{copy:05}"
        home.mkdir(parents=True, exist_ok=True)
        for stem, text in texts:
            for namespace in namespaces:
                pattern = rf"(namespace: |metadata\.name: |^  name: |\.){re.escape(namespace)}(?=$|[\s.,}}\]])"
                text = re.sub(pattern, rf"\g<1>{namespace}-{copy}", text, flags=re.MULTILINE)
            data = text.encode()
            (home / f"{stem}.yaml").write_bytes(data)
            written += len(data)
        copy += 1
    return written


if __name__ == "__main__":
    target, megabytes = Path(sys.argv[1]), float(sys.argv[2])
    total = generate(target, megabytes, *sys.argv[3:4])
    print(f"{total / MEGABYTE:.1f} MB in {target}")
