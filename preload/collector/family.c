/*
 * Slots, traces and the memory they give back: see family.h. Runs in the collector's one thread.
 */
#include "collector/family.h"

#include "collector/proc.h"
#include "collector/rss.h"
#include "collector/sys.h"
#include "collector/trace_life.h"
#include "collector/watch.h"

#define WATCH_NS UINT64_C(4000000)

bool family_init(struct family *family, struct session *session) {
        family->session = session;
        chunks_init(&family->chunks, session);
        family->identity.options = session->options;
        timebase_init(&family->timebase, session->clock);
        return compressor_init(&family->compressor);
}

/* Who the root is. A fork changes none of it, so its children, who may be another program by now,
 * need not be asked. */
static void identify(struct family *family, const struct process *root) {
        struct identity *identity = &family->identity;
        struct text name = text_in(identity->name, sizeof(identity->name));

        if (proc_link(root->pid, "exe", identity->exe, sizeof(identity->exe))) {
                const char *slash = strrchr(identity->exe, '/');

                text_string(&name, slash ? slash + 1 : identity->exe);
        } else {
                text_bytes(&name, root->name, strnlen(root->name, sizeof(root->name)));
                memcpy(identity->exe, identity->name, sizeof(identity->name));
        }
        if (identity->options.argv)
                proc_arguments(root->pid, &identity->argv, MTR_ARGV_MAX);
        (void)sys_call3(SYS_getcwd, (long)identity->cwd, sizeof(identity->cwd), 0);
        /* Where no trace goes to is not held: its file system can be unmounted. */
        if (identity->options.output[0] == '/')
                (void)sys_call3(SYS_chdir, (long)"/", 0, 0);
        identity->session_inode = proc_own_inode(family->session);
}

static void claim_chunks(struct family *family, uint32_t slot, _Atomic uint32_t *chunks, uint32_t count) {
        for (uint32_t i = 0; i < count; i++)
                (void)chunks_claim(&family->chunks, atomic_load_explicit(&chunks[i], memory_order_relaxed),
                                   slot);
}

static void detach(struct family *family, uint32_t slot) {
        struct trace *trace = family->traces[slot];
        struct process *process = trace->process;

        claim_chunks(family, slot, process->stacks.node_chunks, STACK_NODE_CHUNKS);
        claim_chunks(family, slot, process->rule_chunks, PROCESS_RULE_CHUNKS);
        family->traces[slot] = NULL;
        family->count--;
        trace_deinit(trace);
        memory_unmap(trace, sizeof(*trace));
        chunks_give(&family->chunks, slot);
        /* Release pairs with a tracer's claim: the slot's old chunks are not ours any more. */
        atomic_store_explicit(&family->session->processes[slot].state, PROCESS_SLOT_EMPTY,
                              memory_order_release);
}

/* A process has registered. Its trace is there afterwards even when its file is not, so that what it
 * records is read; 0 or -errno of the file. */
static int attach(struct family *family, uint32_t slot, struct text *reason) {
        uint32_t chunk = family->session->processes[slot].chunk;
        uint32_t service = PROCESS_UNSERVED;
        struct process *process;
        struct trace *trace;
        int result;

        if (!chunks_claim(&family->chunks, chunk, slot))
                return -EINVAL;
        process = session_chunk(family->session, chunk);
        /* A child that saw us leave begins a family of its own: the entry it left is nobody's. */
        if (!atomic_compare_exchange_strong_explicit(&process->service, &service, PROCESS_TAKEN,
                                                     memory_order_acq_rel, memory_order_acquire)) {
                chunks_give(&family->chunks, slot);
                atomic_store_explicit(&family->session->processes[slot].state, PROCESS_SLOT_EMPTY,
                                      memory_order_release);
                return -ESRCH;
        }
        trace = memory_map(sizeof(*trace));
        if (!trace) {
                family->chunks.owner[chunk] = 0;
                /* It begins a session of its own. The chunk stays taken: it may be looking there still. */
                atomic_store_explicit(&process->service, PROCESS_REFUSED, memory_order_release);
                session_futex_wake(&process->service);
                atomic_store_explicit(&family->session->processes[slot].state, PROCESS_SLOT_EMPTY,
                                      memory_order_release);
                return -ENOMEM;
        }
        family->traces[slot] = trace;
        family->count++;
        trace->slot = slot;
        trace->chunks = &family->chunks;
        trace->starved = !trace_init(trace, family->session, chunk, &family->timebase, &family->compressor,
                                     &family->identity);
        watch_init(trace);
        if (!proc_link(trace->watch.pid, "cwd", trace->cwd, sizeof(trace->cwd)))
                memcpy(trace->cwd, family->identity.cwd, sizeof(trace->cwd));
        result = trace->starved ? -ENOMEM : trace_open(trace, reason);
        trace->output.error = -result;
        watch_memory(&trace->watch);
        rss_init(trace);
        /* Release pairs with the child's acquire: it is watched from here on, and may end. */
        atomic_store_explicit(&process->service, PROCESS_SERVED, memory_order_release);
        session_futex_wake(&process->service);
        return result;
}

