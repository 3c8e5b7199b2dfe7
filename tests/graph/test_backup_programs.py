"""What the programs of backup scripts are for."""

from __future__ import annotations

import pytest

from refarch_lint.graph.backup_programs import Purpose, dumped_by, is_backup_tool, purposes
from refarch_lint.model.shell import read_shell

DUMP, SEND, PRUNE, ENCRYPT, RESTORE = Purpose


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pg_dumpall -h db", {DUMP}),
        ("kubectl exec db-0 -- pg_dump app", {DUMP}),
        ('kubectl exec db-0 -- sh -c "mysqldump --all-databases | gzip"', {DUMP}),
        ("redis-cli -h cache --rdb /b/dump.rdb", {DUMP}),
        ("redis-cli -h cache ping", set()),
        ("aws s3 sync /backup s3://bucket/x/", {SEND}),
        ("aws s3 cp s3://bucket/x /restore", set()),
        ("restic backup /backup", {SEND, ENCRYPT}),
        ("restic restore latest --target /backup", {RESTORE, ENCRYPT}),
        ("restic forget --keep-daily 7 --prune", {PRUNE, ENCRYPT}),
        ("rclone delete off:x --min-age 7d", {PRUNE}),
        ("find /b -mtime +7 -delete", {PRUNE}),
        ("rm -f /tmp/one-file", set()),
        ("rm -f $OLD", {PRUNE}),
        ("xargs rm -f", {PRUNE}),
        ("borg create --encryption=none ::x /data", {SEND}),
        ("age -r key", {ENCRYPT}),
        ("base64 -w0", set()),
        ("pg_restore -d app x.dump", {RESTORE}),
        ("psql -h db -c 'select 1'", set()),
    ],
)
def test_purposes(text: str, expected: set[Purpose]) -> None:
    assert purposes(read_shell(text)[-1]) == expected


def test_the_dumping_program_is_named_inside_another() -> None:
    assert dumped_by(read_shell("kubectl exec db-0 -- pg_dump app")[0]) == "pg_dump"


def test_a_backup_tool_is_known_by_its_verb() -> None:
    assert is_backup_tool(read_shell("restic backup /x")[0])
    assert not is_backup_tool(read_shell("restic restore latest --target /backup")[0])
