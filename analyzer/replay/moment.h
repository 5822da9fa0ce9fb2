/*
 * Instants as the user names them, TRACE@WHEN, and the state of the heap there. WHEN is start, end,
 * peak, a time (12.5s, 250ms, 1m30s), a share of the run's duration (50%), or the name of a mark or
 * snapshot; NAME#2 is the second of that name.
 *
 * Must not: know how a state is shown.
 */
#ifndef ANALYZER_REPLAY_MOMENT_H
#define ANALYZER_REPLAY_MOMENT_H

#include "replay/replay.h"

enum moment_kind { MOMENT_PEAK, MOMENT_END, MOMENT_START, MOMENT_TIME, MOMENT_SHARE, MOMENT_MARK };

#define MOMENT_WHOLE 1000000000u /* what shares are of */

struct moment {
        enum moment_kind kind;
        bool given;       /* by the user, not by default */
        const char *when; /* as the user wrote it, without the @; NULL where not given */
        uint64_t value;   /* MOMENT_TIME: nanoseconds; MOMENT_SHARE: of MOMENT_WHOLE */
};

/*
 * Takes "TRACE@WHEN" apart: *path is heap, moment->when a part of the operand. The longest name that
 * is a file's is the trace's, should it hold an @ itself. 0 or a negative errno already reported.
 */
int moment_parse(const char *operand, enum moment_kind fallback, char **path, struct moment *moment);

/* WHEN alone, without its @. False: no moment can be called that. */
bool moment_understand(const char *when, struct moment *moment);

/* The same, with or without its @. 0 or -EINVAL, reported. */
int moment_read(const char *when, struct moment *moment);

/* As the user named it: "peak", "12.5s". */
const char *moment_name(const struct moment *moment);

/* The same as part of a sentence: "the peak", "@12.5s". Heap; NULL: no memory. */
char *moment_phrase(const struct moment *moment);

/*
 * Where the moment is, and when. 0; a negative errno already reported (-EINVAL: the trace has no such
 * moment); READER_E_BUDGET.
 */
int moment_locate(struct trace *trace, const struct moment *moment, struct replay_instant *instant,
                  uint64_t *time_ns);

/*
 * Replays up to the moment; *time_ns is when it was. Results as of moment_locate. The replay is the
 * caller's to deinit on success alone.
 */
int moment_replay(struct trace *trace, struct moment moment, enum replay_from from, struct replay *replay,
                  uint64_t *time_ns);

/*
 * The same for two moments in one go from the beginning: `before` is the state at `first`, which must not be
 * later than `last`. Both replays are the caller's to deinit on success alone.
 */
int moment_replay_both(struct trace *trace, struct moment first, struct replay *before, uint64_t *before_ns,
                       struct moment last, struct replay *replay, uint64_t *time_ns);

/* The last time any readable block tells of. */
uint64_t moment_last_ns(const struct trace *trace);

#endif