int family_root(struct family *family, struct text *reason) {
        struct session *session = family->session;
        uint32_t chunk = session->processes[0].chunk;
        int result = -EINVAL;

        if (chunks_has(&family->chunks, chunk)) {
                identify(family, session_chunk(session, chunk));
                timebase_read(&family->timebase);
                result = attach(family, 0, reason);
                control_begin(&family->control, family->identity.session_inode);
        }
        if (result < 0 && reason->length == 0)
                text_string(reason, "the collector has no memory");
        return result;
}

/* The tracer gave us up. How many events there would have been, nobody can say: at least one. */
static void close_stopped(struct trace *trace) {
        trace->losses.seen[MTR_LOSS_COLLECTOR]++;
        trace_close(trace, MTR_END_STOPPED, 0);
}

static void turn_of(struct family *family, uint32_t slot, bool watch, uint64_t *most, bool *hurry) {
        struct trace *trace = family->traces[slot];
        uint64_t words = trace_turn(trace, hurry);

        if (words > *most)
                *most = words;
        if (words == 0 || watch)
                watch_death(trace);
        if (words == 0)
                watch_exec(trace);
        control_remind(trace);
        control_turn(&family->control, trace);
        if (trace->watch.dead && !watch_memory_is_used(&trace->watch)) {
                /* Given up in the middle of this turn: what it did after that, nobody recorded. */
                if (atomic_load_explicit(&family->session->abandoned, memory_order_relaxed))
                        close_stopped(trace);
                else
                        trace_close(trace, trace->watch.how, trace->watch.code);
                detach(family, slot);
        }
}

static uint32_t slots_used(const struct family *family) {
        /* Acquire pairs with the tracers' release: slots below hold what they hold. */
        uint32_t high = atomic_load_explicit(&family->session->process_high, memory_order_acquire);

        return high < SESSION_PROCESSES ? high : SESSION_PROCESSES;
}

static uint32_t slot_state(const struct family *family, uint32_t slot) {
        /* Acquire pairs with the tracer's release of READY: the slot's chunk is filled. */
        return atomic_load_explicit(&family->session->processes[slot].state, memory_order_seq_cst);
}

uint64_t family_turn(struct family *family, bool *hurry) {
        uint32_t high = slots_used(family);
        uint64_t most = 0;
        bool watch;

        timebase_read(&family->timebase);
        watch = family->timebase.now_ns >= family->next_watch_ns;
        if (watch)
                family->next_watch_ns = family->timebase.now_ns + WATCH_NS;
        *hurry |= control_look(&family->control, &family->timebase);
        for (uint32_t slot = 0; slot < high; slot++) {
                char line[SESSION_TEXT_MAX];
                struct text reason;

                if (!family->traces[slot]) {
                        if (slot_state(family, slot) != PROCESS_SLOT_READY)
                                continue;
                        reason = text_in(line, sizeof(line));
                        (void)attach(family, slot, &reason);
                }
                if (family->traces[slot])
                        turn_of(family, slot, watch, &most, hurry);
        }
        control_refuse(&family->control, &family->timebase);
        return most;
}

void family_stop(struct family *family) {
        timebase_read(&family->timebase);
        for (uint32_t slot = 0; slot < SESSION_PROCESSES; slot++) {
                struct trace *trace = family->traces[slot];

                if (!trace)
                        continue;
                close_stopped(trace);
                /* Its memory stays as it is: the process lives, and may be writing there still. */
                trace_deinit(trace);
                family->traces[slot] = NULL;
        }
}

bool family_expects(const struct family *family) {
        for (uint32_t slot = 0; slot < slots_used(family); slot++) {
                if (!family->traces[slot] && slot_state(family, slot) != PROCESS_SLOT_EMPTY)
                        return true;
        }
        return false;
}
