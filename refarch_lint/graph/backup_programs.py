"""What the programs of backup scripts do: dump, send away, thin out, encrypt, restore (their own manuals)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from refarch_lint.model.shell import Command


class Purpose(StrEnum):
    """What a command of a backup script is for."""

    DUMP = "dump"
    SEND = "send"
    PRUNE = "prune"
    ENCRYPT = "encrypt"
    RESTORE = "restore"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_DUMP: Final = _any(
    r"^(?:pg_dump|pg_dumpall|pg_basebackup|pg_receivewal|pg_back)\b",
    r"^(?:mysqldump|mysqlpump|mariadb-dump|mariadb-backup|mariabackup|xtrabackup|mydumper|innobackupex)\b",
    r"^(?:mongodump|mongoexport|slapcat|riak-backup)\b",
    r"^(?:redis|valkey|keydb)-cli\b.*(?:--rdb|bgsave|\bsave\b)",
    r"^etcdctl\b.*\bsnapshot save\b|^etcdutl\b.*\bsnapshot save\b|^etcdutl? backup",
    r"^clickhouse(?:-client| client)\b.*\bBACKUP\b|^clickhouse-backup\b.*\bcreate",
    r"^influxd? backup\b|^neo4j-admin\b.*\b(?:dump|backup)\b|^nodetool\b.*\bsnapshot\b|^medusa\b.*\bbackup\b",
    r"^cockroach\b.*\bBACKUP\b|^sqlcmd\b.*\bBACKUP (?:DATABASE|LOG)\b|^sqlite3\b.*\.(?:backup|dump)\b",
    r"^(?:consul|vault operator raft) snapshot save\b|^nats stream backup\b|^gitlab-backup create\b",
    r"^(?:curl|wget)\b.*/_snapshot/",
    r"^litestream replicate\b",
)
_SEND: Final = _any(
    r"^aws\b.*\bs3(?:api)? (?:cp|sync|mv|put-object)\b.*(?:\ss3://\S*\s*(?:--.*)?$|put-object)",
    r"^(?:s3cmd|s5cmd|s4cmd)\b.*\b(?:put|sync|cp|mv|pipe)\b.*s3://",
    r"^(?:gsutil|gcloud storage)\b.*\b(?:cp|rsync|mv)\b.*gs://\S*$",
    r"^az storage (?:blob|copy|fs)\b.*\b(?:upload\S*|sync|copy|start\S*)\b|^azcopy\b.*\b(?:copy|cp|sync)\b",
    r"^rclone\b.*\b(?:copy|copyto|sync|move|moveto|rcat|bisync)\b",
    r"^(?:mc|mcli)\b.*\b(?:cp|mirror|mv|pipe|put)\b",
    r"^(?:restic|rustic)\b.*\bbackup\b|^borg\b.*\bcreate\b|^kopia\b.*\bsnapshot create\b|^duplicacy\b.*\bbackup\b",
    r"^(?:duplicity)\b.*\S+://",
    r"^(?:wal-g|wal-e)\b.*\bbackup-push\b|^pgbackrest\b.*\bbackup\b|^barman\b.*\bbackup\b|^barman-cloud-backup\b",
    r"^clickhouse(?:-client| client)\b.*\bTO S3\b|^clickhouse-backup\b.*\b(?:upload|create_remote)\b",
    r"^(?:curl)\b.*(?:\s-T\b|--upload-file|-X\s?(?:PUT|POST)|--request (?:PUT|POST)|\s-F\b|--data-binary|/_snapshot/)",
    r"^(?:scp|sftp|lftp|ftp|ncftpput|ssh|sshpass|nc|ncat)\b|^rsync\b.*(?:\s\S+:\S|rsync://)",
    r"^(?:swift)\b.*\bupload\b|^b2\b.*\b(?:sync|upload\S*)\b|^(?:ossutil|ossutil64|obsutil|coscmd|coscli)\b",
    r"^velero\b.*\bbackup create\b|^kubectl\b.*\b(?:apply|create|cp)\b|^oras push\b|^git push\b",
    r"^cockroach\b.*\bBACKUP\b.*(?:s3|gs|azure\S*)://|^(?:medusa|nats stream) backup\b|^litestream replicate\b",
)
_PRUNE: Final = _any(
    r"^(?:restic|rustic)\b.*\b(?:forget|prune)\b|^(?:borg|duplicacy|kopia|attic)\b.*\b(?:prune|compact|expire|maintenance)\b",
    r"^kopia\b.*\bpolicy set\b|^find\b.*(?:-delete\b|\brm\b|unlink)|^(?:rm|unlink|shred|trash)\b",
    r"^(?:xargs|parallel)\b.*\b(?:rm|unlink|delete)\b|^tmpreaper\b|^tmpwatch\b|^logrotate\b|^rotate-backups\b",
    r"^aws\b.*\bs3(?:api)? (?:rm|delete-\S+|put-bucket-lifecycle\S*)\b",
    r"^(?:s3cmd|s5cmd)\b.*\b(?:rm|del|expire|setlifecycle)\b",
    r"^(?:gsutil|gcloud storage)\b.*\b(?:rm|lifecycle)\b|^az storage blob\b.*\bdelete\S*\b",
    r"^azcopy\b.*\b(?:rm|remove)\b",
    r"^rclone\b.*\b(?:delete|deletefile|purge|cleanup)\b|^(?:mc|mcli)\b.*\b(?:rm|ilm)\b|^swift\b.*\bdelete\b",
    r"^duplicity\b.*\bremove-|^(?:wal-g|wal-e)\b.*\bdelete\b|^pgbackrest\b.*\bexpire\b|^barman-cloud-backup-delete\b",
    r"^barman\b.*\b(?:delete|cron)\b|^clickhouse-backup\b.*\b(?:delete|clean\S*)\b|^nodetool\b.*\bclearsnapshot\b",
    r"^curl\b.*(?:-X\s?DELETE|--request DELETE)|^kubectl\b.*\bdelete\b|^velero\b.*(?:\bdelete\b|--ttl)",
    r"^medusa\b.*\bpurge\b",
    r"(?:^|\s)--(?:retention|retain|keep|expire|ttl|max-backups|purge|rotate)[\w-]*(?:[= ]|$)",
)
_ENCRYPT: Final = _any(
    r"^(?:gpg2?|age|rage|sops|kubeseal|ccrypt|mcrypt|openssl (?:enc|smime|cms|pkeyutl|aes\S*)|vault kv put)\b",
    r"^(?:restic|rustic|duplicity|kopia|duplicacy)\b|^borg\b(?!.*--encryption[= ]none)|^(?:zip|7z)\b.*\s-(?:e|P|p)",
    r"^rclone\b.*\bcrypt|^velero\b",
)
_RESTORE: Final = _any(
    r"^(?:pg_restore|mongorestore|mongoimport|myloader|mysqlimport|mariadb-import|slapadd|clickhouse-backup restore)\b",
    r"^(?:restic|rustic)\b.*\b(?:restore|dump|mount)\b|^borg\b.*\bextract\b|^kopia\b.*\brestore\b|^duplicity\b.*\brestore\b",
    r"^(?:wal-g|wal-e)\b.*\bbackup-fetch\b|^pgbackrest\b.*\brestore\b|^barman-cloud-restore\b|^barman\b.*\brecover\b",
    r"^(?:mariadb-backup|mariabackup|xtrabackup)\b.*(?:--copy-back|--move-back)|^influxd? restore\b",
    r"^clickhouse(?:-client| client)\b.*\bRESTORE\b|^cockroach\b.*\bRESTORE\b|^sqlcmd\b.*\bRESTORE DATABASE\b",
    r"^etcdu?c?tl\b.*\bsnapshot restore\b|^velero\b.*\brestore\b|^neo4j-admin\b.*\b(?:load|restore)\b",
    r"^(?:curl|wget)\b.*/_restore\b|^litestream restore\b|^nats stream restore\b|^medusa\b.*\brestore",
)
_PURPOSES: Final = (
    (Purpose.DUMP, _DUMP),
    (Purpose.SEND, _SEND),
    (Purpose.PRUNE, _PRUNE),
    (Purpose.ENCRYPT, _ENCRYPT),
    (Purpose.RESTORE, _RESTORE),
)

#: Images that back up by themselves when their command says nothing else, by a part of their name.
BACKUP_IMAGE: Final = re.compile(
    r"backup|pgdump|pg-dump|mysqldump|mongodump|wal-g|pgbackrest|barman|restic|borgmatic|kopia|litestream|databacker",
    re.IGNORECASE,
)

#: Programs that do nothing but back up: a CronJob that runs one is a backup whatever its name.
BACKUP_TOOL: Final = _any(
    r"^(?:restic|rustic)\b.*\bbackup\b|^borg\b.*\bcreate\b|^borgmatic\b|^kopia\b.*\bsnapshot create\b|^duplicity\b",
    r"^(?:wal-g|wal-e)\b.*\bbackup-push\b|^pgbackrest\b.*\bbackup\b|^barman-cloud-backup\b",
    r"^velero\b.*\bbackup create\b|^clickhouse-backup\b.*\bcreate",
)


def purposes(command: Command) -> frozenset[Purpose]:
    """Return what a command is for, and what it runs inside another one: `kubectl exec db-0 -- pg_dump`."""
    texts = [command.text, *_inner(command)]
    found = {purpose for purpose, pattern in _PURPOSES for text in texts if pattern.search(text)}
    if Purpose.PRUNE in found and command.program == "rm" and _removes_one_file(command):
        found.discard(Purpose.PRUNE)
    return frozenset(found)


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
