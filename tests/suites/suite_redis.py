"""redis-server, whose malloc is jemalloc's, under its own benchmark: forks for its log and its snapshot, a script, a restart."""

import shutil

from case import Case

# redis-server is the same program as redis-check-rdb; the package of its name would start one.
PACKAGES = ["redis-tools"]
NEEDS = ["redis-check-rdb", "redis-cli", "redis-benchmark"]

SCRIPT = r"""
set -e
cli() { redis-cli -s r.sock "$@"; }
start() {
        ./redis-server --port 0 --unixsocket r.sock --save "" --appendonly yes --io-threads 2 --daemonize no > server.log 2>&1 &
        server=$!
        for i in $(seq 200); do
                [[ $(cli ping 2>&1) == PONG ]] && return
                sleep 0.05
        done
        echo "the server does not answer"
}
idle() {
        for i in $(seq 200); do
                cli info persistence | tr -d '\r' | grep -qx "$1:0" && return
                sleep 0.05
        done
}
start
redis-benchmark -s r.sock -n 5000 -c 20 -t set,get,lpush,lpop,sadd,zadd,mset --csv | wc -l
cli flushall
for i in $(seq 500); do echo "set k$i v$i"; done | cli | sort | uniq -c
cli eval 'local s = 0; for i = 1, 1000 do redis.call("rpush", "l", i); s = s + i end; return s' 0
cli bgrewriteaof
idle aof_rewrite_in_progress
cli bgsave
idle rdb_bgsave_in_progress
cli lastsave > /dev/null
cli shutdown nosave
wait $server && echo "the server ended"
start
cli dbsize
cli lrange l 997 -1
cli client no-evict on
kill -TERM $server
wait $server && echo "the server ended"
"""


def cases():
    return [Case("benchmark", ["bash", "-c", SCRIPT], links={"redis-server": shutil.which("redis-check-rdb")}, short=True)]
