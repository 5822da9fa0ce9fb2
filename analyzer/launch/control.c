/*
 * See control.h. Of all processes of that name that have such a page open, it is the one whose session the
 * traced process has mapped.
 */
#include "launch/control.h"

#include "base/message.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINK_BEGIN "/memfd:" MTR_CONTROL_NAME
#define STEP_NS 20000000L
#define STEPS_MAX 150 /* 3 s */

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

/* The pid that a process has in its own namespace, the innermost; 0 when it is gone. */
static uint32_t own_pid(uint32_t pid) {
        char path[64], line[512];
        uint32_t own = 0;
        FILE *status;

        snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
        status = fopen(path, "re");
        while (status && own == 0 && fgets(line, sizeof(line), status)) {
                if (strncmp(line, "NSpid:", 6) == 0)
                        own = (uint32_t)strtoul(strrchr(line, '\t'), NULL, 10);
        }
        if (status)
                fclose(status);
        return own;
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
        return NULL;
}

static bool serves(const char *collector, uint32_t pid, struct control *control) {
        char path[PATH_MAX], target[sizeof(LINK_BEGIN)];
        DIR *directory;
        bool found = false;

        snprintf(path, sizeof(path), "/proc/%s/fd", collector);
        directory = opendir(path);
        for (struct dirent *entry; directory && !found && (entry = readdir(directory)) != NULL;) {
                snprintf(path, sizeof(path), "/proc/%s/fd/%s", collector, entry->d_name);
                if (readlink(path, target, sizeof(target)) < (ssize_t)strlen(LINK_BEGIN) ||
                    memcmp(target, LINK_BEGIN, strlen(LINK_BEGIN)) != 0)
                        continue;
                control->page = page_map(path, &control->fd);
                if (!control->page)
                        continue;
                found = maps_inode(pid, control->page->session_inode) == 1;
                if (!found)
                        control_close(control);
        }
        if (directory)
                closedir(directory);
        control->collector = (uint32_t)strtoul(collector, NULL, 10);
        return found;
}

static bool is_collector(const char *pid) {
        char path[64], name[16] = "";
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
        file = fopen(path, "re");
        if (file) {
                (void)!fgets(name, sizeof(name), file);
                fclose(file);
        }
        return strcmp(name, "memtrace\n") == 0;
}

static void pause_once(void) {
        const struct timespec step = { .tv_nsec = STEP_NS };

        (void)nanosleep(&step, NULL);
}

/* One asks at a time; who is killed meanwhile leaves no lock. */
static int take_turn(const struct control *control) {
        for (int i = 0; i < STEPS_MAX; i++) {
                if (flock(control->fd, LOCK_EX | LOCK_NB) == 0)
                        return 0;
                pause_once();
        }
        message("ctl: another memtrace ctl keeps collector %" PRIu32 " busy", control->collector);
        return -EBUSY;
}

int control_open(uint32_t pid, struct control *control) {
        DIR *processes = opendir("/proc");
        int error = maps_inode(pid, UINT64_MAX);
        bool found = false;

        *control = (struct control){ .fd = -1, .pid = own_pid(pid) };
        if (error == -ENOENT || control->pid == 0)
                message("ctl: there is no process %" PRIu32, pid);
        else if (error < 0)
                message("ctl: process %" PRIu32 " is not yours to ask about: %s", pid, strerror(-error));
        else
                for (struct dirent *entry; processes && !found && (entry = readdir(processes)) != NULL;)
                        found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                                is_collector(entry->d_name) && serves(entry->d_name, pid, control);
        if (processes)
                closedir(processes);
        if (found)
                return take_turn(control);
        if (error >= 0 && control->pid != 0)
                message("ctl: process %" PRIu32 " is not traced, or by nobody who can be asked", pid);
        return -ESRCH;
}

void control_close(struct control *control) {
        if (control->page)
                (void)munmap(control->page, MTR_CONTROL_BYTES);
        if (control->fd >= 0)
                (void)close(control->fd);
        control->page = NULL;
        control->fd = -1;
}

static uint32_t wait_answer(struct mtr_control *page) {
        const struct timespec step = { .tv_nsec = STEP_NS };
        uint32_t state = MTR_CONTROL_ASKED;

        for (int i = 0; i < STEPS_MAX && state == MTR_CONTROL_ASKED; i++) {
                (void)syscall(SYS_futex, &page->state, FUTEX_WAIT, MTR_CONTROL_ASKED, &step, NULL, 0);
                /* Acquire pairs with the collector's release: the answer is there. */
                state = atomic_load_explicit(&page->state, memory_order_acquire);
        }
        return state;
}

int control_ask(struct control *control, enum mtr_control_verb verb, const char *name,
                struct mtr_control_stats *stats) {
        struct mtr_control *page = control->page;
        int result;

        /* What one who was killed had asked is answered first. */
        if (atomic_load_explicit(&page->state, memory_order_acquire) == MTR_CONTROL_ASKED)
                (void)wait_answer(page);
        page->pid = control->pid;
        page->verb = verb;
        memset(page->name, 0, sizeof(page->name));
        if (name)
                memcpy(page->name, name, strnlen(name, MTR_CONTROL_NAME_MAX));
        /* Release pairs with the collector's acquire: the request is there. */
        atomic_store_explicit(&page->state, MTR_CONTROL_ASKED, memory_order_release);
        if (wait_answer(page) != MTR_CONTROL_ANSWERED) {
                atomic_store_explicit(&page->state, MTR_CONTROL_IDLE, memory_order_relaxed);
                message("ctl: no answer within 3 s: is collector %" PRIu32 " stopped?", control->collector);
                return -ETIMEDOUT;
        }
        result = page->result;
        *stats = page->stats;
        atomic_store_explicit(&page->state, MTR_CONTROL_IDLE, memory_order_relaxed);
        if (result == -ESRCH)
                message("ctl: the process is not traced any more");
        else if (result == -EOPNOTSUPP)
                message("ctl: there is nothing to start or stop: the program has an allocator of its own, "
                        "and its "
                        "heap is not seen");
        else if (result != 0)
                message("ctl: the collector could not: %s", strerror(result < 0 ? -result : EIO));
        return result == 0 ? 0 : -EIO;
}
