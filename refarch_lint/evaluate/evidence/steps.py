"""What a command of a pipeline does: build, test, scan an image, deploy from declarations or by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.regex import regex


class StepKind(StrEnum):
    """The kinds of steps that the checklist asks about."""

    BUILD = "build"
    TEST = "test"
    SCAN = "image scan"
    DEPLOY_DECLARATIVE = "declarative deployment"
    DEPLOY_IMPERATIVE = "imperative deployment"


class Matched(NamedTuple):
    """One thing that a command line does; `what` is the program and its verb, never an argument."""

    kind: StepKind
    what: str
    line: int


#: A program begins a command or follows a word of one, unless that word is an option that takes a name or password.
_START = r"(?:^|(?<!\s-[up])(?<!--user)(?<!--username)(?<!--password)[\s;&|(\"'/=])"
_END = r"(?=$|[\s;&|)\"',:])"
_VALUED = (
    r"(?:-n|-s|-c|-C|-f|--namespace|--context|--kube-context|--kubeconfig|--cluster|--server|--token|--user|--as"
    r"|--username|--password|--org|--severity|--registry-config)"
)
_FLAGS = rf"(?:\s+(?:-{{1,2}}[\w.-]+=\S+|{_VALUED}\s+\S+|(?!{_VALUED}\s)-{{1,2}}[\w.-]+))*"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return regex(f"{_START}(?P<what>{'|'.join(alternatives)}){_END}")


_TEST = _pattern(
    r"(?:npm|pnpm|yarn|bun|lerna|turbo|nx)(?:\s+(?:run|run-script|exec|affected|--\S+))*\s+[\w:.-]*(?:test|e2e|spec)s?(?:[:.-][\w:.-]*)?",
    r"npm\s+t",
    r"(?:npx\s+|yarn\s+|pnpm\s+)?(?:jest|vitest|mocha|ava|tap|karma\s+start|playwright\s+test|cypress\s+run)",
    r"(?:ng|deno|dotnet|flutter|dart|swift|mix|lein|sbt|opa|bats|kuttl|kubectl-kuttl|chainsaw|zig|elm-test|ct)\s+tests?",
    r"ct\s+install",
    r"(?:python3?\s+-m\s+)?(?:pytest|py\.test|unittest|tox|nox|nose2|nosetests)",
    r"(?:python3?\s+)?(?:\./)?manage\.py\s+test",
    r"hatch\s+(?:run\s+)?[\w:.-]*test",
    r"coverage\s+run",
    r"go\s+test",
    r"gotestsum",
    r"ginkgo",
    r"cargo\s+(?:nextest|test)",
    r"(?:bundle\s+exec\s+)?(?:rspec|rake\s+(?:test|spec)|rails\s+test)",
    r"(?:composer\s+(?:run\s+)?test|phpunit|pest|artisan\s+test)",
    r"(?:ctest|xcodebuild\s+test|bazel\s+test|buck2?\s+test|meson\s+test|ninja\s+test)",
    r"(?:make|just|task|mage|invoke|earthly|dagger\s+call|tilt)\s+(?:-C\s+\S+\s+|-\S+\s+)*\+?[\w:./-]*(?:test|check|e2e)s?(?:[\w:-]*)?",
    r"helm\s+(?:unittest|test)",
    r"(?:k6\s+run|newman\s+run|robot|behave|cucumber|artillery\s+run|locust\s+--headless|gatling)",
    r"(?:\./|bash\s+|sh\s+)?(?:[\w.-]+/)*(?:run[-_])?(?:unit[-_]|integration[-_]|e2e[-_]|smoke[-_]|ci[-_])?tests?(?:\.sh|\.py)",
    r"(?:\./|bin/|script/|scripts/|hack/|ci/)(?:[\w.-]+/)*(?:run[-_]|ci[-_])?(?:unit[-_]|integration[-_]|e2e[-_])?tests?",
    r"go\s+run\s+\S*ginkgo",
)
_MAVEN = regex(rf"{_START}(?P<what>(?:\./)?mvnw?\b)(?P<rest>[^;&|]*)")
_MAVEN_GOALS = regex(r"(?<=\s)(?:\w+:)?(test|verify|integration-test|install|package|deploy)(?=$|[\s'\")])")
_GRADLE = regex(rf"{_START}(?P<what>(?:\./)?gradlew?\b)(?P<rest>[^;&|]*)")
_GRADLE_TASKS = regex(r"(?<=[\s:])(\w*[tT]est|check|build)(?=$|[\s'\")])")
_SKIPS_TESTS = regex(r"-DskipTests(?!=false)|-Dmaven\.test\.skip|-x\s+(?:test|check)")
_CONTAINER_TEST = regex(
    rf"{_START}(?P<what>(?:docker|podman|nerdctl)(?:\s+|-)(?:compose\s+(?:\S+\s+)*?)?(?:run|exec|up))\b[^;&|]*?[\s:/_-]tests?\b"
)

_SCAN = _pattern(
    r"trivy(?!\s+(?:config|conf|kubernetes|k8s|plugin|version|--version|server))(?:\s+(?:image|i|fs|filesystem|rootfs|repo|sbom|client))?",
    r"grype",
    rf"snyk{_FLAGS}\s+container\s+(?:test|monitor)",
    r"anchore-cli|anchorectl|inline_scan|grant\s+check",
    r"clair-scanner|clairctl|klar",
    r"docker\s+scout\s+(?:cves|quickview|compare|recommendations)",
    r"docker\s+scan",
    r"twistcli\s+images\s+scan",
    r"(?:sysdig-cli-scanner|scannercli\s+scan|neuvector-scanner|wizcli\s+docker\s+scan|lacework\s+vulnerability)",
    r"gcloud\s+(?:beta\s+)?artifacts\s+docker\s+images\s+scan",
    r"aws\s+ecr\s+start-image-scan",
    r"kubescape\s+scan\s+image",
    r"osv-scanner\s+scan\s+image",
    r"jf\s+docker\s+scan|jfrog\s+(?:rt\s+)?docker\s+scan",
)
_SCAN_OPTIONS = regex(rf"{_START}(?P<what>checkov|snyk|osv-scanner)\b[^;&|]*\s(?:--docker-image|--docker|image)\b")

_BUILD = _pattern(
    r"(?:docker|podman|nerdctl)\s+(?:buildx\s+|image\s+|compose\s+)?(?:build|bake)",
    r"docker-compose\s+build",
    r"buildah\s+(?:bud|build)|img\s+build|pack\s+build|s2i\s+build|ko\s+(?:build|publish)|buildctl\s+build",
    r"kaniko/executor|/?executor\s+--(?:context|dockerfile)",
    r"skaffold\s+build|werf\s+build",
    r"(?:npm|pnpm|yarn|bun)(?:\s+run)?\s+build(?::[\w-]+)?",
    r"(?:go|cargo|dotnet|bazel|nix|swift)\s+build|dotnet\s+publish",
    r"make\s+(?:build|image|images|docker|all|release)\S*",
)

_DECLARATIVE = _pattern(
    rf"(?:kubectl|oc|k3s\s+kubectl|microk8s\s+kubectl){_FLAGS}\s+apply",
    r"argocd\s+app\s+(?:sync|set|create|wait|actions)",
    r"flux\s+(?:reconcile|bootstrap|create)",
    rf"helm{_FLAGS}\s+(?:upgrade|install)",
    r"helmfile(?:\s+-\S+(?:\s+[^-\s]\S*)?)*\s+(?:apply|sync)",
    r"helmsman|kapp\s+deploy|kluctl\s+deploy|tk\s+apply|timoni\s+(?:apply|bundle\s+apply)|ko\s+apply|qbec\s+apply",
    r"skaffold\s+(?:deploy|run|apply)|werf\s+converge|garden\s+deploy|devspace\s+deploy|cdk8s\s+deploy",
    r"kustomize\s+edit\s+set\s+image",
    r"gcloud\s+deploy\s+releases\s+create",
    r"terraform\s+apply|tofu\s+apply|pulumi\s+up",
)
_IMPERATIVE = regex(
    rf"{_START}(?P<what>(?:kubectl|oc|k3s\s+kubectl|microk8s\s+kubectl){_FLAGS}\s+"
    rf"(?:set\s+(?:image|env|resources|selector|serviceaccount|subject|volume)|edit|scale|patch|run|create|expose"
    rf"|autoscale|replace|rollout\s+(?:restart|latest)|new-app))(?=$|[\s;&|)\"'])"
)
_PUSH = regex(rf"{_START}(?P<what>git{_FLAGS}\s+push){_END}")
_EDITS_MANIFESTS = regex(r"kustomize\s+edit|\byq\b[^\n]*\s-i|\bsed\s+-i[^\n]*(?:tag|image)|newTag|\.image\.tag")
_DEPLOY_NAME = regex(r"deploy|release|promote|gitops|rollout|publish-manifests|\bcd\b", re.IGNORECASE)
_SILENT = regex(r"\s*(?:@|-)?\s*(?:#|//|echo\b|printf\b|rem\b|Write-Host\b)", re.IGNORECASE)
_FLAG_WORD = regex(rf"\s+(?:-{{1,2}}[\w.-]+=\S+|{_VALUED}\s+\S+|-{{1,2}}[\w.-]+)")

_SCAN_ACTION = (
    r"trivy|grype|anchore/|snyk/actions/docker|snyk/scan|docker/scout|container[-_]?scan|image[-_]?scan"
    r"|clair|twistlock|prisma-cloud-scan|sysdiglabs/scan|aquasec|lacework/lw-scanner"
)
_DEPLOY_ACTION = (
    r"argo-?cd|flux|helm[-_/]?(?:deploy|upgrade|install)|helmdeploy|k8s-deploy|kubernetesmanifest|kustomize|azure/k8s"
    r"|kubectl-run|kubernetes/create-or-update|helmfile|google-github-actions/(?:deploy|create-cloud-deploy)"
)
_TEST_ACTION = r"(?:^|[/_-])(?:pytest|unit-?test|go-?test|golang-test|vstest|run-?tests?|cypress|playwright)"
_BUILD_ACTION = r"build-push-action|docker/bake|docker@|kaniko|buildah|buildpacks|docker/build|ko-build"

#: Reusable actions, pipes, tasks, orbs and templates by what they do; the first that fits counts.
_ACTIONS: tuple[tuple[StepKind, re.Pattern[str]], ...] = (
    (StepKind.SCAN, regex(_SCAN_ACTION, re.IGNORECASE)),
    (StepKind.DEPLOY_DECLARATIVE, regex(_DEPLOY_ACTION, re.IGNORECASE)),
    (StepKind.TEST, regex(_TEST_ACTION, re.IGNORECASE)),
    (StepKind.BUILD, regex(_BUILD_ACTION, re.IGNORECASE)),
)
_NAMED_TEST = regex(r"(?:^|[\W_])(?:unit|integration|e2e|acceptance|smoke|functional)?[\W_]?tests?(?:$|[\W_])", re.I)


def steps_in(script: str, job: str = "") -> Iterator[Matched]:
    """Yield what each line of a script does, with the line it stands on, from 0; comments and `echo` do nothing.

    `job` names the job or stage, which decides whether a `git push` deploys.
    """
    pending = ""
    first = 0
    for number, raw in enumerate(script.split("\n")):
        line = raw.rstrip()
        if line.endswith("\\"):
            first = first if pending else number
            pending += line[:-1] + " "
            continue
        text, start = (pending + line, first) if pending else (line, number)
        pending = ""
        if not _SILENT.match(text):
            yield from (Matched(kind, what, start) for kind, what in _line(text, script, job))
    if pending and not _SILENT.match(pending):
        yield from (Matched(kind, what, first) for kind, what in _line(pending, script, job))


def action_kind(name: str) -> StepKind | None:
    """Return what a reusable action, pipe, task, orb, image or template does, judged by its name."""
    return next((kind for kind, pattern in _ACTIONS if pattern.search(name)), None)


def names_tests(job: str) -> bool:
    """Tell whether a job or stage is named after tests."""
    return bool(_NAMED_TEST.search(job))


def is_idle(script: str) -> bool:
    """Tell whether a script does nothing but speak, wait or end."""
    lines = [line.strip() for line in script.split("\n") if line.strip()]
    return all(_SILENT.match(line) or re.match(r"(?:true|exit|sleep|:|set|cd|export)\b|:$", line) for line in lines)


#: Longer lines are data rather than commands; only their beginning is read.
_LINE_LIMIT = 2000


def _line(text: str, script: str, job: str) -> Iterator[tuple[StepKind, str]]:
    text = text[:_LINE_LIMIT]
    if (match := _TEST.search(text) or _CONTAINER_TEST.search(text)) is not None:
        yield StepKind.TEST, _shown(match)
    else:
        for pattern, goals in ((_MAVEN, _MAVEN_GOALS), (_GRADLE, _GRADLE_TASKS)):
            tool = pattern.search(text)
            goal = goals.search(tool["rest"]) if tool else None
            if tool and goal and not _SKIPS_TESTS.search(text):
                yield StepKind.TEST, f"{tool['what'].removeprefix('./')} {goal[1]}"
    if (match := _SCAN.search(text) or _SCAN_OPTIONS.search(text)) is not None:
        yield StepKind.SCAN, _shown(match)
    if (match := _BUILD.search(text)) is not None:
        yield StepKind.BUILD, _shown(match)
    if (match := _DECLARATIVE.search(text)) is not None or (
        (match := _PUSH.search(text)) is not None and (_DEPLOY_NAME.search(job) or _EDITS_MANIFESTS.search(script))
    ):
        yield StepKind.DEPLOY_DECLARATIVE, _shown(match)
    if "dry-run" not in text and (match := _IMPERATIVE.search(text)) is not None:
        yield StepKind.DEPLOY_IMPERATIVE, _shown(match)


def _shown(match: re.Match[str]) -> str:
    """Return program and verb without the flags between them, whose values may be credentials."""
    return " ".join(_FLAG_WORD.sub("", match["what"]).split()).strip("\"'")
