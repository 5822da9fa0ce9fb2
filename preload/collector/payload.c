/*
 * Composition of a block's payload: see payload.h and format.h. Runs in the collector's one
 * thread.
 */
#include "collector/payload.h"

#include "collector/domains.h"
#include "collector/rss.h"
#include "collector/text.h"
#include "collector/threads.h"

/* A checkpoint costs an eighth of what it saves reading, at most. */
#define CHECKPOINT_EVENT_BYTES_MIN (UINT64_C(4) << 20)
#define CHECKPOINT_SHARE 8u
/* A snapshot's costs no more than that, and what is read soon anyway needs none. */
#define SNAPSHOT_EVENT_BYTES_MIN (UINT64_C(64) << 10)
#define CHECKPOINT_SITE_BYTES 3u                 /* about, for one site with live blocks */
#define CHECKPOINT_BYTES_MAX (UINT64_C(8) << 20) /* the block must keep below MTR_BLOCK_PAYLOAD_MAX */

/* Lives cost a sixteenth of the file, at most, where there are not very many. */
#define LIVES_SHARE 16u
#define LIVES_ROW_BYTES 3u  /* about, compressed */
#define LIVES_SITE_BYTES 1u /* a look at a site for its cells is worth so much */

static bool record_begin(struct buffer *payload, size_t *at) {
        *at = payload->used;
        if (!buffer_reserve(payload, sizeof(struct mtr_record)))
                return false;
        payload->used += sizeof(struct mtr_record);
        return true;
}

static bool record_end(struct buffer *payload, size_t at, enum mtr_record_type type) {
        struct mtr_record record = { .type = type,
                                     .length = (uint32_t)(payload->used - at - sizeof(record)) };

        memcpy((uint8_t *)payload->bytes.data + at, &record, sizeof(record));
        return true;
}

static bool append(struct buffer *payload, const void *data, size_t length) {
        if (!buffer_reserve(payload, length))
                return false;
        buffer_put(payload, data, length);
        return true;
}

static bool append_count(struct buffer *payload, uint64_t count) {
        if (!buffer_reserve(payload, VARINT_MAX_BYTES))
                return false;
        buffer_varint(payload, count);
        return true;
}

static bool append_string(struct buffer *payload, const char *string, size_t length) {
        return append_count(payload, length) && append(payload, string, length);
}

static bool append_buffer(struct buffer *payload, const struct buffer *buffer) {
        return append(payload, buffer->bytes.data, buffer->used);
}

static bool put_process(struct trace *trace, struct buffer *payload) {
        const struct identity *identity = trace->identity;
        struct mtr_process process = {
                .pid = trace->process->pid,
                .ppid = trace->process->ppid,
                .started_unix_ns = trace->output.started_unix_ns,
                .page_bytes = 4096,
                .depth_limit = trace->process->depth,
                .flags = (trace->process->forked ? MTR_PROCESS_FORKED : 0) |
                         (trace->identity->options.argv ? 0 : MTR_PROCESS_ARGV_WITHHELD) | MTR_PROCESS_OWNERS,
        };
        size_t at;

        return record_begin(payload, &at) && append(payload, &process, sizeof(process)) &&
               append_string(payload, identity->exe, strlen(identity->exe)) &&
               append_string(payload, trace->cwd, strlen(trace->cwd)) &&
               append_string(payload, identity->argv.bytes.data, identity->argv.used) &&
               append_string(payload, MEMTRACE_VERSION, strlen(MEMTRACE_VERSION)) &&
               record_end(payload, at, MTR_PROCESS);
}

/* A record of a count and up to three columns. */
static bool put_columns(struct buffer *payload, enum mtr_record_type type, uint32_t count,
                        const struct buffer *const columns[3]) {
        size_t at;

        if (count == 0)
                return true;
        if (!record_begin(payload, &at) || !append_count(payload, count))
                return false;
        for (int i = 0; i < 3 && columns[i]; i++) {
                if (!append_buffer(payload, columns[i]))
                        return false;
        }
        return record_end(payload, at, type);
}

static bool put_threads(struct trace *trace, struct buffer *payload) {
        size_t at;

        return trace->threads.fresh_count == 0 ||
               (record_begin(payload, &at) && append_count(payload, trace->threads.fresh_count) &&
                threads_define(trace, payload) && record_end(payload, at, MTR_THREADS));
}

