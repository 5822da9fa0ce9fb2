/*
 * See check_places.h. Plain functions, no state.
 */
#include "render/check_places.h"

#include "base/terminal.h"
#include "base/text.h"
#include "render/check_words.h"
#include "render/render.h"
#include "render/sparkline.h"

#include <string.h>

static int put_frame(const struct check_output *output, const struct symbol_frame *frame, FILE *stream) {
        /* the runs may be several, so only the programs tell whether a source is newer */
        static const struct summary no_run;
        const struct report report = { .summary = &no_run, .sources = output->sources };

        fputs("  File \"", stream);
        terminal_put_place(stream, frame->file, strlen("  File \"\", line 4294967295"));
        fputc('"', stream);
        if (frame->has_line || !frame->module) /* <unknown> is at line 0 */
                fprintf(stream, ", line %u", frame->line);
        if (frame->has_line && frame->function) {
                fputs(", in ", stream);
                text_put(stream, frame->function);
        }
        fputc('\n', stream);
        return render_source_line(&report, frame, stream);
}

size_t check_places_end(const struct check_finding *finding) {
        for (size_t i = finding->charged; i < finding->frame_count; i++)
                if (finding->frames[i]->function && strcmp(finding->frames[i]->function, "main") == 0)
                        return i + 1;
        return finding->frame_count;
}

int check_places_traceback(const struct check_output *output, const struct check_finding *finding,
                           FILE *stream) {
        size_t at = finding->charged, end = check_places_end(finding), left;
        int error = 0;

        for (size_t shown = 0; error == 0 && at < end && shown < output->frame_limit; at++, shown++)
                error = put_frame(output, finding->frames[at], stream);
        left = at < end ? end - at : 0;
        if (left > 0)
                fprintf(stream, "  and %zu more frame%s\n", left, left == 1 ? "" : "s");
        return error;
}

/* "  0123456789  4096 B in the first to 12.0 KiB in the last of 45 repetitions (mark request), after 5 of
 * warm-up" */
static void put_history(const struct check *check, const struct check_trend *trend, FILE *stream) {
        size_t skipped = trend->warm_up, count = trend->repetitions - skipped;
        const uint64_t *values = trend->least_bytes + skipped;

        fputs("  ", stream);
        sparkline_put(stream, values, count);
        fprintf(stream, "  %s in the first to %s in the last of %zu repetitions",
                text_size((double)values[0], false).text, text_size((double)values[count - 1], false).text,
                count);
        if (check->unit) {
                fputs(" (", stream);
                text_put(stream, check->unit);
                fputc(')', stream);
        }
        if (skipped > 0)
                fprintf(stream, ", after %zu of warm-up", skipped);
        fputc('\n', stream);
}

int check_places_put(const struct check_output *output, const struct check *check,
                     const struct check_finding *finding, FILE *stream) {
        terminal_put_place(stream, finding->place, 0);
        fputs(": ", stream);
        check_words_finding(check, finding, stream);
        fputc('\n', stream);
        if (finding->trend && finding->trend->least_bytes &&
            finding->trend->repetitions > finding->trend->warm_up)
                put_history(check, finding->trend, stream);
        return check_places_traceback(output, finding, stream);
}

int check_places_list(const struct check_output *output, const struct check *check, FILE *stream) {
        size_t shown = check_output_shown(output, check->finding_count), left;
        int error = 0;

        for (size_t i = 0; error == 0 && i < shown; i++) {
                fputc('\n', stream);
                error = check_places_put(output, check, &check->findings[i], stream);
        }
        left = check->finding_total > shown ? check->finding_total - shown : 0;
        if (left > 0)
                fprintf(stream, "\nand %zu more place%s\n", left, left == 1 ? "" : "s");
        return error;
}
