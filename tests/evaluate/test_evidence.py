"""What a repository shows: pipelines and documents with their places, its origin, and nothing from outside it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from refarch_lint.evaluate.evidence import RepositoryEvidence, StepKind, gather, pipelines_in, repository_key
from refarch_lint.evaluate.evidence.tree import list_files
from refarch_lint.model.resource import resources_of
from refarch_lint.source.loading import read_bytes

BUILD, TEST, SCAN = StepKind.BUILD, StepKind.TEST, StepKind.SCAN
DECLARATIVE, IMPERATIVE = StepKind.DEPLOY_DECLARATIVE, StepKind.DEPLOY_IMPERATIVE


def repository(root: Path, files: dict[str, str], **settings: tuple[str, ...]) -> RepositoryEvidence:
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    found = gather(root, settings)
    assert found is not None
    return found


def steps_of(root: Path, files: dict[str, str]) -> list[tuple[StepKind, str, str, int]]:
    found = repository(root, files)
    return [
        (step.kind, step.what, step.location.file, step.location.span.start.line)
        for pipeline in found.pipelines
        for step in pipeline.steps
    ]


GITLAB = """\
stages: [build, test, deploy]
include:
- local: /ci/scan.yml
- template: Jobs/SAST.gitlab-ci.yml
build:
  stage: build
  script:
  - docker build -t $IMAGE_TAG .
test:
  stage: test
  script:
  - docker run $IMAGE_TAG npm test
deploy:
  stage: deploy
  script:
  - |
    set -e
    kubectl set image deployment/backend backend=$IMAGE_TAG -n production
  - kubectl rollout status deployment/backend -n production
"""


def test_gitlab_jobs_and_their_included_files(tmp_path: Path) -> None:
    scan = "scan:\n  script: [trivy image $IMAGE]\n"
    assert steps_of(tmp_path, {".gitlab-ci.yml": GITLAB, "ci/scan.yml": scan}) == [
        (BUILD, "docker build", ".gitlab-ci.yml", 8),
        (TEST, "npm test", ".gitlab-ci.yml", 12),
        (IMPERATIVE, "kubectl set image", ".gitlab-ci.yml", 18),
        (SCAN, "trivy image", "ci/scan.yml", 2),
    ]


def test_gitlab_templates_and_job_names_count(tmp_path: Path) -> None:
    text = """\
        include:
        - template: Security/Container-Scanning.gitlab-ci.yml
        unit-tests:
          script: [./run]
        test-nothing:
          script: [echo later]
        build:
          script: [./run]
    """
    assert steps_of(tmp_path, {".gitlab-ci.yml": text}) == [
        (SCAN, "Security/Container-Scanning.gitlab-ci.yml", ".gitlab-ci.yml", 2),
        (TEST, "job unit-tests", ".gitlab-ci.yml", 3),
    ]


def test_github_workflows_run_commands_and_use_actions(tmp_path: Path) -> None:
    text = """\
        on: push
        jobs:
          ci:
            runs-on: ubuntu-latest
            steps:
            - uses: actions/checkout@v4
            - run: |
                npm ci
                npm test
            - uses: docker/build-push-action@v6
            - uses: aquasecurity/trivy-action@0.28.0
              with: {image-ref: app}
            - run: kubectl apply -k overlays/prod
    """
    assert steps_of(tmp_path, {".github/workflows/ci.yaml": text, ".github/dependabot.yml": "version: 2"}) == [
        (TEST, "npm test", ".github/workflows/ci.yaml", 9),
        (BUILD, "docker/build-push-action", ".github/workflows/ci.yaml", 10),
        (SCAN, "aquasecurity/trivy-action", ".github/workflows/ci.yaml", 11),
        (DECLARATIVE, "kubectl apply", ".github/workflows/ci.yaml", 13),
    ]


JENKINS = """\
pipeline {
  stages {
    stage('Test') { steps { sh 'mvn verify' } }
    // sh 'npm test'
    stage("Deploy") {
      steps { sh "helm upgrade app charts/app" }
    }
  }
}
"""
AZURE = """\
steps:
- script: dotnet test
- task: Docker@2
- task: KubernetesManifest@1
  inputs: {action: deploy}
- task: Kubernetes@1
  inputs: {command: set}
