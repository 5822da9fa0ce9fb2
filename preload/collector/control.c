/*
 * See control.h.
 */
#include "collector/control.h"

#include <linux/memfd.h>

#include "collector/block.h"
#include "collector/events.h"
#include "collector/marks.h"
#include "collector/sys.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

#define PATIENCE_NS UINT64_C(20000000) /* as for a flush */

/* Sealed: whoever opens it cannot cut it off under us. */
static int page_open(void) {
        const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        int fd = (int)sys_call3(SYS_memfd_create, (long)MTR_CONTROL_NAME, flags | MFD_NOEXEC_SEAL, 0);

        if (fd == -EINVAL) /* before Linux 6.3 */
                fd = (int)sys_call3(SYS_memfd_create, (long)MTR_CONTROL_NAME, flags, 0);
        if (fd >= 0 &&
            (sys_ftruncate(fd, MTR_CONTROL_BYTES) < 0 ||
             sys_call3(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)) {
                sys_close(fd);
                return -1;
        }
        return fd;
}

void control_begin(struct control *control, uint64_t session_inode) {
        int fd = session_inode ? page_open() : -1;
        long address;

        if (fd < 0)
                return;
        address = sys_call6(SYS_mmap, 0, MTR_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (address < 0 && address > -4096) {
                sys_close(fd);
                return;
        }
        control->page = (struct mtr_control *)address;
        control->page->version = MTR_CONTROL_VERSION;
        control->page->session_inode = session_inode;
        control->page->magic = MTR_CONTROL_MAGIC;
}

bool control_look(struct control *control, const struct timebase *timebase) {
        /* Acquire pairs with ctl's release: the request is there. */
        uint32_t state = control->page ? atomic_load_explicit(&control->page->state, memory_order_acquire)
                                       : MTR_CONTROL_IDLE;

        if ((state & MTR_CONTROL_STATE) != MTR_CONTROL_ASKED) {
                control->pending = false;
        } else if (!control->pending || control->asked != state) {
                control->pending = true;
                control->asked = state;
                control->time = timebase->now_session;
                control->since_ns = timebase->now_ns;
        }
        return control->pending;
}

static void answer(struct control *control, int result) {
        uint32_t asked = control->asked;

        control->page->result = result;
        control->pending = false;
        /* Release pairs with ctl's acquire: the answer is there. One that has given up gets none. */
        (void)atomic_compare_exchange_strong_explicit(&control->page->state, &asked,
                                                      asked ^ MTR_CONTROL_ASKED ^ MTR_CONTROL_ANSWERED,
                                                      memory_order_release, memory_order_relaxed);
        session_futex_wake(&control->page->state);
}

/* A moment that no thread of the program set stands where the stream is. */
static int name_moment(const struct control *control, struct trace *trace, enum record_name kind) {
        char name[MTR_CONTROL_NAME_MAX + 1];

        memcpy(name, control->page->name, sizeof(name));
        name[MTR_CONTROL_NAME_MAX] = '\0';
        if (name[0] == '\0')
                return -EINVAL;
        if (kind == RECORD_NAME_SNAPSHOT)
                block_snapshot(trace);
        if (trace->starved || !events_reserve(trace))
                return -ENOMEM;
        if (!trace->events.block_begun)
                events_block_begin(trace, control->time);
        events_time(trace, control->time);
        marks_name(trace, kind, name);
        events_put(trace);
        return 0;
}

static void want(struct trace *trace, bool paused) {
        uint32_t wanted = atomic_load_explicit(&trace->process->wanted, memory_order_relaxed);

        wanted = (wanted & ~PROCESS_WANTED_PAUSED) + PROCESS_WANTED_NEXT +
                 (paused ? PROCESS_WANTED_PAUSED : 0);
        atomic_store_explicit(&trace->process->wanted, wanted, memory_order_relaxed);
        control_remind(trace);
}

static bool is_obeyed(const struct process *process) {
        return atomic_load_explicit(&process->wanted, memory_order_relaxed) ==
               atomic_load_explicit(&process->obeyed, memory_order_relaxed);
}

void control_remind(struct trace *trace) {
        if (is_obeyed(trace->process))
                return;
        for (uint32_t i = 0; i < trace->cursor_count; i++)
                __atomic_store_n(&trace_cursor(trace, i)->ring->limit, 0, __ATOMIC_RELAXED);
}

static struct mtr_control_stats stats_of(struct trace *trace) {
        const struct events *events = &trace->events;
        const struct process *process = trace->process;
        struct mtr_control_stats stats = {
                .live_bytes = events->live_bytes,
                .live_blocks = events->live_blocks,
                .peak_bytes = events->peak_bytes,
                .traced_peak_bytes = events->traced_peak_bytes,
                .allocations = events->allocations,
                .frees = events->frees,
                .foreign_frees = trace->heap.foreign_frees,
                .file_bytes = trace->output.reached.length,
                .threads = trace->threads.count,
                .paused = is_obeyed(process) ? atomic_load_explicit(&process->paused, memory_order_relaxed)
                                             : atomic_load_explicit(&process->wanted, memory_order_relaxed) &
                                                       PROCESS_WANTED_PAUSED,
                .heap_seen = !process->blind,
        };

        for (unsigned reason = MTR_LOSS_OVERFLOW; reason <= MTR_LOSS_WRITE; reason++)
                stats.lost += trace->losses.seen[reason];
        for (uint32_t i = 0; i < trace->cursor_count; i++) {
                const struct cursor *cursor = trace_cursor(trace, i);
                uint32_t permille = (uint32_t)((cursor->head - cursor->turn_start) * 1000 / RING_WORDS);

                if (permille > stats.ring_permille)
                        stats.ring_permille = permille;
        }
        return stats;
}

static int obey(struct control *control, struct trace *trace) {
        switch (control->page->verb) {
        case MTR_CONTROL_START:
        case MTR_CONTROL_STOP:
                if (trace->process->blind)
                        return -EOPNOTSUPP;
                want(trace, control->page->verb == MTR_CONTROL_STOP);
                return 0;
        case MTR_CONTROL_SNAPSHOT:
                return name_moment(control, trace, RECORD_NAME_SNAPSHOT);
        case MTR_CONTROL_MARK:
                return name_moment(control, trace, RECORD_NAME_MARK);
        case MTR_CONTROL_RESET_PEAK:
                events_peak_reset(&trace->events);
                return 0;
        case MTR_CONTROL_STATS:
                control->page->stats = stats_of(trace);
                return 0;
        default:
                return -EINVAL;
        }
}

void control_turn(struct control *control, struct trace *trace) {
        if (!control->pending || control->page->pid != trace->watch.pid || trace->watch.dead)
                return;
        if (trace->merged_time >= control->time || trace->timebase->now_ns - control->since_ns >= PATIENCE_NS)
                answer(control, obey(control, trace));
}

void control_refuse(struct control *control, const struct timebase *timebase) {
        if (control->pending && timebase->now_ns - control->since_ns >= 2 * PATIENCE_NS)
                answer(control, -ESRCH);
}
