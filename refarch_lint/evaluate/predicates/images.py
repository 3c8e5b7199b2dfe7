"""Container images: pinned, known by their digest, from where images may come."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.credentials.values import is_placeholder
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.images import KustomizedImage
from refarch_lint.model.image import ImageReference, parse_image
from refarch_lint.regex import regex
from refarch_lint.severity import Severity

#: What a name with a tag may consist of, right or wrong; a digest is no tag, and anything else is a template's.
_WRITTEN_OUT = regex(r"[A-Za-z0-9._/:-]+")
#: A word that a later step replaces: `IMAGE_NAME`.
_NAME_TO_REPLACE = regex(r"[A-Z][A-Z0-9_]*")

#: So many containers without a digest are told one by one.
_FEW = 3


def _image(subject: Subject) -> ImageReference | Unverifiable | NotApplicable:
    container = subject.container
    assert container is not None
    text = container.data.get("image")
    if not isinstance(text, str) or not text:
        return NotApplicable("it names no image")
    what = "is filled in later" if "$" in text else "is no image reference"
    return parse_image(text) or Unverifiable(f"{subject.resource}: the image of container {container.name} {what}")


def _kustomized(subject: Subject, context: RuleContext) -> KustomizedImage | None:
    """Return what a kustomization of the tree makes of the image, if it gives it a tag or digest."""
    text = subject.data.get("image")
    name = text.partition("@")[0] if isinstance(text, str) else ""
    head, slash, last = name.rpartition("/")
    return context.graph.kustomized_images.get(f"{head}{slash}{last.partition(':')[0]}")


def _label(subject: Subject) -> str:
    assert subject.container is not None
    return f"{subject.resource}: {subject.container.type.value} {subject.container.name}"


def pinned(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The tag says which image runs: it is there, and it is none that moves."""
    image, place = _image(subject), subject.place("image")
    kustomized = _kustomized(subject, context)
    if kustomized is not None:
        place = kustomized.place
        image = parse_image(kustomized.reference) or NotApplicable("a kustomization sets its tag")
    if not isinstance(image, ImageReference):
        yield image if kustomized is not None else _unreadable(subject, image)
        return
    if image.digest is not None:
        return
    if image.tag is None:
        yield Fault(f"{_label(subject)} runs image {image.familiar} without a tag, which means latest", place)
        return
    moving = context.parameter("moving_tags", subject)
    if image.follows_latest:
        yield Fault(f"{_label(subject)} runs image {image.familiar}, whose tag moves", place)
    elif image.moves_with(moving.value):
        message = f"{_label(subject)} runs image {image.familiar}, whose tag moves according to {moving.origin}"
        yield Fault(message, place, severity=Severity.WARNING)


def _unreadable(subject: Subject, otherwise: Outcome) -> Outcome:
    """Return the fault of a name that the kubelet cannot read, unless it is filled in later or refused by the API."""
    text = str(subject.data.get("image"))
    if not _WRITTEN_OUT.fullmatch(text) or _NAME_TO_REPLACE.fullmatch(text) or is_placeholder(text):
        return otherwise
    message = f"{_label(subject)} runs image {text}, which is no name of an image, so that it never starts"
    return Fault(message, subject.place("image"))


def by_digest(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The images of a unit are named by their digest; one that is not even pinned is another rule's finding.

    A few that are not are told one by one, many together: they are the habit of the project.
    """
    tagged: list[tuple[Subject, ImageReference]] = []
    for workload in subject.members:
        for container in workload.containers:
            each = Subject(workload.resource, container.path, container.data, workload, container, workload.namespace)
            image = _image(each)
            if not isinstance(image, ImageReference):
                yield image
            elif image.follows_latest and context.run.runs("image-pinned"):
                yield NotApplicable("image-pinned tells")
            elif image.digest is None and _kustomized(each, context) is None:
                tagged.append((each, image))
    told = tagged if len(tagged) <= _FEW else tagged[:1]
    for each, image in told:
        how = "by its tag, which can be moved to another image" if image.tag else "without tag or digest"
        message = f"{_label(each)} runs image {image.familiar} {how}"
        others = tagged[1:] if told is not tagged else []
        if others:
            message += f"; so do {len(others)} other containers"
        notes = (Note(f"{other.resource}: {at.familiar}", other.place("image")) for other, at in others)
        yield Fault(message, each.place("image"), tuple(notes))


def registry_allowed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The image comes from an allowed registry or repository and from none that is denied."""
    image = _image(subject)
    if not isinstance(image, ImageReference):
        yield image
        return
    denied = context.parameter("denied", subject)
    allowed = context.parameter("allowed", subject)
    for prefix in denied.value:
        if _is_below(image.name, str(prefix)):
            message = f"{_label(subject)} pulls {image.familiar} from {prefix}, which {denied.origin} denies"
            yield Fault(message, subject.place("image"))
            return
    if allowed.value and not any(_is_below(image.name, str(prefix)) for prefix in allowed.value):
        message = (
            f"{_label(subject)} pulls {image.familiar} from {image.registry}, which {allowed.origin} does not allow"
        )
        yield Fault(message, subject.place("image"))


def _is_below(name: str, prefix: str) -> bool:
    """Tell whether an image's full name is the prefix or lies below it; a part `*` of the prefix stands for any."""
    wanted, parts = prefix.strip("/").split("/"), name.split("/")
    return len(wanted) <= len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=False))
