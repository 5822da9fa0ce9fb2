#!/usr/bin/env bash
# What threads hold and how long blocks lived, of a real program that hands blocks from one thread to another: a producer
# whose blocks a consumer frees, one who frees its own, and one who keeps some for good.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >program.c <<'END'
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void *handed[200], *kept[40], *far[20];
static sem_t ready;
static int tids[2];
static void *thread_produce(void *unused) {
    tids[0] = gettid();
    for (int i = 0; i < 200; i++) {
        handed[i] = malloc(1000); /* HANDED */
        sem_post(&ready);
    }
    return NULL;
}
static void *thread_consume(void *unused) {
    tids[1] = gettid();
    for (int i = 0; i < 200; i++) {
        sem_wait(&ready);
        if (i >= 30)
            free(handed[i]);
    }
    for (int i = 0; i < 50; i++)
        free(malloc(24)); /* OWN */
    for (int i = 0; i < 20; i++)
        far[i] = malloc(300); /* FAR */
    for (int i = 0; i < 20; i++)
        free(far[i]);
    for (int i = 0; i < 40; i++)
        kept[i] = malloc(64); /* KEPT */
    return NULL;
}
int main(void) {
    pthread_t threads[2];
    sem_init(&ready, 0, 0);
    pthread_create(&threads[0], NULL, thread_produce, NULL);
    pthread_create(&threads[1], NULL, thread_consume, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    dprintf(1, "%d %d\n", tids[0], tids[1]);
    return 0;
}
END
cc -g -O1 -D_GNU_SOURCE -fno-builtin -pthread -o program program.c || exit 1
run 0 "$MEMTRACE" run -o a.mtr -- ./program
read -r producer consumer <out
run 0 "$MEMTRACE" verify a.mtr

# table WANTED ARGUMENT...: the lines of the report, whose threads have no name any more that would be known
table() {
    local wanted=$1
    shift
    run 0 "$MEMTRACE" report --function 'thread_*' "$@" a.mtr@end
    err_empty
    [ "$(sed -n "s/^[^ ]*:$producer: /producer: /; s/^[^ ]*:$consumer: /consumer: /; s/^.*program.c:thread_/thread_/; / size=.*average=/p" out)" = "$wanted" ] ||
        fail "report $*, not: $wanted"
}
table "producer: size=29.3 KiB, count=30, average=1000 B
consumer: size=2560 B, count=40, average=64 B" --by thread --cost live
table "producer: size=195 KiB, count=200, average=1000 B
consumer: size=9760 B, count=110, average=89 B" --by thread --cost total
table "consumer: size=1500 B, count=51, average=29 B" --by thread --cost temporary
table "thread_consume: size=2560 B, count=40, average=64 B" --by function --cost live --thread "*:$consumer"
table "thread_produce: size=29.3 KiB, count=30, average=1000 B" --by function --cost live --thread "*:$producer"
table "thread_consume: size=1500 B, count=51, average=29 B" --by function --temporary 0
table "thread_consume: size=2700 B, count=55, average=49 B" --by function --temporary 4
table "thread_consume: size=5700 B, count=65, average=88 B" --by function --temporary 14

# how many of each place were freed, and by whom; how long that took is the machine's affair
run 0 "$MEMTRACE" lifetimes --format json --function 'thread_*' a.mtr
/usr/bin/python3 - program.c >verdict 2>&1 <<'END' || fail "lifetimes: $(cat verdict)"
import json, sys
entries = json.load(open("out"))["entries"]
lines = [line.split("/* ")[1].split()[0] if "/* " in line else "" for line in open(sys.argv[1])]
have = {lines[e["line"] - 1]: [e[k] for k in ("count", "frees", "never_freed", "known", "other_thread", "temporary")] for e in entries}
want = {"HANDED": [200, 170, 30, 170, 170, 0], "OWN": [50, 50, 0, 50, 0, 50], "FAR": [20, 20, 0, 20, 0, 1], "KEPT": [40, 0, 40, 0, 0, 0]}
assert have == want, have
END
PYTHONPATH=$PROGRAMS /usr/bin/python3 -B -c 'import mtr_reader; mtr_reader.Trace("a.mtr").read()' >verdict 2>&1 ||
    fail "lives that the events do not come to: $(cat verdict)"
finish
