/*
 * The summary as text, for report and run.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/path.h"
#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_SHOWN 200u
#define PROGRAM "program:     "

static void put_command(const char *command, FILE *stream) {
        size_t length = strlen(command), shown = length;

        if (terminal_columns(stream) != SIZE_MAX) {
                terminal_put_start(stream, command, strlen(PROGRAM));
                return;
        }
        if (length > COMMAND_SHOWN)
                for (shown = COMMAND_SHOWN; shown > 0 && (command[shown] & 0xc0) == 0x80;)
                        shown--;
        text_put_bytes(stream, command, shown);
        if (shown < length)
                fputs("...", stream);
}

/* The beginning of a line that says that the figures are not what they seem. */
static void put_warning(const char *indent, const char *label, FILE *stream) {
        fputs(indent, stream);
        terminal_style(stream, TERMINAL_WARNING);
        fputs(label, stream);
        terminal_style(stream, TERMINAL_PLAIN);
        fprintf(stream, "%*s", (int)(strlen(PROGRAM) - strlen(label)), "");
}

#define DOMAINS_SHOWN 10u

/* One of the program's own heaps. */
static void put_domain(const struct summary_domain *domain, bool running, FILE *stream) {
        const struct trace_domain_end *end = &domain->end;

        text_put(stream, domain->name);
        fprintf(stream, ": %" PRIu64 " allocations, peak %s", end->allocations,
                text_size((double)end->peak_bytes, false).text);
        fprintf(stream, ", %s %s in %" PRIu64 " blocks", running ? "live" : "leaked",
                text_size((double)end->live_bytes, false).text, end->live_blocks);
        if (end->doubles > 0)
                fprintf(stream, "; %" PRIu64 " reported twice", end->doubles);
        if (end->foreign_frees > 0)
                fprintf(stream, "%s %" PRIu64 " frees of unknown", end->doubles > 0 ? "," : ";",
                        end->foreign_frees);
        fputc('\n', stream);
}

static void put_domains(const struct summary *summary, const char *indent, FILE *stream) {
        for (size_t i = 0; i < summary->domain_count && i < DOMAINS_SHOWN; i++) {
                fprintf(stream, "%sdomains:     ", indent);
                put_domain(&summary->domains[i], summary->running, stream);
        }
        if (summary->domain_count > DOMAINS_SHOWN)
                fprintf(stream, "%sdomains:     and %zu more; --by domain adds them all up\n", indent,
                        summary->domain_count - DOMAINS_SHOWN);
}

static void put_name(const char *name, size_t *count, FILE *stream) {
        if ((*count)++ >= DOMAINS_SHOWN)
                return;
        fputs(*count > 1 ? ", " : "", stream);
        text_put(stream, name);
}

void render_selected(const struct summary *summary, FILE *stream) {
        size_t count = 0;

        if (summary->has_heap)
                put_name(DOMAINS_HEAP, &count, stream);
        for (size_t i = 0; i < summary->domain_count; i++)
                if (summary->domains[i].taken)
                        put_name(summary->domains[i].name, &count, stream);
        if (count > DOMAINS_SHOWN)
                fprintf(stream, " and %zu more", count - DOMAINS_SHOWN);
        if (count == 0)
                fputs("no domain", stream);
}

void render_troubles(const struct summary *summary, const char *indent, FILE *stream) {
        if (summary->lost > 0) {
                put_warning(indent, "LOST:", stream);
                fprintf(stream, "%" PRIu64 " events; the figures are too low by as much\n", summary->lost);
        }
        if (summary->damage_count > 0) {
                put_warning(indent, "DAMAGED:", stream);
                fprintf(stream, "the trace, at %" PRIu64 " place%s; memtrace verify says where\n",
                        summary->damage_count, summary->damage_count == 1 ? "" : "s");
        }
        if (summary->unseen) {
                put_warning(indent, "NOT SEEN:", stream);
                text_put(stream, summary->unseen);
                fputc('\n', stream);
        } else if (summary->allocations == 0 && !summary->beyond_heap)
                fprintf(stream,
                        "%snote:        no allocation was seen; was recording paused, or does the program "
                        "bring its own allocator?\n",
                        indent);
        if (summary->unknown_stacks > 0)
                fprintf(stream, "%sno stack:    %" PRIu64 " allocations\n", indent, summary->unknown_stacks);
}