- task: Maven@4
  inputs: {goals: verify}
"""
CIRCLE = """\
version: 2.1
jobs:
  ci:
    steps:
    - checkout
    - run: pytest
    - run: {name: scan, command: grype app}
"""
BITBUCKET = """\
pipelines:
  default:
  - step:
      script:
      - go test ./...
      - pipe: aquasecurity/trivy-pipe:1
"""
CLOUD_BUILD = "steps:\n- name: gcr.io/cloud-builders/docker\n  args: [build, -t, app, .]\n"
AZURE_STEPS = [(TEST, 2), (BUILD, 3), (DECLARATIVE, 4), (IMPERATIVE, 6), (TEST, 8)]
OTHERS = [
    ("Jenkinsfile", JENKINS, "Jenkins", [(TEST, 3), (DECLARATIVE, 6)]),
    ("azure-pipelines.yml", AZURE, "Azure Pipelines", AZURE_STEPS),
    (".circleci/config.yml", CIRCLE, "CircleCI", [(TEST, 6), (SCAN, 7)]),
    ("bitbucket-pipelines.yml", BITBUCKET, "Bitbucket Pipelines", [(TEST, 5), (SCAN, 6)]),
    (".drone.yml", "steps:\n- name: t\n  commands: [cargo test]\n", "Drone", [(TEST, 3)]),
    (".travis.yml", "script: npm test\n", "Travis CI", [(TEST, 1)]),
    ("cloudbuild.yaml", CLOUD_BUILD, "Cloud Build", [(BUILD, 3)]),
]


@pytest.mark.parametrize(("file", "text", "system", "expected"), OTHERS, ids=[other[0] for other in OTHERS])
def test_other_ci_services(
    tmp_path: Path, file: str, text: str, system: str, expected: list[tuple[StepKind, int]]
) -> None:
    (pipeline,) = repository(tmp_path, {file: text}).pipelines
    assert (pipeline.system, pipeline.name) == (system, file)
    assert [(step.kind, step.location.span.start.line) for step in pipeline.steps] == expected


def test_files_of_other_purposes_are_no_pipelines(tmp_path: Path) -> None:
    found = repository(
        tmp_path,
        {
            "ci.yml": GITLAB,
            ".gitlab-ci.yml": "",
            ".github/ISSUE_TEMPLATE/bug.yml": "run: npm test",
            "node_modules/x/Jenkinsfile": "sh 'npm test'",
            ".hidden/Jenkinsfile": "sh 'npm test'",
            "k8s/deployment.yaml": "command: [npm, test]",
        },
    )
    assert found.pipelines == ()
    (named,) = repository(tmp_path, {}, pipelines=("ci.yml",)).pipelines
    assert [step.kind for step in named.steps] == [BUILD, TEST, IMPERATIVE]


@pytest.mark.parametrize(
    "text", ["[", "- a\n- b", "7", "jobs: 7", "jobs: {a: [], b: 7, c: {steps: 7}}", "script: {a: [7]}"]
)
def test_odd_pipeline_files_have_no_steps(tmp_path: Path, text: str) -> None:
    (pipeline,) = repository(tmp_path, {".github/workflows/odd.yml": text}).pipelines
    assert pipeline.steps == ()


def topics_of(found: RepositoryEvidence) -> dict[str, list[str]]:
    return {
        topic: [f"{item.location.file}:{item.location.span.start.line} {item.title}" for item in items]
        for topic, items in found.documents.items()
        if items
    }


def test_documents_are_found_by_path(tmp_path: Path) -> None:
    files = {
        "docs/architecture.md": "Intro\n# How it fits\nText\n",
        "docs/adr/0001-use-postgres.md": "# Use PostgreSQL\nBecause.\n",
        "docs/runbooks/db-down.rst": "Database down\n=============\n\nDo this.\n",
        "docs/deployment.md": "Apply it.\n",
        "docs/disaster-recovery.md": "# After the flood\nSteps.\n",
        ".github/CODEOWNERS": "# owners\n* @org/team\n",
    }
    assert topics_of(repository(tmp_path, files)) == {
        "architecture": ["docs/adr/0001-use-postgres.md:1 Use PostgreSQL", "docs/architecture.md:2 How it fits"],
        "runbooks": ["docs/runbooks/db-down.rst:1 Database down"],
        "deployment": ["docs/deployment.md:1 deployment.md"],
        "owners": [".github/CODEOWNERS:1 CODEOWNERS"],
        "restore": ["docs/disaster-recovery.md:1 After the flood"],
    }


def test_headings_of_a_readme_and_of_runbooks_count(tmp_path: Path) -> None:
    files = {
        "README.md": "# App\n\n## Architecture\n\n## Deployment\nx\n\n```sh\n# Restore\n```\n## On-call and contacts\n",
        "docs/runbooks/db.md": "# Database\n\n## Restore from a backup\nSteps.\n",
    }
    found = topics_of(repository(tmp_path, files))
    assert found["architecture"] == ["README.md:3 Architecture"]
    assert found["deployment"] == ["README.md:5 Deployment"]
    assert found["owners"] == ["README.md:11 On-call and contacts"]
    assert found["restore"] == ["docs/runbooks/db.md:3 Restore from a backup"]


def test_a_diagram_in_a_readme_documents_the_architecture(tmp_path: Path) -> None:
    files = {"README.md": "# App\n\n```mermaid\nflowchart LR\n```\n"}
    assert topics_of(repository(tmp_path, files)) == {"architecture": ["README.md:3 diagram in README.md"]}


def test_blank_files_and_other_names_are_no_documents(tmp_path: Path) -> None:
    files = {
        "docs/architecture.md": "\n \n",
        "CODEOWNERS": "# nobody\n",
        "docs/runbook.png": "x",
        "README.md": "# App\n\nThe architecture is simple; deploy it.\n",
        "src/architecture.py": "x = 1\n",
    }
    assert topics_of(repository(tmp_path, files)) == {}


def test_configured_paths_add_to_the_usual_ones(tmp_path: Path) -> None:
    files = {"handbook/ops/x.md": "# Ops\ntext\n", "docs/runbook.md": "# Book\ntext\n"}
    found = topics_of(repository(tmp_path, files, runbooks=("handbook/ops/**",)))
    assert found == {"runbooks": ["docs/runbook.md:1 Book", "handbook/ops/x.md:1 Ops"]}


def test_a_part_of_a_repository_may_keep_its_own_documents(tmp_path: Path) -> None:
    files = {"apps/shop/docs/runbook.md": "# Shop\ntext\n", "apps/other/docs/runbook.md": "# Other\ntext\n"}
    assert topics_of(repository(tmp_path, files)) == {}
    found = gather(tmp_path / "apps" / "shop", {})
    assert found is not None
    assert topics_of(found) == {"runbooks": ["apps/shop/docs/runbook.md:1 Shop"]}


def test_without_a_repository_there_is_no_evidence(tmp_path: Path) -> None:
    assert gather(tmp_path / "absent", {}) is None or (Path("/") / ".git").exists()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (inner / "x.yaml").write_text("a: 1\n")
    for start in (inner, inner / "x.yaml", tmp_path):
        found = gather(start, {})
        assert found is not None
        assert found.tree.root == tmp_path.resolve()


def write_config(folder: Path, *remotes: tuple[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = "[core]\n\tbare = false\n" + "".join(f'[remote "{name}"]\n\turl = {url}\n' for name, url in remotes)
    (folder / "config").write_text(text)


def origin(root: Path) -> str | None:
    found = gather(root, {})
    assert found is not None
    return found.origin


def test_the_origin_is_read_without_credentials(tmp_path: Path) -> None:
    write_config(tmp_path / ".git")
    assert origin(tmp_path) is None
    write_config(tmp_path / ".git", ("fork", "https://git.example/fork.git"))
    assert origin(tmp_path) == "https://git.example/fork.git"
    write_config(tmp_path / ".git", ("fork", "https://x/y"), ("origin", "https://me:hunter2@git.example/org/app.git"))
    assert origin(tmp_path) == "https://git.example/org/app.git"
    found = gather(tmp_path, {})
    assert found is not None
    assert found.is_origin("git@git.example:org/app.git")
    assert not found.is_origin("git@git.example:org/other.git")


def test_worktrees_and_submodules_have_their_repository_s_origin(tmp_path: Path) -> None:
    write_config(tmp_path / "main" / ".git", ("origin", "git@git.example:org/app.git"))
    linked = tmp_path / "main" / ".git" / "worktrees" / "tree"
    linked.mkdir(parents=True)
    (linked / "commondir").write_text("../..\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text(f"gitdir: {linked}\n")
    assert origin(tmp_path / "tree") == "git@git.example:org/app.git"
    write_config(tmp_path / "modules" / "sub", ("origin", "git@git.example:org/sub.git"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: ../modules/sub\n")
    assert origin(tmp_path / "sub") == "git@git.example:org/sub.git"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Org/App",
        "https://github.com/org/app.git",
        "https://user:pw@github.com/org/app.git/",
        "git@github.com:org/app.git",
        "ssh://git@github.com/org/app",
        "ssh://git@github.com:22/org/app.git",
        "git://github.com/org/app",
    ],
)
def test_all_spellings_of_an_address_have_one_key(url: str) -> None:
    assert repository_key(url) == "github.com/org/app"


def test_paths_are_looked_for_inside_the_repository_only(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (tmp_path / "outside").mkdir()
    found = repository(root, {"k8s/production/a.yaml": "a: 1"})
    assert [found.has_path(path) for path in ("k8s/production", "./k8s", ".", "k8s/staging", "../outside")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    (root / "Jenkinsfile").symlink_to(tmp_path / "outside")
    assert repository(root, {}).pipelines == ()


def test_tekton_and_argo_workflows_are_pipelines_too() -> None:
    text = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: ci}
spec:
  steps:
  - name: test
    image: golang:1.22
    script: |
      #!/bin/sh
      go test ./...
  - name: scan
    image: aquasec/trivy:0.50
    args: [image, app]
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: delivery}
spec:
  tasks:
  - name: deploy
    taskRef: {name: argocd-task-sync-and-wait}
---
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: release}
spec:
  templates:
  - name: apply
    container: {image: kubectl, command: [sh, -c], args: ['kubectl apply -f k8s']}
---
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: etl}
spec: {workflowSpec: {templates: [{container: {image: etl, command: [python, run.py]}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec: {template: {spec: {containers: [{image: x, command: [npm, test]}]}}}
"""
    resources = [item for document in read_bytes("ci.yaml", text.encode()).documents for item in resources_of(document)]
    found = pipelines_in(resources)
    assert [(pipeline.system, pipeline.name) for pipeline in found] == [
        ("Tekton", "Task/ci"),
        ("Tekton", "Pipeline/delivery"),
        ("Argo Workflows", "Workflow/release"),
    ]
    assert [(step.kind, step.location.span.start.line) for pipeline in found for step in pipeline.steps] == [
        (TEST, 10),
        (SCAN, 13),
        (DECLARATIVE, 21),
        (DECLARATIVE, 29),
    ]