static bool put_numbering(struct trace *trace, struct buffer *payload) {
        const struct stacks *stacks = &trace->stacks;
        size_t at;

        return record_begin(payload, &at) &&
               append_count(payload, stacks->module_count - stacks->modules_defined) &&
               append_count(payload, stacks->frame_count - stacks->frames_defined) &&
               append_count(payload, stacks->count - stacks->stacks_defined) &&
               append_count(payload, trace->threads.count - trace->threads.fresh_count) &&
               append_count(payload, trace->sites.count - trace->sites.defined) &&
               record_end(payload, at, MTR_NUMBERING);
}

static bool put_definitions(struct trace *trace, struct buffer *payload) {
        const struct stacks *stacks = &trace->stacks;
        const struct sites *sites = &trace->sites;

        return put_columns(payload, MTR_MODULES, stacks->modules_defined,
                           (const struct buffer *[3]){ &stacks->module_rows }) &&
               put_columns(payload, MTR_FRAMES, stacks->frames_defined,
                           (const struct buffer *[3]){ &stacks->frame_module_column,
                                                       &stacks->frame_offset_column }) &&
               put_columns(payload, MTR_STACKS, stacks->stacks_defined,
                           (const struct buffer *[3]){ &stacks->stack_parent_column,
                                                       &stacks->stack_frame_column }) &&
               put_threads(trace, payload) &&
               put_columns(payload, MTR_SITES, sites->defined,
                           (const struct buffer *[3]){ &sites->stack_column, &sites->size_column,
                                                       &sites->kind_column });
}

/* A record that is one buffer, left out when that is empty. */
static bool put_buffer(struct buffer *payload, enum mtr_record_type type, const struct buffer *buffer) {
        size_t at;

        return buffer->used == 0 || (record_begin(payload, &at) && append_buffer(payload, buffer) &&
                                     record_end(payload, at, type));
}

static bool put_rss(struct trace *trace, struct buffer *payload) {
        size_t at;

        return trace->rss.confirmed == 0 ||
               (record_begin(payload, &at) && rss_define(trace, payload) && record_end(payload, at, MTR_RSS));
}

static bool put_losses(struct trace *trace, struct buffer *payload) {
        uint64_t now_ns = trace_ns(trace, trace->timebase->now_session);
        size_t at;

        for (unsigned reason = MTR_LOSS_OVERFLOW; reason <= MTR_LOSS_WRITE; reason++) {
                uint64_t lost = trace->losses.seen[reason] - trace->output.reached.told[reason];

                if (lost != 0 && !(record_begin(payload, &at) && append_count(payload, now_ns) &&
                                   append_count(payload, lost) && append_count(payload, reason) &&
                                   record_end(payload, at, MTR_LOSS)))
                        return false;
        }
        return true;
}

/* Once, where there is something: another allocator keeps it from us. */
static bool put_unseen(struct trace *trace, struct buffer *payload) {
        struct process *process = trace->process;
        /* Read once: the process may change it behind the check. */
        uint32_t offset = __atomic_load_n(&process->unseen, __ATOMIC_RELAXED);
        char words[MTR_STRING_MAX];
        size_t length = 0, at;

        if (offset < PROCESS_STRINGS_BYTES) {
                struct text text = text_in(words, sizeof(words));

                text_bytes(&text, process->strings + offset,
                           strnlen(process->strings + offset, PROCESS_STRINGS_BYTES - offset));
                length = text.length;
        }
        return length == 0 || (record_begin(payload, &at) && append_string(payload, words, length) &&
                               record_end(payload, at, MTR_UNSEEN));
}

static bool put_end(struct buffer *payload, const struct mtr_end *end, uint32_t *flags) {
        size_t at;

        if (!end)
                return true;
        *flags |= MTR_BLOCK_END;
        return record_begin(payload, &at) && append(payload, end, sizeof(*end)) &&
               record_end(payload, at, MTR_END);
}

static bool put_owners(struct trace *trace, struct buffer *payload) {
        const struct events *events = &trace->events;

        return put_columns(
                payload, MTR_OWNERS, events->owner_count,
                (const struct buffer *[3]){ &events->owner_event_column, &events->owner_thread_column });
}

static bool lives_due(const struct trace *trace) {
        uint64_t since = trace->output.reached.length - trace->output.lives_length;

        return lives_rows(&trace->lives) >= LIVES_ROWS_MAX ||
               ((uint64_t)lives_rows(&trace->lives) * LIVES_ROW_BYTES * LIVES_SHARE <= since &&
                trace->sites.count * LIVES_SITE_BYTES <= since);
}

/* What does not fit waits for another block. */
static bool put_lives(struct trace *trace, struct buffer *payload, bool ending) {
        struct lives *lives = &trace->lives;
        size_t at;

        if (lives_rows(lives) == 0 || !(ending || lives_due(trace)) ||
            payload->used + sizeof(struct mtr_record) + lives_bytes_max(lives) > MTR_BLOCK_PAYLOAD_MAX)
                return true;
        return record_begin(payload, &at) && lives_define(lives, &trace->sites, payload) &&
               record_end(payload, at, MTR_LIVES);
}

