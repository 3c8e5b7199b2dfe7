"""Images whose tag or digest a kustomization sets when it is built, so that the manifest need not name one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.model.image import LATEST
from refarch_lint.model.resource import mapping, sequence, text_of


class KustomizedImage(NamedTuple):
    """What runs in place of an image, as a reference with tag or digest, and where the kustomization says so."""

    reference: str
    place: Place


def kustomized_images(index: ResourceIndex) -> Mapping[str, KustomizedImage]:
    """Return the images that kustomizations give a tag or digest, by the name that manifests use.

    Where several name the same image, one that pins it counts, for which one is built on which other is not looked at.
    Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
    """
    pinned: dict[str, KustomizedImage] = {}
    moving: dict[str, KustomizedImage] = {}
    for resource in index.kustomizations:
        for position, item in enumerate(map(mapping, sequence(resource.data.get("images")))):
            name, tag, digest = item.get("name"), item.get("newTag"), item.get("digest")
            if not isinstance(name, str) or not (digest or tag not in (None, "")):
                continue
            field, suffix = ("digest", f"@{digest}") if digest else ("newTag", f":{tag}")
            found = KustomizedImage(
                (text_of(item.get("newName")) or name) + suffix, Place(resource, ("images", position, field))
            )
            (moving if not digest and tag == LATEST else pinned).setdefault(name, found)
    return moving | pinned
