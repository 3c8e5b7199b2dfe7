"""What the programs of backup scripts do: dump, send away, thin out, encrypt, restore (their own manuals)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from refarch_lint.model.shell import Command
from refarch_lint.regex import regex
from refarch_lint.remembering import remembered


class Purpose(StrEnum):
    """What a command of a backup script is for."""

    DUMP = "dump"
    SEND = "send"
    PRUNE = "prune"
    ENCRYPT = "encrypt"
    RESTORE = "restore"


def _any(*patterns: str) -> re.Pattern[str]:
    """Return one pattern out of many; `…` in them stands for anything up to the beginning of a later word."""
    return regex("|".join(f"(?:{pattern})" for pattern in patterns).replace("…", r".*[\s=]"), re.IGNORECASE)


_DUMP: Final = _any(
    r"^(?:pg_dump|pg_dumpall|pg_basebackup|pg_receivewal|pg_back)\b",
    r"^(?:mysqldump|mysqlpump|mariadb-dump|mariadb-backup|mariabackup|xtrabackup|mydumper|innobackupex)\b",
    r"^(?:mongodump|mongoexport|slapcat|riak-backup)\b",
    r"^(?:redis|valkey|keydb)-cli\b.*(?:--rdb|bgsave|\bsave\b)",
    r"^etcdctl\b…snapshot save\b|^etcdutl\b…snapshot save\b|^etcdutl? backup",
    r"^clickhouse(?:-client| client)\b…BACKUP\b|^clickhouse-backup\b…create",
    r"^influxd? backup\b|^neo4j-admin\b…(?:dump|backup)\b|^nodetool\b…snapshot\b|^medusa\b…backup\b",
    r"^cockroach\b…BACKUP\b|^sqlcmd\b…BACKUP (?:DATABASE|LOG)\b|^sqlite3\b.*\.(?:backup|dump)\b",
    r"^(?:consul|vault operator raft) snapshot save\b|^nats stream backup\b|^gitlab-backup create\b",
    r"^(?:curl|wget)\b.*/_snapshot/",
    r"^litestream replicate\b",
)
_SEND: Final = _any(
    r"^aws\b…s3(?:api)? (?:cp|sync|mv|put-object)\b.*(?:\ss3://\S*\s*(?:--.*)?$|put-object)",
    r"^(?:s3cmd|s5cmd|s4cmd)\b…(?:put|sync|cp|mv|pipe)\b.*s3://",
    r"^(?:gsutil|gcloud storage)\b…(?:cp|rsync|mv)\b.*gs://\S*$",
    r"^az storage (?:blob|copy|fs)\b…(?:upload\S*|sync|copy|start\S*)\b|^azcopy\b…(?:copy|cp|sync)\b",
    r"^rclone\b…(?:copy|copyto|sync|move|moveto|rcat|bisync)\b",
    r"^(?:mc|mcli)\b…(?:cp|mirror|mv|pipe|put)\b",
    r"^(?:restic|rustic)\b…backup\b|^borg\b…create\b|^kopia\b…snapshot create\b|^duplicacy\b…backup\b",
    r"^(?:duplicity)\b.*\S+://",
    r"^(?:wal-g|wal-e)\b…backup-push\b|^pgbackrest\b…backup\b|^barman\b…backup\b|^barman-cloud-backup\b",
    r"^clickhouse(?:-client| client)\b…TO S3\b|^clickhouse-backup\b…(?:upload|create_remote)\b",
    r"^(?:curl)\b.*(?:\s-T\b|--upload-file|-X\s?(?:PUT|POST)|--request (?:PUT|POST)|\s-F\b|--data-binary|/_snapshot/)",
    r"^(?:scp|sftp|lftp|ftp|ncftpput|ssh|sshpass|nc|ncat)\b|^rsync\b.*(?:\s\S+:\S|rsync://)",
    r"^(?:swift)\b…upload\b|^b2\b…(?:sync|upload\S*)\b|^(?:ossutil|ossutil64|obsutil|coscmd|coscli)\b",
    r"^velero\b…backup create\b|^kubectl\b…(?:apply|create|cp)\b|^oras push\b|^git push\b",
    r"^cockroach\b…BACKUP\b.*(?:s3|gs|azure\S*)://|^(?:medusa|nats stream) backup\b|^litestream replicate\b",
)
_PRUNE: Final = _any(
    r"^(?:restic|rustic)\b…(?:forget|prune)\b|^(?:borg|duplicacy|kopia|attic)\b…(?:prune|compact|expire|maintenance)\b",
    r"^kopia\b…policy set\b|^find\b.*(?:-delete\b|\brm\b|unlink)|^(?:rm|unlink|shred|trash)\b",
    r"^(?:xargs|parallel)\b…(?:rm|unlink|delete)\b|^tmpreaper\b|^tmpwatch\b|^logrotate\b|^rotate-backups\b",
    r"^aws\b…s3(?:api)? (?:rm|delete-\S+|put-bucket-lifecycle\S*)\b",
    r"^(?:s3cmd|s5cmd)\b…(?:rm|del|expire|setlifecycle)\b",
    r"^(?:gsutil|gcloud storage)\b…(?:rm|lifecycle)\b|^az storage blob\b…delete\S*\b",
    r"^azcopy\b…(?:rm|remove)\b",
    r"^rclone\b…(?:delete|deletefile|purge|cleanup)\b|^(?:mc|mcli)\b…(?:rm|ilm)\b|^swift\b…delete\b",
    r"^duplicity\b…remove-|^(?:wal-g|wal-e)\b…delete\b|^pgbackrest\b…expire\b|^barman-cloud-backup-delete\b",
    r"^barman\b…(?:delete|cron)\b|^clickhouse-backup\b…(?:delete|clean\S*)\b|^nodetool\b…clearsnapshot\b",
    r"^curl\b.*(?:-X\s?DELETE|--request DELETE)|^kubectl\b…delete\b|^velero\b.*(?:\bdelete\b|--ttl)",
    r"^medusa\b…purge\b",
    r"(?:^|\s)--(?:retention|retain|keep|expire|ttl|max-backups|purge|rotate)[\w-]*(?:[= ]|$)",
)
_ENCRYPT: Final = _any(
    r"^(?:gpg2?|age|rage|sops|kubeseal|ccrypt|mcrypt|openssl (?:enc|smime|cms|pkeyutl|aes\S*)|vault kv put)\b",
    r"^(?:restic|rustic|duplicity|kopia|duplicacy)\b|^borg\b(?!.*--encryption[= ]none)|^(?:zip|7z)\b.*\s-(?:e|P|p)",
    r"^rclone\b…crypt|^velero\b",
)
_RESTORE: Final = _any(
    r"^(?:pg_restore|mongorestore|mongoimport|myloader|mysqlimport|mariadb-import|slapadd|clickhouse-backup restore)\b",
    r"^(?:restic|rustic)\b…(?:restore|dump|mount)\b|^borg\b…extract\b|^kopia\b…restore\b|^duplicity\b…restore\b",
    r"^(?:wal-g|wal-e)\b…backup-fetch\b|^pgbackrest\b…restore\b|^barman-cloud-restore\b|^barman\b…recover\b",
    r"^(?:mariadb-backup|mariabackup|xtrabackup)\b.*(?:--copy-back|--move-back)|^influxd? restore\b",
    r"^clickhouse(?:-client| client)\b…RESTORE\b|^cockroach\b…RESTORE\b|^sqlcmd\b…RESTORE DATABASE\b",
    r"^etcdu?c?tl\b…snapshot restore\b|^velero\b…restore\b|^neo4j-admin\b…(?:load|restore)\b",
    r"^(?:curl|wget)\b.*/_restore\b|^litestream restore\b|^nats stream restore\b|^medusa\b…restore",
)
_PURPOSES: Final = {
    Purpose.DUMP: _DUMP,
    Purpose.SEND: _SEND,
    Purpose.PRUNE: _PRUNE,
    Purpose.ENCRYPT: _ENCRYPT,
    Purpose.RESTORE: _RESTORE,
}

#: Images that back up by themselves when their command says nothing else, by a part of their name.
BACKUP_IMAGE: Final = regex(
    r"backup|pgdump|pg-dump|mysqldump|mongodump|wal-g|pgbackrest|barman|restic|borgmatic|kopia|litestream|databacker",
    re.IGNORECASE,
)

#: Programs that do nothing but back up: a CronJob that runs one is a backup whatever its name.
BACKUP_TOOL: Final = _any(
    r"^(?:restic|rustic)\b…backup\b|^borg\b…create\b|^borgmatic\b|^kopia\b…snapshot create\b|^duplicity\b",
    r"^(?:wal-g|wal-e)\b…backup-push\b|^pgbackrest\b…backup\b|^barman-cloud-backup\b",
    r"^velero\b…backup create\b|^clickhouse-backup\b…create",
)


@remembered
def purposes(command: Command) -> frozenset[Purpose]:
    """Return what a command is for, and what it runs inside another one: `kubectl exec db-0 -- pg_dump`."""
    texts = (command.text, *_inner(command))
    found = {purpose for purpose, pattern in _PURPOSES.items() if any(pattern.search(text) for text in texts)}
    if command.program == "rm" and _removes_one_file(command):
        found.discard(Purpose.PRUNE)
    return frozenset(found)


def serves(command: Command, purpose: Purpose) -> bool:
    """Tell whether one of a command's purposes is a certain one."""
    return purpose in purposes(command)


