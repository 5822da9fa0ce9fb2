/*
 * See offspring.h. Polls: of processes that are not our children nobody tells us the end.
 */
#include "launch/offspring.h"

#include "base/message.h"
#include "base/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEP_MAX_MS 64u
#define TELL_AFTER_MS 200u
#define PRELOAD "LD_PRELOAD="

/* What an environment has to have. */
struct wanted {
        const char *output; /* the whole entry */
        const char *library;
};

struct found {
        size_t count;           /* with the collectors */
        size_t programs;        /* without */
        char pid[24], name[32]; /* of the first of the programs */
};

static bool has_environment(const char *pid, const struct wanted *wanted) {
        bool output = false, preload = false;
        char path[64], *entry = NULL;
        size_t size = 0;
        FILE *stream;

        snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
        stream = fopen(path, "re");
        while (stream && !(output && preload) && getdelim(&entry, &size, '\0', stream) > 0) {
                output |= strcmp(entry, wanted->output) == 0;
                preload |= strncmp(entry, PRELOAD, strlen(PRELOAD)) == 0 && strstr(entry, wanted->library);
        }
        free(entry);
        if (stream)
                fclose(stream);
        return output && preload;
}

static void note(const char *pid, struct found *found) {
        char name[sizeof(found->name)];

        found->count++;
        process_name(pid, name, sizeof(name));
        if (!*name || strcmp(name, PROCESS_COLLECTOR) == 0 || found->programs++ > 0)
                return;
        snprintf(found->pid, sizeof(found->pid), "%.20s", pid);
        memcpy(found->name, name, sizeof(name));
}

/* By ascending pids, as the kernel lists them: whom one forks that has ended before it is looked at comes
 * later. */
static void look(const struct wanted *wanted, struct found *found) {
        DIR *directory = opendir("/proc");

        *found = (struct found){ 0 };
        for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;)
                if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
                    has_environment(entry->d_name, wanted))
                        note(entry->d_name, found);
        if (directory)
                closedir(directory);
}

/* False: they are still there at the end of the wait. */
static bool wait_until_gone(const struct wanted *wanted, unsigned limit_ms, struct found *found) {
        unsigned step_ms = 1;
        bool none_before = false, told = false;

        for (unsigned waited_ms = 0;; waited_ms += step_ms) {
                struct timespec step = { .tv_nsec = 0 };

                look(wanted, found);
                /* twice: for a moment of its exec a process has no environment */
                if (found->count == 0 && none_before)
                        return true;
                if (found->count > 0 && waited_ms >= limit_ms)
                        return false;
                if (found->programs > 0 && waited_ms >= TELL_AFTER_MS && !told) {
                        message("waiting for %s (%s), which the program left running", found->name,
                                found->pid);
                        told = true;
                }
                none_before = found->count == 0;
                step_ms = none_before ? 1 : step_ms < STEP_MAX_MS ? 2 * step_ms : step_ms;
                step.tv_nsec = (long)step_ms * 1000000;
                nanosleep(&step, NULL);
        }
}

void offspring_wait(const char *output, const char *library, unsigned limit_ms) {
        struct wanted wanted = { .library = library };
        struct found found;
        char *entry;

        if (asprintf(&entry, "MEMTRACE_OUTPUT=%s", output) < 0) {
                message_errno(ENOMEM, "run", "cannot wait for what the program left running");
                return;
        }
        wanted.output = entry;
        if (!wait_until_gone(&wanted, limit_ms, &found) && found.programs > 0)
                message("%s (%s) still runs %u s after the program has ended, and is judged no further",
                        found.name, found.pid, limit_ms / 1000);
        free(entry);
}
