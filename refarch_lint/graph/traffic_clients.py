"""Programs that dial a server, and how each is told its host and port (their own manuals)."""

from __future__ import annotations

from typing import NamedTuple

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})

#: Words before the program in a command: they run what follows.
PREFIXES = frozenset(
    {"sudo", "exec", "time", "env", "nohup", "nice", "until", "while", "if", "then", "do", "else", "elif", "!", "{"}
    | {"command", "eval", "xargs", "tini", "dumb-init", "--", "su-exec", "gosu", "stdbuf", "catchsegv", "timeout"}
)
#: Programs that only handle text or accounts: a host among their arguments is not dialled.
SILENT = frozenset(
    {"echo", "printf", "sed", "grep", "egrep", "awk", "test", "[", "[[", "chown", "chmod", "chgrp", "useradd", "cat"}
    | {"mkdir", "rm", "cp", "mv", "ls", "touch", "tee", "tr", "cut", "case", "for", "in", "nslookup", "dig", "hostname"}
    | {"getent", "ping", "sleep", "apk", "adduser", "usermod", "date", "envsubst", "jq", "yq", "find", "log", "logger"}
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Client(NamedTuple):
    """How a client program is told its server: flags for host and port, and the port it dials otherwise."""

    host: frozenset[str]
    port: frozenset[str]
    default: int | None


def _client(host: str, port: str, default: int | None) -> Client:
    return Client(_words(host), _words(port), default)


_POSTGRES = _client("-h --host", "-p --port", 5432)
_MYSQL = _client("-h --host", "-P --port", 3306)
_REDIS = _client("-h", "-p", 6379)
_MONGO = _client("-h --host", "--port -p", 27017)
_KAFKA = _client("--bootstrap-server --broker-list", "", 9092)

CLIENTS: dict[str, Client] = {
    **dict.fromkeys(
        _words("psql pg_dump pg_dumpall pg_restore pg_isready pg_basebackup pg_receivewal createdb dropdb createuser "
        "vacuumdb reindexdb clusterdb pgbench pg_amcheck"),
        _POSTGRES,
    ),
    **dict.fromkeys(
        _words("mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlsh mysqlpump mysqlbinlog mariadb mariadb-dump "
        "mariadb-admin mariadb-backup mariadb-check mydumper myloader mysqlslap xtrabackup mariabackup"),
        _MYSQL,
    ),
    **dict.fromkeys(_words("redis-cli redis-benchmark valkey-cli keydb-cli"), _REDIS),
    **dict.fromkeys(_words("mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop"), _MONGO),
    **dict.fromkeys(_words("kcat kafkacat"), _client("-b", "", 9092)),
    **dict.fromkeys(
        (f"kafka-{name}{suffix}" for name in (
            "topics", "console-producer", "console-consumer", "consumer-groups", "configs", "acls",
            "broker-api-versions", "get-offsets", "reassign-partitions", "leader-election", "metadata-quorum",
        ) for suffix in ("", ".sh")),
        _KAFKA,
    ),
    "clickhouse-client": _client("-h --host", "--port", 9000),
    "influx": _client("-host --host", "-port --port", 8086),
    "rabbitmqadmin": _client("-H --host", "-P --port", 15672),
    "sqlcmd": _client("-S", "", 1433),
    "ldapsearch": _client("-h", "-p", 389),
    "nats": _client("-s --server", "", 4222),
    "mosquitto_pub": _client("-h --host", "-p --port", 1883),
    "mosquitto_sub": _client("-h --host", "-p --port", 1883),
    "memcached-tool": _client("", "", 11211),
}  # fmt: skip

#: Programs whose host and port are plain words: `nc -z db 5432`; the value is the port where none is given.
POSITIONAL: dict[str, int | None] = {
    "nc": None, "ncat": None, "netcat": None, "telnet": 23, "cqlsh": 9042, "memcached-tool": 11211,
    "zookeeper-shell": 2181, "zookeeper-shell.sh": 2181,
}  # fmt: skip
HTTP_CLIENTS = frozenset({"curl", "wget", "http", "https", "hey", "ab", "wrk", "siege", "grpcurl", "xh"})
VALUE_FLAGS: dict[str, frozenset[str]] = {
    "curl": _words(
        "-H --header -d --data --data-raw --data-binary --data-urlencode -X --request -o --output -u --user -A "
        "--user-agent -e --referer -F --form --max-time -m --retry --retry-delay --connect-timeout -w --write-out -b "
        "--cookie -c --cookie-jar -K --cacert --cert --key -E --resolve --json -T --retry-max-time"
    ),
    "wget": _words("--header --post-data -O -o -P -T -t -U --user-agent --timeout --tries --user --password"),
    "nc": _words("-w -q -i -s -p"),
    "ncat": _words("-w -q -i -s -p"),
    "netcat": _words("-w -q -i -s -p"),
    "ab": _words("-n -c -t -H -T -p"),
    "hey": _words("-n -c -z -q -m -H -d"),
    "cqlsh": _words("-u -p -k -e -f --username --password -u"),
    "grpcurl": _words("-d -H -proto -import-path -authority"),
}
