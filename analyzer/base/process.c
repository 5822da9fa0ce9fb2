/*
 * See process.h.
 */
#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

char process_state(pid_t pid) {
        char path[48], status[512];
        const char *name_end;
        size_t got;
        FILE *stat;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        stat = fopen(path, "re");
        if (!stat)
                return errno == ENOENT ? 'Z' : PROCESS_UNKNOWN;
        got = fread(status, 1, sizeof(status) - 1, stat);
        fclose(stat);
        if (got == 0)
                return 'Z'; /* it went meanwhile */
        status[got] = '\0';
        name_end = strrchr(status, ')'); /* the name before it may hold anything */
        return name_end && name_end[1] == ' ' && name_end[2] ? name_end[2] : PROCESS_UNKNOWN;
}

void process_name(const char *pid, char *name, size_t size_bytes) {
        char path[64];
        FILE *stream;

        snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
        stream = fopen(path, "re");
        if (!stream || !fgets(name, (int)size_bytes, stream))
                *name = '\0';
        name[strcspn(name, "\n")] = '\0';
        if (stream)
                fclose(stream);
}
