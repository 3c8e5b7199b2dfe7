"""Run kubeconform's own cases through our command line and print whether each has the status that it expects.

python benchmarks/agreement/score_kubeconform.py FOLDER [--inputs FOLDER] [--online]

FOLDER holds `cases/kubeconform.jsonl`, one case a line: {case, command, expect}, and `files/kubeconform/fixtures`,
which the commands name; what is missing there is looked for in the folder of `--inputs`. What the flags are in our
words stands in `kubeconform.yaml`. Addresses lead to a server on the local host that has the schemas which are built
in, in the layout of the published ones; `--online` asks the real hosts. Exits with 1 where a status is another one.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from kubeconform_server import StandIn, serving
from score import merged

from refarch_lint.catalogue.reading import raise_faults, read_document
from refarch_lint.cli import run

MAPPING = Path(__file__).with_name("kubeconform.yaml")
FORMS = ("literal", "translated", "counterpart")
_HOST = re.compile(r"https?://raw\.githubusercontent\.com(?=/)")


class Command(NamedTuple):
    """A command of a case, taken apart."""

    environment: dict[str, str]
    flags: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    stdin: str


class Translated(NamedTuple):
    """A command in our words, how literal it is, and why it is not the same."""

    arguments: tuple[str, ...]
    settings: Mapping[str, Any]
    rule: Mapping[str, Any] | None
    form: str
    reasons: tuple[str, ...]


class Scored(NamedTuple):
    """What came of a case; `status` is pass or fail, or what went wrong with the case itself."""

    case: str
    expected: str
    status: str
    code: int
    translated: Translated
    told: str

    @property
    def agrees(self) -> bool:
        return self.status == self.expected


def main(folder: Path, inputs: Path | None, *, online: bool) -> int:
    """Score every case, print the results and return an exit code."""
    mapping = read_mapping()
    lines = (folder / "cases" / "kubeconform.jsonl").read_text(encoding="utf-8").splitlines()
    with serving() as server:
        scored = [score(json.loads(line), mapping, folder, inputs, None if online else server) for line in lines]
    for item in scored:
        mark = "agrees" if item.agrees else "DIFFERS"
        print(f"{mark}  {item.translated.form:11}  exit {item.code}  {item.case}")
        if not item.agrees:
            print(f"    expected {item.expected}, we say {item.status}: {item.told}")
    forms = Counter(item.translated.form for item in scored if item.agrees)
    print(f"\n{sum(item.agrees for item in scored)} of {len(scored)} cases have the status that they expect: ", end="")
    print(", ".join(f"{forms[form]} {form}" for form in FORMS))
    print(f"Every case: {' '.join(mapping['base']['why'].split())}")
    for reason in dict.fromkeys(reason for item in scored for reason in item.translated.reasons):
        print(f"- {reason}")
    return 0 if all(item.agrees for item in scored) else 1


def read_mapping() -> Mapping[str, Any]:
    """Return what kubeconform's flags are in our words."""
    document, faults = read_document(MAPPING, MAPPING.name)
    raise_faults(faults)
    assert document is not None
    data: dict[str, Any] = document.data
    return data


def parse(command: str, flags: Mapping[str, Any]) -> Command:
    """Return a command taken apart. Raises KeyError for a flag that has no translation."""
    words = shlex.split(command if command.count('"') % 2 == 0 else command.rstrip('"'))
    words = words[: words.index(">")] if ">" in words else words
    stdin = ""
    if words[0] == "cat":
        stdin, words = words[1], words[words.index("|") + 1 :]
    environment = {}
    while "=" in words[0]:
        name, _, environment[name] = words.pop(0).partition("=")
    found: list[tuple[str, str]] = []
    paths: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word.startswith("-") and word != "-":
            flag = f"-{word.lstrip('-')}"
            found.append((flag, next(rest) if flags[flag].get("takes") else ""))
        else:
            paths.append(word)
    return Command(environment, tuple(found), tuple(paths), stdin)


