"""What is deployed together: kustomizations, variants of a plain tree, and what all variants share."""

from __future__ import annotations

from refarch_lint.graph.units import Partition, deployed, partition
from refarch_lint.model.resource import Resource
from tests.graph.trees import contents, resources_in, thing


def config(name: str) -> str:
    return thing("v1", "ConfigMap", name)


def kustomization(body: str, kind: str = "Kustomization") -> str:
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: {kind}\n{body}"


def parts(**files: str) -> Partition:
    read = contents(**files)
    return partition(read, resources_in(read))


def shown(found: Partition) -> dict[str, list[str]]:
    return {unit.name: sorted(unit.files) for unit in found.units}


def test_a_plain_tree_is_one_unit_named_by_its_folder() -> None:
    found = parts(k8s__api=config("api"), k8s__web__web=config("web"))
    assert shown(found) == {"k8s": ["k8s/api.yaml", "k8s/web/web.yaml"]}
    assert found.patches == {}


def test_files_of_the_current_folder_are_the_unit_dot() -> None:
    assert shown(parts(api=config("api"), web=config("web"))) == {".": ["api.yaml", "web.yaml"]}


def test_nothing_at_all_is_one_empty_unit() -> None:
    found = partition((), ())
    assert [(unit.name, unit.files) for unit in found.units] == [(".", frozenset())]


def test_folders_that_describe_the_same_objects_are_variants() -> None:
    found = parts(dev__api=config("api"), prod__api=config("api"), prod__extra=config("extra"))
    assert shown(found) == {"dev": ["dev/api.yaml"], "prod": ["prod/api.yaml", "prod/extra.yaml"]}


def test_variants_share_the_folders_that_conflict_with_none() -> None:
    found = parts(dev__api=config("api"), prod__api=config("api"), common__namespace=config("shared"), top=config("t"))
    assert shown(found) == {
        "dev": ["common/namespace.yaml", "dev/api.yaml", "top.yaml"],
        "prod": ["common/namespace.yaml", "prod/api.yaml", "top.yaml"],
    }


def test_variants_below_one_folder_share_its_neighbours() -> None:
    found = parts(base__common=config("common"), envs__dev__api=config("api"), envs__prod__api=config("api"))
    assert shown(found) == {
        "envs/dev": ["base/common.yaml", "envs/dev/api.yaml"],
        "envs/prod": ["base/common.yaml", "envs/prod/api.yaml"],
    }


def test_variants_of_several_services_join_by_their_folder_name() -> None:
    found = parts(
        api__dev__api=config("api"),
        api__prod__api=config("api"),
        web__dev__web=config("web"),
        web__prod__web=config("web"),
    )
    assert shown(found) == {
        "api/dev, web/dev": ["api/dev/api.yaml", "web/dev/web.yaml"],
        "api/prod, web/prod": ["api/prod/api.yaml", "web/prod/web.yaml"],
    }


def test_the_same_object_in_two_files_of_one_folder_is_no_variant() -> None:
    assert list(shown(parts(k8s__one=config("api"), k8s__two=config("api")))) == ["k8s"]


def test_overlays_are_units_with_their_base_and_the_base_is_none_of_its_own() -> None:
    found = parts(
        base__api=config("api"),
        base__kustomization=kustomization("resources: [api.yaml]\n"),
        overlays__dev__kustomization=kustomization("resources: [../../base]\n"),
        overlays__prod__kustomization=kustomization("resources: [../../base, extra.yaml]\n"),
        overlays__prod__extra=config("extra"),
    )
    base = ["base/api.yaml", "base/kustomization.yaml"]
    assert shown(found) == {
        "overlays/dev": [*base, "overlays/dev/kustomization.yaml"],
        "overlays/prod": [*base, "overlays/prod/extra.yaml", "overlays/prod/kustomization.yaml"],
    }


def test_bases_of_bases_and_components_are_taken_in() -> None:
    found = parts(
        a__kustomization=kustomization("resources: [../b]\ncomponents: [../part]\n"),
        b__kustomization=kustomization("bases: [../c]\n"),
        c__kustomization=kustomization("resources: [c.yaml]\n"),
        c__c=config("c"),
        part__kustomization=kustomization("resources: [part.yaml]\n", kind="Component"),
        part__part=config("part"),
    )
    assert list(shown(found)) == ["a"]
    assert {"c/c.yaml", "part/part.yaml"} <= set(shown(found)["a"])


