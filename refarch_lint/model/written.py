"""Labels and selectors as they are written: a value that YAML reads as another type is still the one that was meant.

`app: on` or `version: 1.10` is refused by the API, which is one finding; that a Service then selects no pods and a
policy means nobody would be the same mistake told again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refarch_lint.location import Path

if TYPE_CHECKING:
    from refarch_lint.model.resource import Resource

_OTHER = (bool, int, float)


def labels_as_written(resource: Resource, path: Path, value: Any) -> dict[str, str]:
    """Return the entries of a mapping at `path` whose values are scalars, each as the text that stands there."""
    if not isinstance(value, dict):
        return {}
    return {key: text for key, item in value.items() if isinstance(text := _text(resource, (*path, key), item), str)}


def selector_as_written(resource: Resource, path: Path, value: Any) -> Any:
    """Return a label selector, or a plain mapping of labels, with every value of another scalar type as its text."""
    if not isinstance(value, dict):
        return value
    found = {key: _text(resource, (*path, key), item) for key, item in value.items()}
    if isinstance(labels := value.get("matchLabels"), dict):
        at = (*path, "matchLabels")
        found["matchLabels"] = {key: _text(resource, (*at, key), item) for key, item in labels.items()}
    if isinstance(expressions := value.get("matchExpressions"), list):
        at = (*path, "matchExpressions")
        found["matchExpressions"] = [
            _expression(resource, (*at, index), item) for index, item in enumerate(expressions)
        ]
    return found


def _expression(resource: Resource, path: Path, value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(values := value.get("values"), list):
        return value
    return {**value, "values": [_text(resource, (*path, "values", index), item) for index, item in enumerate(values)]}


def _text(resource: Resource, path: Path, value: Any) -> Any:
    if not isinstance(value, _OTHER):
        return value
    return resource.written(path)
