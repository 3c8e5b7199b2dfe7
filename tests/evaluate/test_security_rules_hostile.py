"""Whatever stands where a manifest should have something else, no security rule breaks down over it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint
from refarch_lint.source.loading import read_bytes

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    "",
    "*",
    "a\nb",
    [],
    {},
    [None],
    [[]],
    ["x"],
    {"name": 1},
    [{"name": None}],
    {"a": None},
)


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def cases() -> tuple[tuple[Any, ...], ...]:
    """Return the documents of every single-file fixture of the security rules."""
    found = []
    for rule in catalogue().rules.values():
        if rule.section == "security":
            for file in sorted((FIXTURES / rule.id).glob("*.yaml")):
                documents = read_bytes(file.name, file.read_bytes()).documents
                found.append(tuple(document.data for document in documents))
    return tuple(found)


def paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from paths(value, (*path, key))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(data=st.data())
def test_no_rule_breaks_down(data: st.DataObject) -> None:
    documents = copy.deepcopy(list(data.draw(st.sampled_from(cases()))))
    for _ in range(data.draw(st.integers(1, 3))):
        document = data.draw(st.sampled_from(documents))
        *parents, last = data.draw(st.sampled_from(list(paths(document))))
        for key in parents:
            document = document[key]
        document[last] = copy.deepcopy(data.draw(st.sampled_from(HOSTILE)))
    text = "\n---\n".join(json.dumps(document) for document in documents)
    report = lint(["-"], Settings(architecture="none", select=("security",)), catalogue(), stdin=lambda: text.encode())
    assert report.coverage.documents == len(documents)