def test_a_component_that_nobody_takes_in_is_no_unit() -> None:
    found = parts(
        k8s__kustomization=kustomization("resources: [api.yaml]\n"),
        k8s__api=config("api"),
        part__kustomization=kustomization("resources: [part.yaml]\n", kind="Component"),
        part__part=config("part"),
    )
    assert list(shown(found)) == ["k8s"]
    assert found.patches == {
        "part/kustomization.yaml": "part/kustomization.yaml",
        "part/part.yaml": "part/kustomization.yaml",
    }


def test_patches_and_files_of_generators_belong_to_no_unit_and_those_not_applied_are_named() -> None:
    found = parts(
        kustomization=kustomization(
            """\
            resources: [api.yaml]
            patchesStrategicMerge: [old.yaml]
            patches: [{path: patch.yaml}, {patch: "- op: remove"}]
            patchesJson6902: [{path: json.yaml}]
            configMapGenerator: [{name: app, files: [application.yaml=settings.yaml]}]
            """.replace("            ", "")
        ),
        api=config("api"),
        old=config("api"),
        patch=config("api"),
        json="- {op: remove, path: /data}\n",
        settings="level: info\n",
    )
    assert shown(found) == {".": ["api.yaml", "kustomization.yaml"]}
    assert sorted(found.patches) == ["json.yaml", "settings.yaml"]
    assert set(found.patches.values()) == {"kustomization.yaml"}


def test_files_outside_every_kustomization_are_a_plain_unit_beside_it() -> None:
    found = parts(
        app__kustomization=kustomization("resources: [api.yaml]\n"), app__api=config("api"), other__web=config("web")
    )
    assert list(shown(found)) == ["app", "other"]


def test_remote_resources_and_kustomizations_in_a_ring_do_no_harm() -> None:
    found = parts(
        one__kustomization=kustomization('resources: ["https://example.org/base?ref=v1", ../two]\n'),
        two__kustomization=kustomization("resources: [../one, two.yaml]\n"),
        two__two=config("two"),
    )
    assert [file for files in shown(found).values() for file in files] == [
        "one/kustomization.yaml",
        "two/kustomization.yaml",
        "two/two.yaml",
    ]


def test_kustomizations_that_change_what_they_take_in_are_named() -> None:
    found = parts(
        base__api=config("api"),
        base__kustomization=kustomization("resources: [api.yaml]\n"),
        prod__kustomization=kustomization("resources: [../base]\nnamePrefix: prod-\n"),
        test__kustomization=kustomization("resources: [../base]\nreplicas: [{name: api, count: 3}]\n"),
    )
    assert found.transformed == ("prod",)


def test_a_kustomization_of_any_shape_is_read_without_a_crash() -> None:
    found = parts(kustomization="resources: {a: b}\npatches: [1, {path: 2}]\nsecretGenerator: text\n")
    assert [unit.name for unit in found.units] == ["."]


def test_files_that_a_kustomization_does_not_list_are_told_apart_from_it() -> None:
    found = parts(kustomization=kustomization("resources: [api.yaml]\n"), api=config("api"), left=config("left"))
    assert shown(found) == {".": ["api.yaml", "kustomization.yaml"], ". (other files)": ["left.yaml"]}


def test_a_namespace_that_two_folders_describe_makes_no_variants() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    found = parts(app__ns=namespace, app__api=config("api"), policies__ns=namespace, policies__web=config("web"))
    assert list(shown(found)) == ["."]


def test_a_unit_has_no_object_that_a_patch_deletes() -> None:
    patch = "patches: [{patch: '{kind: ConfigMap, metadata: {name: debug}, $patch: delete}'}]\n"
    read = contents(
        base__kustomization=kustomization("resources: [api.yaml, debug.yaml]\n"),
        base__api=config("api"),
        base__debug=config("debug"),
        dev__kustomization=kustomization("resources: [../base]\n"),
        prod__kustomization=kustomization("resources: [../base]\n" + patch),
    )
    found = resources_in(read)
    names = {
        unit.name: [item.name for item in deployed(unit, found, {}) if item.kind == "ConfigMap"]
        for unit in partition(read, found).units
    }
    assert names == {"dev": ["api", "debug"], "prod": ["api"]}


