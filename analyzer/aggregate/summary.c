/*
 * See summary.h. The end record's totals are the tracer's own count, right even where a block of
 * the file is lost; without an end, the events are counted.
 */
#include "aggregate/summary.h"

#include "aggregate/summary_domains.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/saturate.h"
#include "replay/moment.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(const char *word) {
        return *word && !strpbrk(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}");
}

/* The arguments as one would type them. */
static char *command_line(const struct trace_facts *facts) {
        const char *argument, *end;
        char *line = NULL;
        size_t length;
        FILE *stream;

        if (!facts->argv || facts->argv_bytes == 0)
                return strdup(facts->exe ? facts->exe : "");
        stream = memo_stream(&line, &length);
        if (!stream)
                return NULL;
        end = facts->argv + facts->argv_bytes;
        /* the last may be cut and lack its NUL; record_string put one there */
        for (argument = facts->argv; argument < end; argument += strlen(argument) + 1) {
                if (argument != facts->argv)
                        fputc(' ', stream);
                if (is_plain(argument)) {
                        fputs(argument, stream);
                        continue;
                }
                fputc('\'', stream);
                for (const char *at = argument; *at; at++)
                        if (*at == '\'')
                                fputs("'\\''", stream);
                        else
                                fputc(*at, stream);
                fputc('\'', stream);
        }
        if (fclose(stream) != 0) {
                free(line);
                return NULL;
        }
        return line;
}

static void from_end(struct summary *summary, const struct mtr_end *end) {
        summary->how = (enum mtr_end_how)end->how;
        summary->code = end->code;
        summary->duration_ns = end->time_ns;
        summary->allocations = end->allocations;
        summary->frees = end->frees;
        summary->temporary = end->temporary;
        summary->foreign_frees = end->foreign_frees;
        summary->lost = end->lost;
        summary->allocated_bytes = end->allocated_bytes;
        summary->peak_bytes = end->peak_bytes;
        summary->leaked_bytes = end->live_bytes;
        summary->leaked_blocks = end->live_blocks;
        summary->unknown_stacks = end->unknown_stacks;
        summary->collector_cpu_ns = end->collector_cpu_ns;
        summary->collector_rss_bytes = end->collector_rss_bytes;
}

static int from_events(struct trace *trace, struct summary *summary) {
        struct replay replay;
        int error = moment_replay(trace, (struct moment){ .kind = MOMENT_END }, REPLAY_FROM_BEGINNING,
                                  &replay, &summary->duration_ns);

        if (error != 0)
                return error;
        summary->allocations = replay.totals.allocations;
        summary->frees = replay.totals.frees;
        summary->temporary = replay.totals.temporary;
        summary->lost = trace->facts.lost_events;
        summary->allocated_bytes = replay.totals.allocated_bytes;
        summary->leaked_bytes = replay.totals.live_bytes;
        summary->leaked_blocks = replay.totals.live_blocks;
        replay_deinit(&replay);
        return 0;
}

static void take_peak(struct summary *summary, const struct trace *trace, const struct replay_peak *peak) {
        if (!domains_are_heap(trace))
                summary->unknown_stacks = peak->unknown_stacks;
        if (!trace->facts.has_end || !domains_are_heap(trace))
                summary->peak_bytes = peak->found ? peak->bytes : 0;
        if (peak->found)
                summary->peak_time_ns = peak->time_ns;
}

