"""Images whose tag or digest a kustomization sets when it is built, so that the manifest need not name one."""

from __future__ import annotations

from collections.abc import Mapping

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import mapping, sequence


def kustomized_images(index: ResourceIndex) -> Mapping[str, Place]:
    """Return the images that kustomizations give a tag or digest, by the name that manifests use, with the place.

    Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
    """
    found: dict[str, Place] = {}
    for resource in index.kustomizations:
        for position, item in enumerate(map(mapping, sequence(resource.data.get("images")))):
            name = item.get("name")
            tag = item.get("newTag")
            is_pinned = bool(item.get("digest")) or (tag not in (None, "", "latest"))
            if isinstance(name, str) and is_pinned:
                found.setdefault(name, Place(resource, ("images", position, "name")))
    return found