def dumped_by(command: Command) -> str:
    """Return the name of the program that makes the copy, empty if the command makes none."""
    for text in (command.text, *_inner(command)):
        if _DUMP.search(text):
            return text.split(" ", 1)[0]
    return ""


def _inner(command: Command) -> list[str]:
    words = command.arguments
    found = []
    for index, word in enumerate(words[:-1]):
        if word == "--":
            rest = words[index + 1 :]
            found.append(" ".join((rest[0].rpartition("/")[2], *rest[1:])))
            if rest[0].rpartition("/")[2] in ("sh", "bash") and len(rest) > 2:
                found += [part.strip() for part in re.split(r"[;|&\n]+", rest[-1])]
    if command.program in ("su", "ssh", "docker", "sh", "bash", "ash", "xargs", "eval"):
        found += [part.strip() for part in re.split(r"[;|&\n]+", words[-1])]
    return found


def _removes_one_file(command: Command) -> bool:
    """Tell whether `rm` clears up a file of this run rather than old copies: no glob, no list of names."""
    return not any(sign in word for word in command.arguments[1:] for sign in "*?[$`{")


def is_backup_tool(command: Command) -> bool:
    """Tell whether a command runs a program that does nothing but back up."""
    return any(BACKUP_TOOL.search(text) for text in (command.text, *_inner(command)))
