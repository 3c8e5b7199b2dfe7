"""What backup jobs do with what they save: send it elsewhere, fail aloud, keep Secrets encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.backup_programs import Purpose, dumped_by, purposes, serves
from refarch_lint.graph.backup_targets import Written, written
from refarch_lint.graph.backups import BackupJob
from refarch_lint.graph.scripts import Script, Step
from refarch_lint.graph.storage import Volume, is_same_claim, volumes_of
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import ContainerType
from refarch_lint.regex import regex

_NOTIFIES = frozenset({"curl", "wget", "ssh", "sshpass", "nc", "ncat", "kubectl", "git"})
_GOES_ON = frozenset({"true", ":", "echo", "printf", "logger"})
_UPLOADS = regex(r"\s(?:-T|--upload-file|-F|--data-binary)\b")
_SECRETS = regex(r"\bget\b.*(?:^|[\s,])secrets?(?:$|[\s,/])")
_WHOLE = regex(r"(?:^|\s)(?:-o|--output)[= ]?(?:yaml|json)(?:\s|$)")


def leaves_volume(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A backup ends up neither on the volume of the data nor on one that is deleted with the job's pod."""
    job = context.run.backup_jobs.get(subject.resource)
    if job is None:
        yield NotApplicable("it is no backup")
        return
    if any(_sends(step) for step in job.steps):
        return
    items = [item for item in written(job) if not item.is_remote]
    for item in items:
        if item.volume is not None and (owner := _owner(job, item.volume, context)) is not None:
            yield _onto_the_data(job, item, item.volume, owner)
            return
    if not job.is_visible:
        yield Unverifiable(f"where {job.resource} sends what it saves is inside its image")
    elif items and all(item.volume is None or item.volume.vanishes for item in items):
        yield _lost_with_the_pod(job, items[0])


def _sends(step: Step) -> bool:
    """Tell whether a command takes a copy away; one that only notifies somebody does not."""
    command = step.command
    if not serves(command, Purpose.SEND):
        return False
    if command.program in ("curl", "wget"):
        return serves(command, Purpose.DUMP) or _UPLOADS.search(command.text) is not None
    return command.program != "kubectl" or "cp" in command.words


def _owner(job: BackupJob, volume: Volume, context: RuleContext) -> tuple[Resource, Volume] | None:
    """Return the datastore whose claim a volume is, with its own view of it."""
    if volume.claim is None:
        return None
    graph = context.graph
    connected = graph.connected(job.resource)
    mounts = graph.mounts_of(volume.claim)
    candidates = [*connected, *(item.resource for item in mounts), *(item.owner for item in mounts if item.owner)]
    for candidate in dict.fromkeys(candidates):
        workload = graph.workload(candidate)
        if workload is None or candidate is job.resource or workload.runs_to_completion:
            continue
        if candidate in connected or "datastore" in context.roles.traits(candidate):
            for own in volumes_of(workload).values():
                if is_same_claim(volume, own):
                    return candidate, own
    return None


def _onto_the_data(job: BackupJob, item: Written, volume: Volume, owner: tuple[Resource, Volume]) -> Fault:
    datastore, own = owner
    text = f"{job.resource} saves {datastore} onto the volume of the data itself, {volume}: both are lost together"
    notes = (Note(f"the data of {datastore}", own.place), Note("written here", item.step.place))
    return Fault(text, volume.place, notes)


def _lost_with_the_pod(job: BackupJob, item: Written) -> Fault:
    end = "it is deleted with the pod, and nothing sends it elsewhere"
    if item.volume is None:
        return Fault(f"{job.resource} writes its backup into the container's own file system: {end}", item.step.place)
    text = f"{job.resource} writes its backup to {item.volume}: {end}"
    return Fault(text, item.volume.place, (Note("written here", item.step.place),))


