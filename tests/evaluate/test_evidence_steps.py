"""What commands of pipelines do, in many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.evaluate.evidence.steps import StepKind, action_kind, is_idle, names_tests, steps_in

BUILD, TEST, SCAN = StepKind.BUILD, StepKind.TEST, StepKind.SCAN
DECLARATIVE, IMPERATIVE = StepKind.DEPLOY_DECLARATIVE, StepKind.DEPLOY_IMPERATIVE

LINES = {
    TEST: [
        "npm test",
        "npm run test:unit -- --ci",
        "npm ci && npm test",
        "yarn test",
        "pnpm run e2e",
        "npx jest --coverage",
        "pytest -q",
        "python -m pytest tests",
        "poetry run pytest",
        "python manage.py test",
        "tox -e py311",
        "go test ./...",
        "CGO_ENABLED=0 go test -race ./...",
        "gotestsum --format testname",
        "mvn verify",
        "./mvnw -B verify",
        "mvn -B clean install",
        "./gradlew test",
        "gradle :api:test",
        "./gradlew check",
        "cargo test --all",
        "cargo nextest run",
        "make test",
        "make -C api unit-test",
        "dotnet test",
        "bundle exec rspec",
        "vendor/bin/phpunit",
        "mix test",
        "ctest --output-on-failure",
        "bazel test //...",
        "helm unittest charts/app",
        "docker run $IMAGE_TAG npm test",
        "docker run --rm $IMAGE ./test.sh",
        "docker compose run --rm app test",
        "docker-compose run app bin/test",
        "./scripts/run-tests.sh",
        "./test.sh",
        "script/test",
        "k6 run load.js",
        "newman run collection.json",
        "sh -c 'npm test'",
    ],
    SCAN: [
        "trivy image $IMAGE",
        "trivy --severity HIGH image --exit-code 1 app:1",
        "docker run --rm aquasec/trivy image app:1",
        "grype app:1 --fail-on high",
        "snyk container test app:1",
        "snyk --org=x container monitor app:1",
        "anchore-cli image add app:1",
        "clair-scanner app:1",
        "docker scout cves app:1",
        "docker scan app:1",
        "checkov --framework sca_image --docker-image app:1",
    ],
    BUILD: [
        "docker build -t $IMAGE .",
        "docker buildx build --push .",
        "buildah bud -t app .",
        "/kaniko/executor --context . --destination app",
        "npm run build",
        "go build ./cmd/app",
        "make image",
        "ko build ./cmd/app",
        "skaffold build",
    ],
    DECLARATIVE: [
        "kubectl apply -f k8s/",
        "kubectl -n production apply -k overlays/prod",
        "kubectl --context=prod --namespace shop apply -f -",
        "kustomize build . | kubectl apply -f -",
        "helm upgrade --install app charts/app",
        "helm -n shop upgrade app charts/app",
        "helmfile -e prod apply",
        "argocd app sync shop",
        "flux reconcile kustomization shop",
        "skaffold run",
        "kapp deploy -a app -f k8s",
        "oc apply -f k8s",
        "kubectl create namespace x --dry-run=client -o yaml | kubectl apply -f -",
    ],
    IMPERATIVE: [
        "kubectl set image deployment/backend backend=$IMAGE -n production",
        "kubectl -n production set image deployment/backend backend=$IMAGE",
        "kubectl --context prod set env deployment/app A=b",
        "kubectl scale deployment app --replicas=3",
        "kubectl patch deployment app -p '{}'",
        "kubectl edit deployment app",
        "kubectl run tmp --image=busybox",
        "kubectl create deployment app --image=app:1",
        "kubectl rollout restart deployment/app",
        "oc set image dc/app app=app:1",
        "microk8s kubectl set image deployment/a a=b",
    ],
}


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in LINES.items() for line in lines])
def test_a_command_is_known_by_its_program_and_verb(kind: StepKind, line: str) -> None:
    assert kind in {matched.kind for matched in steps_in(line)}


@pytest.mark.parametrize(
    "line",
    [
        "echo npm test",
        "docker login -u robot -p mocha registry.example.com",
        "helm registry login --username robot --password=tap registry.example.com",
        "# kubectl set image deployment/a a=b",
        "  @echo running pytest",
        "npm ci",
        "npm run lint",
        "pip install pytest-cov",
        "apt-get install -y trivy-data",
        "kubectl get pods",
        "kubectl rollout status deployment/app",
        "kubectl -n apply get pods",
        "kubectl logs deployment/scale",
        "kubectl diff -f k8s",
        "helm template charts/app",
        "helm lint charts/app",
        "trivy config k8s/",
        "git push origin main",
        "git commit -m 'kubectl-scale'",
        "mvn -DskipTests deploy",
        "./gradlew assemble -x test",
        "docker push $IMAGE",
        "docker run $IMAGE /bin/true",
        "go vet ./...",
        "latest=$(git describe)",
        "docker run app:latest serve",
        "",
    ],
)
def test_other_commands_count_as_nothing(line: str) -> None:
    assert [matched for matched in steps_in(line) if matched.kind is not BUILD] == []


def test_a_push_deploys_where_the_job_or_the_script_says_so() -> None:
    assert [matched.kind for matched in steps_in("git push origin main", "deploy-staging")] == [DECLARATIVE]
    script = "yq -i '.image.tag = \"2\"' values.yaml\ngit commit -am x\ngit push"
    assert [(matched.kind, matched.line) for matched in steps_in(script)] == [(DECLARATIVE, 2)]


def test_lines_count_from_zero_and_continued_lines_are_one() -> None:
    script = "set -e\n\nkubectl \\\n  --namespace prod \\\n  set image deployment/a a=$IMAGE\nnpm test\n"
    assert [(matched.kind, matched.line) for matched in steps_in(script)] == [(IMPERATIVE, 2), (TEST, 5)]


def test_what_is_shown_never_holds_arguments() -> None:
    line = "kubectl --token=hunter2 -n hunter2 set image deployment/a a=hunter2 && helm --password hunter2 upgrade x y"
    assert [matched.what for matched in steps_in(line)] == ["helm upgrade", "kubectl set image"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aquasecurity/trivy-action@0.28.0", SCAN),
        ("anchore/scan-action@v4", SCAN),
        ("docker/scout-action@v1", SCAN),
        ("snyk/actions/docker@master", SCAN),
        ("Security/Container-Scanning.gitlab-ci.yml", SCAN),
        ("Jobs/Container-Scanning.latest.gitlab-ci.yml", SCAN),
        ("docker/build-push-action@v6", BUILD),
        ("Docker@2", BUILD),
        ("azure/k8s-deploy@v5", DECLARATIVE),
        ("HelmDeploy@0", DECLARATIVE),
        ("KubernetesManifest@1", DECLARATIVE),
        ("argocd-task-sync-and-wait", DECLARATIVE),
        ("golang-test", TEST),
        ("cypress-io/github-action@v6", TEST),
        ("actions/checkout@v4", None),
        ("actions/setup-node@v4", None),
        ("azure/setup-kubectl@v4", None),
        ("docker/login-action@v3", None),
        ("azure/setup-helm@v4", None),
        ("snyk/actions/node@master", None),
    ],
)
def test_an_action_is_known_by_its_name(name: str, kind: StepKind | None) -> None:
    assert action_kind(name) is kind


def test_jobs_are_known_by_name_and_idle_scripts_by_doing_nothing() -> None:
    named = [
        name
        for name in ("test", "unit-tests", "e2e_test", "build test", "latest", "contest", "attest")
        if names_tests(name)
    ]
    assert named == ["test", "unit-tests", "e2e_test", "build test"]
    assert [is_idle(text) for text in ("echo hi\ntrue", "exit 0", "sleep 1", "./run", "echo x\n./run")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@given(st.text(alphabet="kubectl setimagehlm run-tsd./$|&;\\\n'\" =", max_size=300))
def test_any_script_is_read_without_failing(script: str) -> None:
    lines = script.count("\n")
    assert all(0 <= matched.line <= lines and matched.what for matched in steps_in(script))