int summary_make(struct trace *trace, struct summary *summary) {
        const struct trace_facts *facts = &trace->facts;
        struct replay_peak peak;
        int error = 0;

        *summary = (struct summary){
                .program = facts->exe ? facts->exe : "",
                .argv = facts->argv,
                .argv_bytes = facts->argv_bytes,
                .unseen = facts->unseen && *facts->unseen ? facts->unseen : NULL,
                .command = command_line(facts),
                .pid = trace->reader->header.pid,
                .started_unix_ns = trace->reader->header.started_unix_ns,
                .running = trace->reader->running,
                .has_end = facts->has_end,
                .peak_rss_bytes = facts->peak_rss_bytes,
        };
        if (!summary->command)
                return message_errno(ENOMEM, trace->reader->name, "cannot sum up");
        if (facts->has_end)
                from_end(summary, &facts->end);
        if (!domains_have_ends(trace))
                error = from_events(trace, summary);
        else if (!domains_are_heap(trace))
                summary_domains_sum(summary, trace);
        if (error == 0)
                error = replay_peak(trace, &peak);
        if (error == 0)
                take_peak(summary, trace, &peak);
        if (error == 0)
                error = summary_domains_make(summary, trace);
        summary->damage_count = trace->reader->damage_count;
        if (error == 0 && summary_scopes_count(trace, &summary->scopes) < 0)
                error = message_errno(ENOMEM, trace->reader->name, "cannot pair its scopes");
        if (error != 0)
                summary_deinit(summary);
        return error;
}

static uint64_t longer(uint64_t one, uint64_t other) {
        return one > other ? one : other;
}

void summary_add(struct summary *summary, const struct summary *other) {
        const struct {
                uint64_t *to, more;
        } sums[] = {
                { &summary->allocations, other->allocations },
                { &summary->frees, other->frees },
                { &summary->temporary, other->temporary },
                { &summary->foreign_frees, other->foreign_frees },
                { &summary->lost, other->lost },
                { &summary->allocated_bytes, other->allocated_bytes },
                { &summary->peak_bytes, other->peak_bytes },
                { &summary->leaked_bytes, other->leaked_bytes },
                { &summary->leaked_blocks, other->leaked_blocks },
                { &summary->peak_rss_bytes, other->peak_rss_bytes },
                { &summary->collector_cpu_ns, other->collector_cpu_ns },
                { &summary->collector_rss_bytes, other->collector_rss_bytes },
                { &summary->unknown_stacks, other->unknown_stacks },
                { &summary->damage_count, other->damage_count },
        };

        for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++)
                *sums[i].to = saturate_add(*sums[i].to, sums[i].more);
        summary->duration_ns = longer(summary->duration_ns, other->duration_ns);
        summary->peak_time_ns = longer(summary->peak_time_ns, other->peak_time_ns);
}

void summary_processes_free(struct summary_process *processes, size_t count) {
        for (size_t i = 0; i < count; i++)
                free((char *)processes[i].run.program);
        free(processes);
}

void summary_deinit(struct summary *summary) {
        summary_processes_free(summary->processes, summary->process_count);
        summary_domains_free(summary);
        free(summary->command);
        *summary = (struct summary){ 0 };
}

const char *summary_ending_word(const struct summary *summary) {
        static const char *const words[] = {
                [MTR_END_EXITED] = "exited",
                [MTR_END_SIGNALED] = "signaled",
                [MTR_END_EXEC] = "exec",
                [MTR_END_STOPPED] = "stopped",
        };

        if (summary->running)
                return "running";
        if (!summary->has_end || (unsigned)summary->how >= sizeof(words) / sizeof(*words) ||
            !words[summary->how])
                return "unknown";
        return words[summary->how];
}

char *summary_ending(const struct summary *summary) {
        const char *word = summary_ending_word(summary);
        char *text = NULL;
        int made;

        if (strcmp(word, "exited") == 0) {
                made = asprintf(&text, "exited with code %d", (int)summary->code);
        } else if (strcmp(word, "signaled") == 0) {
                const char *name = sigabbrev_np(summary->code);

                made = name ? asprintf(&text, "killed by SIG%s", name)
                            : asprintf(&text, "killed by signal %d", (int)summary->code);
        } else if (strcmp(word, "exec") == 0) {
                made = asprintf(&text, "replaced by another program (exec)");
        } else if (strcmp(word, "stopped") == 0) {
                made = asprintf(&text, "no longer traced");
        } else if (strcmp(word, "running") == 0) {
                made = asprintf(&text, "still running");
        } else {
                made = asprintf(&text, summary->has_end ? "ended, nobody knows how"
                                                        : "the trace ends before the program did");
        }
        return made < 0 ? NULL : text;
}
