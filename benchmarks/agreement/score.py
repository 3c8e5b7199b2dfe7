"""Hold our rules against the cases of other tools and print where they agree, where not, and why not.

python benchmarks/agreement/score.py FOLDER [TOOL…]

FOLDER holds `cases/<tool>.jsonl`, one case a line: {case, root, files, check, object, expect}; `files` are below
`root`, `root` below FOLDER, and `expect` is pass, fail, skip (nothing found) or checked (looked at). Which rules
answer for a check, and where we decide otherwise on purpose, stands in `mapping/<tool>.yaml`. Exits with 1 where fewer
than 95 % of the cases agree that no stated difference covers, and with 2 where there is nothing to score.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.catalogue.reading import raise_faults, read_document
from refarch_lint.config import settings_of
from refarch_lint.evaluate.finding import Finding
from refarch_lint.evaluate.lint import lint

MAPPINGS = Path(__file__).parent / "mapping"
GOAL = 0.95


class Scored(NamedTuple):
    """One case: what the other tool expects, what our rules said, and the stated reason for a difference, if any."""

    check: str
    case: str
    rules: tuple[str, ...]
    expected: str
    verdict: str
    messages: tuple[str, ...]
    reason: str

    @property
    def agrees(self) -> bool:
        return self.verdict == self.expected

    @property
    def outcome(self) -> str:
        if self.agrees:
            return "agrees"
        return "stated" if self.reason else "differs"


def main(folder: Path, named: Iterable[str]) -> int:
    """Score the tools that are named, else all that have cases; print the results, and return an exit code."""
    mapped = sorted(file.stem for file in MAPPINGS.glob("*.yaml"))
    with_cases = [tool for tool in mapped if (folder / "cases" / f"{tool}.jsonl").is_file()]
    tools = tuple(named) or tuple(with_cases)
    for tool in tools:
        if tool not in mapped:
            print(f"no mapping for {tool}; there are those of {', '.join(mapped)}", file=sys.stderr)
            return 2
        if tool not in with_cases:
            print(f"no cases for {tool}: {folder / 'cases' / f'{tool}.jsonl'} is no file", file=sys.stderr)
            return 2
    if not tools:
        print(f"no cases for any mapping in {folder / 'cases'}", file=sys.stderr)
        return 2
    catalogue = load_catalogue()
    code = 0
    for tool in tools:
        mapping = _mapping(tool)
        cases = [json.loads(line) for line in (folder / "cases" / f"{tool}.jsonl").read_text().splitlines()]
        known = [rule for entry in mapping["checks"].values() for rule in entry["rules"]]
        missing = sorted(set(known) - set(catalogue.rules))
        scored = list(score(folder, cases, mapping, catalogue))
        _print(tool, mapping, cases, scored, missing)
        if _share(scored) < GOAL or missing:
            code = 1
    return code


def _mapping(tool: str) -> Mapping[str, Any]:
    file = MAPPINGS / f"{tool}.yaml"
    document, faults = read_document(file, file.name)
    raise_faults(faults)
    assert document is not None
    data: dict[str, Any] = document.data
    return data


def score(
    folder: Path, cases: Iterable[Mapping[str, Any]], mapping: Mapping[str, Any], catalogue: Catalogue
) -> Iterator[Scored]:
    """Yield the score of every case whose check is mapped to rules that exist."""
    for case in cases:
        entry = mapping["checks"].get(case["check"])
        if entry is None:
            if not any(fnmatchcase(case["check"], pattern) for pattern in mapping["unmapped"]):
                raise SystemExit(f"check {case['check']} is neither mapped nor unmapped in {mapping['tool']}.yaml")
            continue
        rules = tuple(rule for rule in entry["rules"] if rule in catalogue.rules)
        if not rules:
            continue
        verdict, messages = _verdict(folder, case, entry, mapping.get("settings", {}), rules, catalogue)
        expected = {"skip": "pass"}.get(case["expect"], case["expect"])
        reasons = [item["reason"] for item in _fitting(entry.get("differences", ()), case)]
        yield Scored(case["check"], case["case"], rules, expected, verdict, messages, " ".join(reasons))


def _fitting(items: Iterable[Mapping[str, Any]], case: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        if any(fnmatchcase(case["case"], pattern) for pattern in item["cases"]):
            yield item


def _verdict(
    folder: Path,
    case: Mapping[str, Any],
    entry: Mapping[str, Any],
    base: Mapping[str, Any],
    rules: tuple[str, ...],
    catalogue: Catalogue,
) -> tuple[str, tuple[str, ...]]:
    layers = [base, entry.get("settings", {})]
    layers += [item["settings"] for item in _fitting(entry.get("settings_for", ()), case)]
    settings = replace(settings_of(reduce(merged, layers, {}), folder), select=rules)
    report = lint([str(folder / case["root"] / file) for file in case["files"]], settings, catalogue)
    wanted = re.compile(entry.get("message", ""))
    messages = tuple(
        f"{finding.location} [{finding.rule}] {finding.message}"
        for finding in report.active
        if finding.rule in rules and wanted.search(finding.message) and _is_about(finding, case.get("object") or {})
    )
    if case["expect"] == "checked":
        looked = any(outcome.passed or outcome.failed for outcome in report.outcomes if outcome.rule in rules)
        return ("checked" if looked else "pass"), messages
    return ("fail" if messages else "pass"), messages


def _is_about(finding: Finding, wanted: Mapping[str, str]) -> bool:
    return all(not value or getattr(finding.resource, key, "") == value for key, value in wanted.items())


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return two mappings as one, the second over the first at every depth."""
    found = dict(first)
    for key, value in second.items():
        old = found.get(key)
        found[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _share(scored: list[Scored]) -> float:
    counted = [item for item in scored if item.outcome != "stated"]
    return sum(item.agrees for item in counted) / len(counted) if counted else 0.0


def _print(
    tool: str, mapping: Mapping[str, Any], cases: list[Mapping[str, Any]], scored: list[Scored], missing: list[str]
) -> None:
    from tabulate import tabulate

    print(f"# {tool}\n")
    by_rule: dict[str, list[Scored]] = defaultdict(list)
    for item in scored:
        by_rule[" + ".join(item.rules)].append(item)
    rows = [(rule, len(items), *_counts(items), f"{_share(items):.0%}") for rule, items in sorted(by_rule.items())]
    rows.append(("all", len(scored), *_counts(scored), f"{_share(scored):.1%}"))
    print(tabulate(rows, headers=("rules", "cases", "agree", "stated", "differ", "agreement"), tablefmt="simple"))
    for outcome, title in (("differs", "Disagreements without a stated reason"), ("stated", "Stated differences")):
        chosen = [item for item in scored if item.outcome == outcome]
        print(f"\n{title}: {len(chosen)}")
        for item in chosen:
            print(f"- {item.check}, {item.case}: expected {item.expected}, we say {item.verdict}")
            print("".join(f"  {message}\n" for message in item.messages[:2]), end="")
            if item.reason:
                print(f"  {item.reason}")
    idle = [item for item in scored if item.reason and item.agrees]
    print(f"\nStated differences that did not show: {len(idle)}")
    print("".join(f"- {item.check}, {item.case}\n" for item in idle), end="")
    print(f"\nUnmapped checks: {len(mapping['unmapped'])}")
    for check, why in mapping["unmapped"].items():
        count = sum(fnmatchcase(case["check"], check) for case in cases)
        print(f"- {check} ({count} cases): {' '.join(why.split())}")
    if missing:
        print(f"\nRules that the mapping names and the catalogue lacks: {', '.join(missing)}")
    print()


def _counts(items: list[Scored]) -> tuple[int, int, int]:
    outcomes = [item.outcome for item in items]
    return outcomes.count("agrees"), outcomes.count("stated"), outcomes.count("differs")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
