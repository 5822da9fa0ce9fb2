/*
 * See control_find.h. Of all processes of that name that have such a page open, it is the one whose session
 * the traced process has mapped.
 */
#include "launch/control_find.h"

#include "base/message.h"
#include "base/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK_BEGIN "/memfd:" MTR_CONTROL_NAME
#define NAMESPACES_MAX 33u /* the kernel's, MAX_PID_NS_LEVEL, and its first */

/* What /proc/PID/status tells of a process, or of one of its threads. */
struct identity {
        char state;
        uint32_t pids[NAMESPACES_MAX]; /* its process's, in the namespace of /proc and in those within it */
        size_t count;
};

/* Whether a process maps that inode of shared anonymous memory; -errno when that may not be asked. */
static int maps_inode(uint32_t pid, uint64_t inode) {
        char path[64], *line = NULL;
        size_t size = 0;
        int found = 0;
        FILE *maps;

        snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
        maps = fopen(path, "re");
        if (!maps)
                return -errno;
        while (!found && getline(&line, &size, maps) > 0) {
                uint64_t mapped;
                char device[16];

                found = sscanf(line, "%*s %*s %*s %15s %" SCNu64, device, &mapped) == 2 &&
                        strncmp(device, "00:", 3) == 0 && mapped == inode;
        }
        found = !found && ferror(maps) ? -EIO : found;
        free(line);
        fclose(maps);
        return found;
}

/* False: it is gone, or was never there. */
static bool identify(uint32_t pid, struct identity *identity) {
        char path[64], line[512], *at, *end;
        FILE *status;

        *identity = (struct identity){ 0 };
        snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
        status = fopen(path, "re");
        while (status && fgets(line, sizeof(line), status)) {
                (void)sscanf(line, "State: %c", &identity->state);
                if (strncmp(line, "NStgid:", 7) != 0)
                        continue;
                for (at = line + 7; identity->count < NAMESPACES_MAX; at = end) {
                        identity->pids[identity->count] = (uint32_t)strtoul(at, &end, 10);
                        if (end == at)
                                break;
                        identity->count++;
                }
        }
        if (status)
                fclose(status);
        return identity->count > 0;
}

static bool has_ended(const struct identity *identity) {
        return identity->state == 'Z' || identity->state == 'X';
}

/* The page behind a descriptor of another process, if it is one; nobody can cut it off. */
static struct mtr_control *page_map(const char *path, int *fd) {
        struct mtr_control *page = MAP_FAILED;
        struct stat status;

        *fd = open(path, O_RDWR | O_CLOEXEC);
        if (*fd >= 0 && fstat(*fd, &status) == 0 && status.st_size == MTR_CONTROL_BYTES &&
            fcntl(*fd, F_GET_SEALS) > 0 && (fcntl(*fd, F_GET_SEALS) & F_SEAL_SHRINK))
                page = mmap(NULL, MTR_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
        if (page != MAP_FAILED && page->magic == MTR_CONTROL_MAGIC && page->version == MTR_CONTROL_VERSION)
                return page;
        if (page != MAP_FAILED)
                (void)munmap(page, MTR_CONTROL_BYTES);
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
        return NULL;
}

static bool serves(const char *collector, uint32_t pid, struct control *control) {
        char path[64], target[sizeof(LINK_BEGIN)];
        DIR *directory;
        bool found = false;

        snprintf(path, sizeof(path), "/proc/%.20s/fd", collector);
        control->collector = (uint32_t)strtoul(collector, NULL, 10);
        directory = opendir(path);
        for (struct dirent *entry; directory && !found && (entry = readdir(directory)) != NULL;) {
                snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", collector, entry->d_name);
                if (readlink(path, target, sizeof(target)) < (ssize_t)strlen(LINK_BEGIN) ||
                    memcmp(target, LINK_BEGIN, strlen(LINK_BEGIN)) != 0)
                        continue;
                control->page = page_map(path, &control->fd);
                if (!control->page)
                        continue;
                /* another memtrace ctl has the page as well, but no session */
                found = maps_inode(pid, control->page->session_inode) == 1 &&
                        maps_inode(control->collector, control->page->session_inode) == 1;
                if (!found)
                        control_close(control);
        }
        if (directory)
                closedir(directory);
        strcpy(control->path, path);
        return found;
}

static bool is_collector(const char *pid) {
        char name[32];

        process_name(pid, name, sizeof(name));
        return strcmp(name, PROCESS_COLLECTOR) == 0;
}

static bool find(uint32_t pid, struct control *control) {
        DIR *processes = opendir("/proc");
        bool found = false;

        for (struct dirent *entry; processes && !found && (entry = readdir(processes)) != NULL;)
                found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_collector(entry->d_name) &&
                        serves(entry->d_name, pid, control);
        if (processes)
                closedir(processes);
        return found;
}

/* The number that the collector has for the process; 0 where it cannot see it. */
static uint32_t pid_at(uint32_t collector, const struct identity *identity) {
        struct identity its;

        return identify(collector, &its) && its.count <= identity->count ? identity->pids[its.count - 1] : 0;
}

int control_find(uint32_t pid, struct control *control) {
        struct identity identity;
        int error;

        *control = (struct control){ .fd = -1, .pid = pid };
        if (!identify(pid, &identity)) {
                message(access("/proc/self/status", R_OK) < 0
                                ? "ctl: /proc is not there to look for process %" PRIu32
                                : "ctl: there is no process %" PRIu32,
                        pid);
                return -ESRCH;
        }
        error = maps_inode(pid, UINT64_MAX);
        if (has_ended(&identity) || error == -ESRCH || error == -ENOENT)
                message("ctl: process %" PRIu32 " has ended", control->pid);
        else if (error < 0)
                message("ctl: process %" PRIu32 " is not yours to ask about: %s", control->pid,
                        strerror(-error));
        else if (!find(pid, control))
                message("ctl: process %" PRIu32 " is not traced, or by nobody who can be asked",
                        control->pid);
        else if (control->collector == pid)
                message("ctl: process %" PRIu32 " is the one that writes a trace, and not the program",
                        control->pid);
        else {
                control->pid_there = pid_at(control->collector, &identity);
                return 0;
        }
        control_close(control);
        return -ESRCH;
}

bool control_has_ended(uint32_t pid) {
        struct identity identity;

        return !identify(pid, &identity) || has_ended(&identity);
}
