/*
 * Death and exec: see watch.h. Runs in the collector's one thread.
 */
#include "collector/watch.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include "collector/namesake.h"
#include "collector/proc.h"
#include "collector/rss.h"
#include "collector/sys.h"

#define SILENT_NS UINT64_C(20000000)
#define MAPS_INTERVAL_MAX_NS UINT64_C(1000000000)

/* linux/pidfd.h of 6.15, which headers of today's distributions do not have. */
struct pidfd_info_v0 {
        uint64_t mask;
        uint64_t cgroup_id;
        uint32_t pid, tgid, ppid;
        uint32_t uids_and_gids[8];
        int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info_v0) == 64, "PIDFD_INFO_SIZE_VER0");
#define PIDFD_GET_INFO_V0 _IOWR(0xff, 11, struct pidfd_info_v0)
#define PIDFD_INFO_EXIT_BIT (UINT64_C(1) << 3)

void watch_init(struct trace *trace) {
        struct watch *watch = &trace->watch;

        /* The root forked us: we are in its namespace. A child may have left it. */
        watch->pid = trace->process->pid;
        if (trace->process->forked)
                watch->pid = namesake_of(watch->pid, trace->identity->session_inode, trace->process);
        watch->pidfd = (int)sys_call3(SYS_pidfd_open, watch->pid, 0, 0);
        watch->last_event_ns = trace->timebase->now_ns;
        watch->maps_interval_ns = SILENT_NS;
        watch->next_maps_ns = watch->last_event_ns + SILENT_NS;
}

void watch_deinit(struct watch *watch) {
        if (watch->pidfd >= 0)
                sys_close(watch->pidfd);
        if (watch->memory_fd >= 0)
                sys_close(watch->memory_fd);
        watch->pidfd = watch->memory_fd = -1;
}

void watch_memory(struct watch *watch) {
        /* Opened, it stands for the memory and no longer for the pid: see environ_read in the kernel's
         * fs/proc/base.c. Where the environment is empty it tells nothing. */
        watch->memory_fd = proc_open(watch->pid, "environ");
        if (watch->memory_fd >= 0 && !watch_memory_is_used(watch)) {
                sys_close(watch->memory_fd);
                watch->memory_fd = -1;
        }
}

bool watch_memory_is_used(const struct watch *watch) {
        char byte;

        return watch->memory_fd >= 0 && sys_pread(watch->memory_fd, &byte, 1, 0) > 0;
}

void watch_seen(struct trace *trace) {
        struct watch *watch = &trace->watch;

        watch->last_event_ns = trace->timebase->now_ns;
        watch->maps_interval_ns = SILENT_NS;
        watch->next_maps_ns = watch->last_event_ns + SILENT_NS;
        rss_confirm(&trace->rss);
}

/* The wait status as the kernel knows it; -1 when it does not tell. */
static int64_t kernel_status(const struct watch *watch) {
        struct pidfd_info_v0 info = { .mask = PIDFD_INFO_EXIT_BIT };
        struct proc_stat stat;

        if (proc_stat(watch->pid, &stat) && stat.state == 'Z')
                return stat.exit_code;
        if (watch->pidfd >= 0 && sys_call3(SYS_ioctl, watch->pidfd, PIDFD_GET_INFO_V0, (long)&info) == 0 &&
            (info.mask & PIDFD_INFO_EXIT_BIT))
                return info.exit_code;
        return -1;
}

/* Acquire pairs with the tracer's release: what it recorded before is in the rings. */
static bool exec_is_under_way(const struct trace *trace) {
        return atomic_load_explicit(&trace->process->exec, memory_order_acquire) != 0;
}

/* The kernel's word where it has one, else the tracer's. A status of 0 may also mean that we are
 * not let know (the process changed its user), so there the tracer's counts as well. */
static void note_end(struct trace *trace) {
        struct watch *watch = &trace->watch;
        /* Acquire pairs with the tracer's release: the code is that end's. */
        uint32_t how = atomic_load_explicit(&trace->process->end_how, memory_order_acquire);
        int32_t code = atomic_load_explicit(&trace->process->end_code, memory_order_relaxed);
        int64_t status = kernel_status(watch);

        watch->dead = true;
        if (how == MTR_END_UNKNOWN && exec_is_under_way(trace)) {
                /* What the kernel tells is how the program after it ended. */
                rss_forget(&trace->rss);
                watch->how = MTR_END_EXEC;
        } else if (status <= 0 && how == MTR_END_EXITED) {
                watch->how = how;
                watch->code = code;
        } else if (status < 0) {
                watch->how = MTR_END_UNKNOWN;
        } else if (WIFSIGNALED((int)status)) {
                watch->how = MTR_END_SIGNALED;
                watch->code = WTERMSIG((int)status);
        } else {
                watch->how = MTR_END_EXITED;
                watch->code = WEXITSTATUS((int)status);
        }
}

/* Without a pidfd, or where it cannot be asked. A leader that has ended while its threads run is not dead. */
static bool is_gone(const struct watch *watch) {
        struct proc_stat stat;

        return sys_call3(SYS_kill, watch->pid, 0, 0) == -ESRCH ||
               (proc_stat(watch->pid, &stat) && stat.state == 'Z' && stat.threads <= 1);
}

void watch_death(struct trace *trace) {
        struct watch *watch = &trace->watch;
        struct pollfd fd = { .fd = watch->pidfd, .events = POLLIN };
        int ready = -EBADF;

        if (watch->dead)
                return;
        if (watch->pidfd >= 0)
                ready = sys_poll(&fd, 1, 0);
        /* -ESRCH: it was gone before we could look. */
        if (watch->pidfd == -ESRCH || ready > 0 || (ready < 0 && is_gone(watch)))
                note_end(trace);
}

void watch_exec(struct trace *trace) {
        struct watch *watch = &trace->watch;
        uint64_t now_ns = trace->timebase->now_ns;

        if (watch->dead || (now_ns < watch->next_maps_ns && !exec_is_under_way(trace)))
                return;
        switch (proc_writes(watch->pid, trace->identity->session_inode, trace->process)) {
        case PROC_YES:
                rss_confirm(&trace->rss);
                break;
        case PROC_NO:
                rss_forget(&trace->rss);
                watch->dead = true;
                watch->how = MTR_END_EXEC;
                return;
        case PROC_UNKNOWN: /* not ours to see: its resident set is what there is to go by */
                rss_confirm(&trace->rss);
                break;
        }
        watch->next_maps_ns = now_ns + watch->maps_interval_ns;
        if (watch->maps_interval_ns < MAPS_INTERVAL_MAX_NS)
                watch->maps_interval_ns *= 2;
}