/* What the program told of its scopes by halves. */
static void put_scopes(const struct summary_scopes *scopes, const char *indent, FILE *stream) {
        if (scopes->ends + scopes->begins == 0)
                return;
        fprintf(stream, "%sscopes:      ", indent);
        if (scopes->ends > 0)
                fprintf(stream, "%" PRIu64 " end%s without a begin", scopes->ends,
                        scopes->ends == 1 ? "" : "s");
        if (scopes->begins > 0)
                fprintf(stream, "%s%" PRIu64 " begin%s without an end", scopes->ends > 0 ? ", " : "",
                        scopes->begins, scopes->begins == 1 ? "" : "s");
        for (size_t i = 0; i < scopes->name_count; i++) {
                fputs(i == 0 ? " (" : ", ", stream);
                text_put(stream, scopes->names[i]);
        }
        fputs(scopes->more_names ? ", ...)\n" : ")\n", stream);
}

bool render_is_flawed(const struct summary *summary) {
        return summary->lost > 0 || summary->damage_count > 0 || summary->unseen;
}

static bool ran_one_program(const struct summary *summary) {
        for (size_t i = 0; i < summary->process_count; i++)
                if (strcmp(summary->processes[i].run.program, summary->program) != 0)
                        return false;
        return true;
}

/* Who ran. */
static int put_process(const struct summary *summary, FILE *stream) {
        char *ending = summary_ending(summary);

        if (!ending)
                return message_errno(ENOMEM, "report", "cannot print");
        fputs(PROGRAM, stream);
        put_command(summary->command, stream);
        if (!ran_one_program(summary))
                fputs(", and others", stream);
        if (summary->process_count == 0)
                fprintf(stream, "\nprocess:     %" PRIu32 ", %s after %s\n", summary->pid, ending,
                        text_seconds(summary->duration_ns).text);
        else
                fprintf(stream, "\nprocess:     %zu processes merged; the longest took %s\n",
                        summary->process_count, text_seconds(summary->duration_ns).text);
        free(ending);
        return 0;
}

int render_summary(const struct summary *summary, FILE *stream) {
        int error = put_process(summary, stream);

        if (error < 0)
                return error;
        if (summary->beyond_heap) {
                fputs("selected:    ", stream);
                render_selected(summary, stream);
                fputc('\n', stream);
        }
        fprintf(stream, "allocations: %" PRIu64 ", %s in all; temporary: %" PRIu64 "\n", summary->allocations,
                text_size((double)summary->allocated_bytes, false).text, summary->temporary);
        fprintf(stream, "frees:       %" PRIu64 "; foreign frees: %" PRIu64 "; lost events: %" PRIu64 "\n",
                summary->frees, summary->foreign_frees, summary->lost);
        fprintf(stream, "peak:        %s", text_size((double)summary->peak_bytes, false).text);
        if (summary->process_count > 0)
                fputs(", the sum of each one's", stream);
        else
                fprintf(stream, " at %s", text_seconds(summary->peak_time_ns).text);
        fprintf(stream, "; peak RSS: %s\n", text_size((double)summary->peak_rss_bytes, false).text);
        fprintf(stream, "%s %s in %" PRIu64 " blocks\n", summary->running ? "live now:   " : "leaked:     ",
                text_size((double)summary->leaked_bytes, false).text, summary->leaked_blocks);
        put_domains(summary, "", stream);
        render_troubles(summary, "", stream);
        put_scopes(&summary->scopes, "", stream);
        return 0;
}

int render_run_summary(const struct summary *summary, const char *trace_name, FILE *stream) {
        char *ending = summary_ending(summary);

        if (!ending)
                return message_errno(ENOMEM, trace_name, "cannot print");
        fputs("memtrace: ", stream);
        text_put(stream, *summary->program ? path_base(summary->program) : "the program");
        fprintf(stream, " (%" PRIu32 ") %s after %s\n", summary->pid, ending,
                text_seconds(summary->duration_ns).text);
        fprintf(stream, "  allocations: %" PRIu64 ", %s in all; frees: %" PRIu64 "; temporary: %" PRIu64 "\n",
                summary->allocations, text_size((double)summary->allocated_bytes, false).text, summary->frees,
                summary->temporary);
        fprintf(stream, "  peak:        %s at %s; peak RSS: %s\n",
                text_size((double)summary->peak_bytes, false).text, text_seconds(summary->peak_time_ns).text,
                text_size((double)summary->peak_rss_bytes, false).text);
        fprintf(stream,
                "  leaked:      %s in %" PRIu64 " blocks; foreign frees: %" PRIu64 "; lost events: %" PRIu64
                "\n",
                text_size((double)summary->leaked_bytes, false).text, summary->leaked_blocks,
                summary->foreign_frees, summary->lost);
        put_domains(summary, "  ", stream);
        fputs("  trace:       ", stream);
        text_put(stream, trace_name);
        fputc('\n', stream);
        render_troubles(summary, "  ", stream);
        put_scopes(&summary->scopes, "  ", stream);
        free(ending);
        return 0;
}
