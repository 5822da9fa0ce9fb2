/*
 * Instants as the user names them: TRACE@peak, TRACE@end, and the state of the heap there.
 *
 * Must not: know how a state is shown.
 */
#ifndef ANALYZER_REPLAY_MOMENT_H
#define ANALYZER_REPLAY_MOMENT_H

#include "replay/replay.h"

enum moment_kind { MOMENT_PEAK, MOMENT_END };

struct moment {
        enum moment_kind kind;
        bool given; /* by the user, not by default */
};

/*
 * Takes "TRACE@WHEN" apart: *path is heap. A file whose own name holds the @ wins. 0 or a
 * negative errno already reported.
 */
int moment_parse(const char *operand, enum moment_kind fallback, char **path, struct moment *moment);

const char *moment_name(enum moment_kind kind);

/*
 * Replays up to the moment; *time_ns is when it was. 0, a negative errno already reported,
 * READER_E_BUDGET. The replay is the caller's to deinit on success alone.
 */
int moment_replay(struct trace *trace, struct moment moment, enum replay_from from, struct replay *replay,
                  uint64_t *time_ns);

/* The last time any readable block tells of. */
uint64_t moment_last_ns(const struct trace *trace);

#endif
