"""What units that are deployed beside each other, and sources outside the tree, may bring."""

from __future__ import annotations

from refarch_lint.graph.elsewhere import Elsewhere, surroundings
from refarch_lint.graph.units import deployed, partition
from tests.graph.trees import contents, resources_in, thing


def around(**files: str) -> dict[str, Elsewhere]:
    read = contents(**files)
    found = resources_in(read)
    units = partition(read, found).units
    each = surroundings(units, [deployed(unit, found, {}) for unit in units])
    return {unit.name: item for unit, item in zip(units, each, strict=True)}


def test_a_unit_beside_may_have_it() -> None:
    found = around(
        a__kustomization="resources: [a.yaml]\n",
        a__a=thing("v1", "Service", "a"),
        b__kustomization="resources: [b.yaml]\n",
        b__b=thing("v1", "Service", "b"),
    )
    assert found["a"].reason("", "Service", "shop", "b") == "b has it, which may be deployed beside"
    assert found["a"].reason("", "Service", "other", "b") == ""
    assert found["a"].reason("", "Service", "shop", "a") == ""


def test_a_variant_brings_nothing() -> None:
    same = thing("v1", "Service", "web")
    found = around(dev__web=same, prod__web=same, prod__cache=thing("v1", "Service", "cache"))
    assert list(found) == ["dev", "prod"]
    assert found["dev"].reason("", "Service", "shop", "cache") == ""


def test_what_is_taken_from_outside_may_bring_anything() -> None:
    found = around(
        app__kustomization="resources: ['https://example.com/base?ref=v1', web.yaml]\n",
        app__web=thing("v1", "Service", "a"),
    )
    why = "https://example.com/base?ref=v1, which is not in the tree, may bring it"
    assert found["app"].reason("", "Service", "shop", "any") == why


def test_a_base_outside_the_tree_is_outside() -> None:
    found = around(app__kustomization="resources: [../base, web.yaml]\n", app__web=thing("v1", "Service", "a"))
    assert found["app"].untold == "base"


def test_what_a_patch_deletes_is_not_missed() -> None:
    patch = "patches: [{patch: '{kind: Service, metadata: {name: cache}, $patch: delete}'}]\n"
    found = around(app__kustomization="resources: [web.yaml]\n" + patch, app__web=thing("v1", "Service", "web"))
    why = "a patch deletes Service/cache and may change who names it"
    assert found["app"].reason("", "Service", "shop", "cache") == why