def fails_loudly(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A backup whose dump or upload fails ends with a failure."""
    job = context.run.backup_jobs.get(subject.resource)
    if job is None:
        yield NotApplicable("it is no backup")
        return
    for script in job.scripts:
        if not script.is_visible:
            yield Unverifiable(f"what container {script.container.name} of {job.resource} runs is inside its image")
        elif script.is_shell and (fault := _hidden_failure(job, script)) is not None:
            yield fault


def _hidden_failure(job: BackupJob, script: Script) -> Fault | None:
    steps = [step for step in script.steps if step.command.depth == 0 and step.command.words]
    if any("PIPESTATUS" in word or "pipestatus" in word for step in script.steps for word in step.command.words):
        return None
    traps = any(step.command.program == "trap" and "ERR" in step.command.words for step in steps)
    for index, step in enumerate(steps):
        program = _matters(step)
        if not program:
            continue
        start = f"{job.resource}: container {script.container.name} hides a failure of {program}"
        if step.command.joined_by == "|" and "pipefail" not in script.options:
            following = steps[index + 1].command.program if index + 1 < len(steps) else "another program"
            return Fault(f"{start}: it is piped into {following} without pipefail", step.place)
        if step.command.is_condition:
            continue
        end = _end_of_list(steps, index)
        after = steps[end + 1] if end + 1 < len(steps) else None
        if after is None:
            continue
        if steps[end].command.joined_by == "||":
            if after.command.program in _GOES_ON and not _leaves(steps[end + 1 :]):
                return Fault(f"{start}: the script goes on after it (|| {after.command.program})", step.place)
        elif "errexit" not in script.options and not traps and not _checks_status(after, script, steps[end]):
            return Fault(f"{start}: the script goes on after it, without set -e", step.place)
    return None


def _matters(step: Step) -> str:
    """Return the program of a command whose failure means that nothing was saved, else nothing."""
    command = step.command
    found = purposes(command)
    if Purpose.DUMP in found:
        return dumped_by(command)
    if Purpose.SEND in found and (command.program not in _NOTIFIES or _UPLOADS.search(command.text)):
        return command.program
    makes_copy = command.program in ("tar", "kubectl") and (command.outputs or command.joined_by == "|")
    return command.program if makes_copy and ("get" in command.words or command.program == "tar") else ""


def _end_of_list(steps: Sequence[Step], index: int) -> int:
    while steps[index].command.joined_by in ("|", "&&") and index + 1 < len(steps):
        index += 1
    return index


def _leaves(steps: Sequence[Step]) -> bool:
    """Tell whether the branch that begins here ends the script."""
    for step in steps[:4]:
        if step.command.program in ("exit", "return", "false"):
            return True
        if step.command.joined_by == ";":
            return False
    return False


def _checks_status(after: Step, script: Script, last: Step) -> bool:
    """Tell whether the next command looks at the exit status of the one before it."""
    if any("$?" in word for word in after.command.words):
        return True
    position = script.steps.index(last)
    for step in script.steps[position + 1 : position + 3]:
        if any("$?" in value for _, value in step.command.assigned):
            return True
    return False


def secrets_encrypted(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Secrets leave the cluster encrypted or not at all."""
    resource = subject.resource
    if resource.kind == "Schedule":
        yield from _velero(resource, context)
        return
    job = context.run.backup_jobs.get(resource)
    if job is not None:
        scripts: Sequence[Script] = job.scripts
    elif subject.workload is not None:
        workload = subject.workload
        containers = [item for item in workload.containers if item.type is not ContainerType.EPHEMERAL]
        scripts = [context.graph.script(workload, container) for container in containers]
    else:
        scripts = ()
    steps = [step for script in scripts for step in script.steps]
    dumps = [step for index, step in enumerate(steps) if _dumps_secrets(steps, index)]
    if not dumps and job is None:
        yield NotApplicable("it saves no Secret")
    elif not dumps and job is not None and not job.is_visible:
        yield Unverifiable(f"whether {resource} saves Secrets is inside its image")
    elif not any(serves(step.command, Purpose.ENCRYPT) for step in steps):
        for step in dumps[:1]:
            yield Fault(f"{resource} saves Secrets in clear text: nothing encrypts what kubectl get prints", step.place)


def _dumps_secrets(steps: Sequence[Step], index: int) -> bool:
    command = steps[index].command
    if command.program not in ("kubectl", "oc") or command.depth or not _SECRETS.search(command.text):
        return False
    if not _WHOLE.search(command.text):
        return False
    while steps[index].command.joined_by == "|" and index + 1 < len(steps):
        index += 1
    end = steps[index].command
    return bool(end.outputs) or end.program == "tee" or (serves(end, Purpose.SEND) and end.program != "kubectl")


def _velero(schedule: Resource, context: RuleContext) -> Iterator[Outcome]:
    template = mapping(schedule.spec.get("template"))
    excluded = {
        item.lower().partition(".")[0] for item in sequence(template.get("excludedResources")) if isinstance(item, str)
    }
    included = {
        item.lower().partition(".")[0] for item in sequence(template.get("includedResources")) if isinstance(item, str)
    }
    if excluded & {"secret", "secrets"} or (included and not included & {"*", "secret", "secrets"}):
        return
    name = template.get("storageLocation", "default")
    location = context.graph.index.find("velero.io", "BackupStorageLocation", schedule.namespace, str(name))
    settings = mapping(dig(location.spec, "config")) if location is not None else {}
    if not settings.keys() & {"kmsKeyId", "kmsKeyName", "serverSideEncryption", "customerKeyEncryptionFile"}:
        yield Unverifiable(f"whether the store to which {schedule} writes Secrets encrypts them is not in the tree")