def translate(
    command: Command, mapping: Mapping[str, Any], special: Mapping[str, Any], server: StandIn | None
) -> Translated:
    """Return a command in our words; `special` is what the mapping says of the case, `server` replaces real hosts."""
    base = mapping["base"]
    arguments, select, settings = list(base["arguments"]), list(base["select"]), [base["settings"]]
    forms, reasons, rule = ["literal"], [], None
    for flag, given in command.flags:
        entry = mapping["flags"][flag]
        chosen = entry.get("values", {}).get(given, {})
        value = special.get("values", {}).get(flag, chosen.get("value", given))
        if server and _HOST.search(value):
            value = _HOST.sub(server.address, value)
            forms.append("translated")
            reasons.append("A server on the local host stands in for the hosts of published schemas.")
        filled = _filled({key: entry.get(key) for key in ("arguments", "settings", "rule")}, value)
        arguments += filled["arguments"] or ()
        settings.append(filled["settings"] or {})
        rule = filled["rule"] or rule
        select = [name for name in (*select, *entry.get("select", ())) if name not in entry.get("deselect", ())]
        forms.append(chosen.get("form", entry["form"]))
        reasons += [f"{flag}: {' '.join(why.split())}" for why in (entry.get("why"), chosen.get("why")) if why]
    if command.stdin and "-" not in command.paths:
        forms.append("translated")
        reasons.append("Standard input is named by `-` here.")
    arguments += special.get("arguments", ())
    whole = reduce(merged, settings, {"select": select} | ({"rule-folders": ["rules"]} if rule else {}))
    form = max(forms, key=FORMS.index)
    return Translated(tuple(arguments), whole, rule, form, tuple(reasons))


def _filled(template: Any, value: str) -> Any:
    if isinstance(template, dict):
        return {key: _filled(item, value) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, value) for item in template]
    return template.replace("{value}", value) if isinstance(template, str) else template


def score(
    case: Mapping[str, Any], mapping: Mapping[str, Any], folder: Path, inputs: Path | None, server: StandIn | None
) -> Scored:
    """Run one case in a folder of its own."""
    special = mapping["cases"].get(case["case"], {})
    command = parse(case["command"], mapping["flags"])
    translated = translate(command, mapping, special, server)
    served = len(server.served) if server else 0
    with TemporaryDirectory() as name, _inside(Path(name)) as here:
        for source in (folder / "files" / "kubeconform", *([inputs] if inputs else [])):
            shutil.copytree(source / "fixtures", here / "fixtures", dirs_exist_ok=True)
        (here / "cache").mkdir()
        if _is_changed(special):
            why = " ".join(special["why"].split())
            translated = translated._replace(form=special["form"], reasons=(*translated.reasons, why))
            for number, file in enumerate(special.get("folder", ())):
                target = here / special["without"] / f"{number}.yaml"
                target.parent.mkdir(exist_ok=True)
                shutil.copy(file, target)
        lacking = [
            path for path in (*command.paths, command.stdin) if path not in ("", "-") and not Path(path).exists()
        ]
        if lacking:
            return Scored(case["case"], case["expect"], "missing", -1, translated, f"no {', '.join(lacking)}")
        (here / "settings.json").write_text(json.dumps(translated.settings))
        if translated.rule:
            (here / "rules").mkdir()
            (here / "rules" / f"{translated.rule['id']}.yaml").write_text(json.dumps(translated.rule))
        paths = ("-",) if command.stdin else command.paths
        code, told = _run(("--config", "settings.json", *translated.arguments, *paths), command)
        kept = len(list((here / "cache").iterdir()))
    status = "crash" if code not in (0, 1, 2, 3) else "fail" if code else "pass"
    if status == "pass" and server and server.address in str(translated.arguments) and len(server.served) == served:
        status, told = "not asked", "what is built in answered instead of the server"
    if special.get("kept", kept) != kept:
        status, told = "wrong cache", f"{kept} files are kept instead of {special['kept']}"
    return Scored(case["case"], case["expect"], status, code, translated, told)


def _is_changed(special: Mapping[str, Any]) -> bool:
    """Tell whether a case runs with another input than its own."""
    return "form" in special and not ("without" in special and Path(special["without"]).exists())


def _run(arguments: tuple[str, ...], command: Command) -> tuple[int, str]:
    """Run our command line and return its exit code and the first line that says why."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    stdin, environment = sys.stdin, dict(os.environ)
    sys.stdin = io.TextIOWrapper(io.BytesIO(Path(command.stdin).read_bytes() if command.stdin else b""))
    os.environ.update(command.environment)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = int(run(list(arguments)))
    finally:
        sys.stdin = stdin
        os.environ.clear()
        os.environ.update(environment)
    out.flush()
    text = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return code, next(iter((err.getvalue() or text).strip().splitlines()), "")


@contextmanager
def _inside(folder: Path) -> Iterator[Path]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inputs", type=Path)
    parser.add_argument("--online", action="store_true")
    given = parser.parse_args()
    sys.exit(main(given.folder.resolve(), given.inputs and given.inputs.resolve(), online=given.online))