def test_above_the_limit_the_deepest_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/b/deepest", "a/deep", "top", "Upper"):
        (tmp_path / name).write_text("text", encoding="utf-8")
    whole = list_files(tmp_path)
    assert (whole.files, whole.complete) == (("Upper", "a/b/deepest", "a/deep", "top"), True)
    monkeypatch.setattr("refarch_lint.evaluate.evidence.tree.FILE_LIMIT", 3)
    cut = list_files(tmp_path)
    assert (cut.files, cut.complete) == (("Upper", "a/deep", "top"), False)


def test_globs_fit_from_a_folder_on_whatever_the_case(tmp_path: Path) -> None:
    for name in ("docs/README.md", "Docs/readme.md", "docs/deep/er/runbook-1.md", "CI/Jenkinsfile", "x.jenkinsfile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text", encoding="utf-8")
    tree = list_files(tmp_path)
    assert tree.matching(("readme.*",), ("docs/",)) == ("docs/README.md",)
    assert tree.matching(("./docs/**/Runbook*", "docs/readme.md")) == (
        "Docs/readme.md",
        "docs/README.md",
        "docs/deep/er/runbook-1.md",
    )
    assert tree.matching(("*/Jenkinsfile", "*.jenkinsfile")) == ("CI/Jenkinsfile", "x.jenkinsfile")
    assert tree.matching(("docs/*/runbook*", "?.md")) == ()