def test_a_kustomization_puts_everything_into_its_namespace() -> None:
    bare = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare}\n"
    read = contents(
        app__kustomization=kustomization("namespace: prod\nresources: [bare.yaml, named.yaml, ns.yaml]\n"),
        app__bare=bare,
        app__named=config("named"),
        app__ns="apiVersion: v1\nkind: Namespace\nmetadata: {name: system}\n",
    )
    found, moved = resources_in(read), dict[tuple[Resource, str], Resource]()
    unit = partition(read, found).units[0]
    placed = {item.name: item for item in deployed(unit, found, moved) if item.kind in ("ConfigMap", "Namespace")}
    assert {name: item.namespace for name, item in placed.items()} == {"bare": "prod", "named": "prod", "prod": ""}
    assert placed["bare"].namespace_declared
    assert placed["named"].metadata["namespace"] == "prod"
    assert placed["prod"].locate(("metadata", "name")).file == "app/ns.yaml"
    assert placed["bare"] in deployed(unit, found, moved)


def test_names_of_what_moves_are_followed_and_others_stay() -> None:
    binding = """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: manager}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: manager}
        subjects:
          - {kind: ServiceAccount, name: manager}
          - {kind: ServiceAccount, name: default}
          - {kind: ServiceAccount, name: stranger, namespace: ops}
          - {kind: Group, name: sre}
    """
    hook = """\
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: checks}
        webhooks:
          - {name: a.example.com, clientConfig: {service: {name: hooks, namespace: system}}}
          - {name: b.example.com, clientConfig: {service: {name: elsewhere, namespace: ops}}}
          - {name: c.example.com, clientConfig: {url: "https://hooks.example.com"}}
    """
    read = contents(
        app__kustomization=kustomization("namespace: prod\nresources: [own.yaml, binding.yaml, hook.yaml]\n"),
        app__own=f"{thing('v1', 'ServiceAccount', 'manager')}\n---\n{thing('v1', 'Service', 'hooks')}",
        app__binding=binding,
        app__hook=hook,
    )
    found = resources_in(read)
    placed = {item.kind: item for item in deployed(partition(read, found).units[0], found, {})}
    subjects = [item.get("namespace") for item in placed["ClusterRoleBinding"].data["subjects"]]
    assert subjects == ["prod", "prod", "ops", None]
    services = [
        item["clientConfig"].get("service", {}).get("namespace")
        for item in placed["ValidatingWebhookConfiguration"].data["webhooks"]
    ]
    assert services == ["prod", "ops", None]
    assert placed["ClusterRoleBinding"].namespace == ""


def test_a_binding_or_webhook_of_any_shape_is_placed_without_a_crash() -> None:
    odd = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nsubjects: [1, [x], {}]\n"
    hooks = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
    hooks += "metadata: {name: b}\nwebhooks: [null, {clientConfig: 3}, {clientConfig: {service: {name: [x]}}}]\n"
    read = contents(
        app__kustomization=kustomization("namespace: prod\nresources: [odd.yaml, hooks.yaml]\n"),
        app__odd=odd,
        app__hooks=hooks,
    )
    found = resources_in(read)
    placed = {item.kind: item for item in deployed(partition(read, found).units[0], found, {})}
    assert placed["RoleBinding"].namespace == "prod"


def test_prefixes_and_suffixes_add_up_from_the_inside() -> None:
    read = contents(
        base__kustomization=kustomization("namePrefix: a-\nnameSuffix: -z\nresources: [api.yaml]\n"),
        base__api=config("api"),
        prod__kustomization=kustomization("namePrefix: b-\nnameSuffix: -y\nresources: [../base, own.yaml]\n"),
        prod__own=config("own"),
        other__kustomization=kustomization("namePrefix: [7]\nresources: [plain.yaml]\n"),
        other__plain=config("plain"),
    )
    found = resources_in(read)
    names = {unit.name_of(item) for unit in partition(read, found).units for item in deployed(unit, found, {})}
    assert {"b-a-api-z-y", "b-own-y", "plain"} <= names


def test_subjects_without_a_name_of_their_own_stay() -> None:
    binding = """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: manager}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: manager}
        subjects: [{kind: ServiceAccount, name: {a: b}}, {kind: ServiceAccount}, text]
    """
    read = contents(
        app__kustomization=kustomization("namespace: prod\nresources: [binding.yaml]\n"), app__binding=binding
    )
    found = resources_in(read)
    placed = {item.kind: item for item in deployed(partition(read, found).units[0], found, {})}
    assert placed["RoleBinding"].data["subjects"] == found[0].data["subjects"]
