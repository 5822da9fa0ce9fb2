#!/usr/bin/env bash
# Scopes of which a program tells one half alone: said by run, by report and in its JSON, where it is the program's mistake.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >scopes.c <<'C'
#include <memtrace/memtrace.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static void *volatile kept;
static char stack[65536];
static ucontext_t back, there;

static void *ends_it(void *none) {
        memtrace_scope_end("handed over");
        return none;
}

static void coroutine(void) {
        memtrace_scope_begin("coroutine");
        swapcontext(&there, &back);
        memtrace_scope_end("coroutine");
}

int main(int count, char **words) {
        const char *what = count > 1 ? words[1] : "";
        pthread_t thread;

        kept = malloc(10);
        if (strcmp(what, "halves") == 0) {
                memtrace_scope_end("parse");
                memtrace_scope_end("parse");
                memtrace_scope_begin("request\n");
        } else if (strcmp(what, "many") == 0) {
                memtrace_scope_begin("a");
                memtrace_scope_begin("b");
                memtrace_scope_begin("c");
                memtrace_scope_begin("d");
        } else if (strcmp(what, "killed") == 0) {
                memtrace_scope_end("never begun");
                memtrace_scope_begin("open");
                raise(SIGKILL);
        } else if (strcmp(what, "exec") == 0) {
                memtrace_scope_begin("open");
                execl("/bin/true", "true", NULL);
        } else if (strcmp(what, "fork") == 0) {
                memtrace_scope_begin("around");
                if (fork() == 0) {
                        memtrace_scope_end("around");
                        memtrace_scope_begin("the child's");
                        pthread_create(&thread, NULL, ends_it, NULL);
                        pthread_join(thread, NULL);
                        return 0;
                }
                wait(NULL);
                memtrace_scope_end("around");
        } else if (strcmp(what, "thread") == 0) {
                memtrace_scope_begin("handed over");
                pthread_create(&thread, NULL, ends_it, NULL);
                pthread_join(thread, NULL);
        } else if (strcmp(what, "coroutine") == 0) {
                memtrace_scope_begin("main");
                getcontext(&there);
                there.uc_stack.ss_sp = stack;
                there.uc_stack.ss_size = sizeof(stack);
                there.uc_link = &back;
                makecontext(&there, coroutine, 0);
                swapcontext(&back, &there);
                memtrace_scope_end("main"); /* before the coroutine's, which is in it */
                swapcontext(&back, &there);
        } else {
                MEMTRACE_SCOPE("whole");
        }
        return 0;
}
C
cc -I "$INCLUDE" scopes.c -o scopes -pthread || fail "no program"

# told WHAT CODE LINE: what `run` says of scopes at the end, and the reports of its trace
told() {
    rm -f ./*.mtr ./*.mtr.json
    "$MEMTRACE" run -o %p.mtr ./scopes "$1" >out 2>err
    code=$?
    [ $code = "$2" ] || fail "$1: exit code $code"
    [ "$(grep '^  scopes:' err)" = "${3:+  scopes:      $3}" ] || fail "$1: not '$3' at the end"
    trace=$(sed -n 's/^  trace: *//p' err)
    run 0 "$MEMTRACE" report "$trace"
    [ "$(grep '^scopes:  ' out)" = "${3:+scopes:      $3}" ] || fail "$1: not '$3' in the report"
    run 0 "$MEMTRACE" snapshot save -o "$trace.json" "$trace"
    run 0 "$MEMTRACE" report "$trace.json"
    [ "$(grep '^scopes:  ' out)" = "${3:+scopes:      $3}" ] || fail "$1: not '$3' in the report of a snapshot"
}
json() { # TRACE OBJECT
    run 0 "$MEMTRACE" snapshot save -o saved.json "$1"
    for file in "$1" saved.json; do
        run 0 "$MEMTRACE" report --format json "$file"
        /usr/bin/python3 -c 'import json, sys
print(json.dumps(json.load(open("out")).get("scopes")))' >scopes.json
        [ "$(cat scopes.json)" = "$2" ] || fail "$file: $(cat scopes.json), and not $2"
    done
    rm saved.json
}

told whole 0 ""
json "$trace" null
told halves 0 '2 ends without a begin, 1 begin without an end (parse, request\x0a)'
json "$trace" '{"ends_without_begin": 2, "begins_without_end": 1, "names": ["parse", "request\\x0a"]}'
told many 0 '4 begins without an end (a, b, c, ...)'
json "$trace" '{"ends_without_begin": 0, "begins_without_end": 4, "names": ["a", "b", "c"]}'
told thread 0 '1 end without a begin, 1 begin without an end (handed over)'
told coroutine 0 ""
run 0 "$MEMTRACE" verify "$trace"
out_lacks "scope"
# one that is killed or replaced ends nothing
told killed 137 '1 end without a begin (never begun)'
told exec 0 ""
for one in *.mtr; do
    json "$one" null
done
# a fork child may end what its parent began, of which its own trace knows nothing; what it begins is its own, and no
# other thread of it had a parent
told fork 0 ""
json "$trace" null
rm "$trace"
json ./*.mtr '{"ends_without_begin": 1, "begins_without_end": 1, "names": ["the child'"'"'s", "handed over"]}'
run 0 "$MEMTRACE" verify ./*.mtr
out_has "scope ends without a begin: 2; begins without an end: 1"

finish
