/*
 * A server that says what it does: each request is a scope and ends on a mark, one moment is kept by itself,
 * and the thread that serves has a name. It serves as well where nobody traces it.
 *
 *   memtrace run -o requests.mtr -- build/examples/named_requests
 *   memtrace snapshot list requests.mtr
 *   memtrace report requests.mtr@loaded
 *   memtrace report --by thread requests.mtr
 *   memtrace plot requests.mtr -o requests.svg
 *   memtrace check requests.mtr --growth --repeat scope:request --min-slope 100B
 *
 * The check fails on remember: what a request leaves behind in the log is never freed. The table that is
 * loaded once, and what a request frees itself, are not blamed.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

enum { REQUESTS = 60, TABLE_ROWS = 1000, LOG_BYTES = 200 };

struct line {
        struct line *before;
        char text[LOG_BYTES];
};

static char *table[TABLE_ROWS];
static struct line *log_of_requests;

static void *must(void *block) {
        if (!block) {
                fputs("named_requests: out of memory\n", stderr);
                exit(1);
        }
        return block;
}

static void load(void) {
        MEMTRACE_SCOPE("load");

        for (int i = 0; i < TABLE_ROWS; i++) {
                table[i] = must(malloc(64));
                snprintf(table[i], 64, "row %d", i);
        }
        memtrace_mark("loaded");
}

static void remember(const char *answer) {
        struct line *line = must(malloc(sizeof *line));

        line->before = log_of_requests;
        snprintf(line->text, sizeof line->text, "answered %.100s", answer);
        log_of_requests = line;
}

static void serve(int number) {
        MEMTRACE_SCOPE("request");
        char *answer = must(malloc(4096));

        snprintf(answer, 4096, "%s for request %d", table[number * 37 % TABLE_ROWS], number);
        remember(answer);
        (void)usleep(2000); /* so that there is something to see over time */
        free(answer);
        memtrace_mark("request");
}

static void *serve_all(void *unused) {
        (void)unused;
        memtrace_thread_name("server");
        for (int i = 0; i < REQUESTS; i++) {
                serve(i);
                if (i == REQUESTS / 2)
                        memtrace_snapshot("half way");
        }
        return NULL;
}

int main(void) {
        pthread_t server;

        load();
        if (pthread_create(&server, NULL, serve_all, NULL) != 0)
                return 1;
        pthread_join(server, NULL);
        printf("%d requests served%s\n", REQUESTS, memtrace_is_tracing() ? ", and traced" : "");
        return 0;
}
