/*
 * See moment.h.
 */
#include "replay/moment.h"

#include "base/message.h"
#include "base/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = { [MOMENT_PEAK] = "peak", [MOMENT_END] = "end", NULL };

/* A block may turn out spoilt on the way to the peak it claims; each try leaves such blocks out. */
#define PEAK_TRIES 4

const char *moment_name(enum moment_kind kind) {
        return names[kind];
}

int moment_parse(const char *operand, enum moment_kind fallback, char **path, struct moment *moment) {
        const char *at = strrchr(operand, '@');
        int kind;

        *moment = (struct moment){ .kind = fallback };
        if (!at || access(operand, F_OK) == 0) {
                *path = strdup(operand);
                return *path ? 0 : message_errno(ENOMEM, operand, "cannot open");
        }
        kind = options_choice(at + 1, names);
        if (kind < 0) {
                message("%s: no such file, and @%s is no moment this memtrace knows (@peak, @end)", operand,
                        at + 1);
                return -EINVAL;
        }
        *moment = (struct moment){ .kind = (enum moment_kind)kind, .given = true };
        *path = strndup(operand, (size_t)(at - operand));
        return *path ? 0 : message_errno(ENOMEM, operand, "cannot open");
}

uint64_t moment_last_ns(const struct trace *trace) {
        const struct reader *reader = trace->reader;
        uint64_t last_ns = trace->facts.has_end ? trace->facts.end.time_ns : 0;

        for (size_t i = 0; i < reader->block_count; i++)
                if (reader->blocks[i].whole && reader->blocks[i].header.last_time_ns > last_ns)
                        last_ns = reader->blocks[i].header.last_time_ns;
        return last_ns;
}

int moment_replay(struct trace *trace, struct moment moment, enum replay_from from, struct replay *replay,
                  uint64_t *time_ns) {
        for (int i = 0;; i++) {
                struct replay_instant instant = replay_end(trace);
                uint64_t peak_bytes;
                bool at_peak =
                        moment.kind == MOMENT_PEAK && replay_peak(trace, &instant, &peak_bytes, time_ns);
                int error = replay_init(replay, trace);

                if (error < 0)
                        return error;
                if (!at_peak)
                        *time_ns = moment_last_ns(trace);
                error = replay_to(replay, instant, from);
                if (error != 0) {
                        replay_deinit(replay);
                        return error;
                }
                if (!at_peak || trace->reader->blocks[instant.block].whole || i == PEAK_TRIES)
                        return 0;
                replay_deinit(replay);
        }
}