static bool put_domain_ends(struct trace *trace, struct buffer *payload, bool ending) {
        size_t at;

        return !ending || trace->domains.count == 0 ||
               (record_begin(payload, &at) && domains_ends(trace, payload) &&
                record_end(payload, at, MTR_DOMAIN_ENDS));
}

/* All of them: the blocks that had them may be lost. */
static bool put_domain_names(struct trace *trace, struct buffer *payload) {
        size_t at;

        return trace->domains.count == 0 || (record_begin(payload, &at) && domains_names(trace, payload) &&
                                             record_end(payload, at, MTR_DOMAINS));
}

/* The first block says whose trace it is. */
static bool put_beginning(struct trace *trace, struct buffer *payload) {
        return trace->output.reached.sequence != 0 ||
               (put_process(trace, payload) && put_unseen(trace, payload));
}

bool payload_compose(struct trace *trace, const struct mtr_end *end, uint32_t *flags) {
        struct buffer *payload = &trace->compressor->payload;

        payload->used = 0;
        *flags = trace->output.checkpoint.used ? MTR_BLOCK_CHECKPOINT : 0;
        return put_numbering(trace, payload) && put_beginning(trace, payload) &&
               put_definitions(trace, payload) &&
               put_buffer(payload, MTR_CHECKPOINT, &trace->output.checkpoint) &&
               put_buffer(payload, MTR_EVENTS, &trace->events.bytes) && put_rss(trace, payload) &&
               put_losses(trace, payload) && put_end(payload, end, flags) && put_owners(trace, payload) &&
               put_lives(trace, payload, end != NULL) && append_buffer(payload, &trace->marks.records) &&
               put_columns(payload, MTR_THREAD_NAMES, trace->marks.thread_count,
                           (const struct buffer *[3]){ &trace->marks.thread_rows }) &&
               put_columns(payload, MTR_DOMAINS, trace->domains.fresh_count,
                           (const struct buffer *[3]){ &trace->domains.names }) &&
               put_domain_ends(trace, payload, end != NULL) && payload->used <= MTR_BLOCK_PAYLOAD_MAX;
}

bool payload_compose_last(struct trace *trace, const struct mtr_end *end, uint32_t *flags) {
        struct buffer *payload = &trace->compressor->payload;

        payload->used = 0;
        *flags = 0;
        return put_beginning(trace, payload) && put_losses(trace, payload) && put_end(payload, end, flags) &&
               put_domain_names(trace, payload) && put_domain_ends(trace, payload, true);
}

bool payload_checkpoint_due(const struct trace *trace, bool snapshot) {
        const struct events *events = &trace->events;
        uint64_t sites = trace->sites.count;
        uint64_t blocks = events->live_blocks + trace->domains.live_blocks;
        uint64_t holding = sites < blocks ? sites : blocks;
        uint64_t bytes = holding * CHECKPOINT_SITE_BYTES;
        uint64_t saved_bytes = events->raw_since_checkpoint + events->bytes.used;

        return bytes <= CHECKPOINT_BYTES_MAX &&
               saved_bytes >= (snapshot ? SNAPSHOT_EVENT_BYTES_MIN : CHECKPOINT_EVENT_BYTES_MIN) &&
               saved_bytes >= bytes * (snapshot ? 1 : CHECKPOINT_SHARE);
}

void payload_checkpoint(struct trace *trace) {
        struct events *events = &trace->events;
        struct sites *sites = &trace->sites;
        struct buffer *checkpoint = &trace->output.checkpoint;
        uint32_t count = 0, previous = 0;

        for (uint32_t i = 0; i < sites->count; i++)
                count += sites_at(sites, i)->live_blocks != 0;
        if (!append_count(checkpoint, count) ||
            !buffer_reserve(checkpoint, (size_t)count * 2 * VARINT_MAX_BYTES)) {
                checkpoint->used = 0;
                return;
        }
        for (uint32_t i = 0; i < sites->count; i++) {
                if (sites_at(sites, i)->live_blocks != 0) {
                        buffer_varint(checkpoint, i - previous);
                        previous = i;
                }
        }
        for (uint32_t i = 0; i < sites->count; i++) {
                if (sites_at(sites, i)->live_blocks != 0)
                        buffer_varint(checkpoint, sites_at(sites, i)->live_blocks);
        }
        events->raw_since_checkpoint = 0;
}
