"""ServiceAccounts: of one workload's own, without a token that nobody needs, and used by somebody."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.accounts import DEFAULT_ACCOUNT, Account, account_of, account_path
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import dig, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity

TOKEN_TYPE = "kubernetes.io/service-account-token"
TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"

#: Annotations of injectors whose containers log in with the account's token.
_LOGS_IN = ("vault.hashicorp.com/agent-inject", "vault.security.banzaicloud.io/vault-addr")


def dedicated(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Pods that get a token run as an account of their own, not as the default one; one finding a namespace."""
    accounts = context.graph.accounts
    sharing = [
        workload
        for workload in accounts.users(Account(subject.namespace, DEFAULT_ACCOUNT))
        if accounts.mounts_token(workload)
    ]
    if sharing:
        first, *others = sharing
        where = f"the default account of namespace {subject.namespace}"
        message = f"{first} runs as {where} and gets its token"
        if others:
            message = f"{len(sharing)} workloads run as {where} and get its token: {first} and {len(others)} more"
        notes = tuple(Note(f"{other} too", Place(other.resource, account_path(other))) for other in others)
        yield Fault(message, Place(first.resource, account_path(first)), notes)


def token_off(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A pod gets its account's token only where something binds the account, so that the token is of use.

    Pods that run as the default account are left to the rule on accounts of their own, which tells them together.
    """
    workload, accounts, everywhere = subject.pods, context.graph.accounts, context.run.shared.accounts
    account = account_of(workload)
    if not accounts.mounts_token(workload) or _uses_token(workload):
        return
    if accounts.grants(account) or everywhere.grants(account):
        return
    own = workload.pod_spec.get("automountServiceAccountToken")
    if account.name == DEFAULT_ACCOUNT and own is None and context.run.runs("service-account-dedicated"):
        yield NotApplicable("service-account-dedicated tells who runs as the default account")
        return
    if not workload.resource.namespace_declared and (grant := everywhere.grant_by_name(account.name)) is not None:
        yield Unverifiable(
            f"{workload} names no namespace; in that of {grant.binding}, account {account.name} has rights"
        )
        return
    if own is None and account.name != DEFAULT_ACCOUNT and accounts.resource(account) is None:
        yield Unverifiable(f"ServiceAccount {account.name} of namespace {account.namespace} is not in the tree")
        return
    if "platform" in context.roles.traits(workload.resource) and own is None:
        yield Unverifiable(f"{workload} is part of the platform; its bindings may be kept elsewhere")
        return
    resource = accounts.resource(account)
    notes = (Note(f"or switched off here for all who run as {resource}", Place(resource)),) if resource else ()
    yield Fault(
        f"{workload} mounts the token of account {account.name}, to which nothing in the tree gives any right",
        subject.place(*workload.pod_spec_path, "automountServiceAccountToken"),
        notes,
    )


def _uses_token(workload: Workload) -> bool:
    """Tell whether a pod shows that it logs in somewhere with its token."""
    if any(name in workload.pod_annotations for name in _LOGS_IN):
        return True
    return any(
        isinstance(text, str) and TOKEN_FOLDER in text
        for container in workload.containers
        for text in (
            *sequence(container.data.get("command")),
            *sequence(container.data.get("args")),
            *(dig(variable, "value") for variable in sequence(container.data.get("env"))),
        )
    )


def token_short_lived(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No Secret holds a token that never expires, and no volume asks for one that does so after weeks."""
    if subject.workload is not None:
        yield from _projected_tokens(subject, subject.workload, context)
        return
    if (subject.resource.group, subject.resource.kind) != ("", "Secret"):
        yield NotApplicable("it holds no token")
        return
    if subject.resource.data.get("type") != TOKEN_TYPE:
        return
    account = subject.resource.annotations.get("kubernetes.io/service-account.name", "unknown")
    yield Fault(f"{subject.resource} holds a token of account {account} that never expires", subject.place("type"))


def _projected_tokens(subject: Subject, workload: Workload, context: RuleContext) -> Iterator[Outcome]:
    """Judge the tokens that volumes ask for; the kubelet renews them at 80 % of their time (Projected Volumes)."""
    most, origin = context.parameter("max_token_seconds", subject)
    asked = False
    for index, volume in enumerate(sequence(workload.pod_spec.get("volumes"))):
        for number, source in enumerate(sequence(dig(volume, "projected", "sources"))):
            seconds = dig(source, "serviceAccountToken", "expirationSeconds")
            if not isinstance(seconds, int) or not isinstance(most, int):
                continue
            asked = True
            if seconds > most:
                path = ("volumes", index, "projected", "sources", number, "serviceAccountToken", "expirationSeconds")
                yield Fault(
                    f"{workload}: the token of volume {dig(volume, 'name')} is valid for {seconds} s, "
                    f"more than the {most} s allowed by {origin}",
                    Place(workload.resource, (*workload.pod_spec_path, *path)),
                )
    if not asked:
        yield NotApplicable("its volumes ask for no token")


def used(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Some workload, or an object of an operator, runs as the account."""
    resource, accounts = subject.resource, context.graph.accounts
    account = Account(resource.namespace, resource.name)
    if accounts.users(account) or accounts.is_named_elsewhere(account) or resource.name == DEFAULT_ACCOUNT:
        return
    if not context.graph.index.workloads_by_namespace.get(resource.namespace):
        yield NotApplicable(f"the tree has no workload of namespace {resource.namespace}")
        return
    grants = accounts.grants(account)
    if not grants:
        yield Fault(f"no workload of the tree runs as {resource}", Place(resource), severity=Severity.INFO)
        return
    roles = ", ".join(dict.fromkeys(grant.role for grant in grants))
    notes = tuple(Note(f"{grant.binding} binds it", grant.place) for grant in grants)
    yield Fault(f"no workload of the tree runs as {resource}, although it is bound to {roles}", Place(resource), notes)
