/*
 * See speedscope.h. Samples are written as the stacks come, once for each number; kept are the frames, which
 * stand last, and the weights of one profile. A frame is a line of a function, as in our own reports.
 */
#include "render/export/speedscope.h"

#include "base/array.h"
#include "base/map.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/saturate.h"
#include "render/export/stacks.h"
#include "render/render.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct measure {
        const char *name, *unit;
        const char *when; /* in relation to the moment */
        size_t offset;    /* in struct export_stack */
};

static const struct measure measures[] = {
        { "live bytes", "bytes", "at", offsetof(struct export_stack, live_bytes) },
        { "live blocks", "none", "at", offsetof(struct export_stack, live_blocks) },
        { "allocated bytes", "bytes", "up to", offsetof(struct export_stack, allocated_bytes) },
        { "allocations", "none", "up to", offsetof(struct export_stack, allocations) },
        { "temporary allocations", "none", "up to", offsetof(struct export_stack, temporary) },
};

#define MEASURES (sizeof(measures) / sizeof(*measures))

struct file {
        const struct export_wish *wish;
        FILE *stream;
        char *moment;         /* "the peak (1.234 s)" */
        struct map numbers;   /* by the frame's address: its number in `frames` */
        struct intern places; /* likewise by what it shows */
        const struct symbol_frame **frames;
        size_t frame_capacity;
        const struct measure *measure; /* of the profile that is written */
        uint64_t *weights, sum;
        size_t count, capacity;
        bool no_memory;
};

static void put_text(struct file *file, const char *text) {
        file->no_memory |= values_put(values_text(text), JSON_ENCODE_ANY, file->stream) < 0;
}

static const char *name_of(const struct symbol_frame *frame) {
        return frame->function ? frame->function : frame->file;
}

/* Several frames of the trace may show the same. */
static uint32_t new_frame(struct file *file, const struct symbol_frame *frame) {
        char *place = NULL;
        uint32_t number = 0;

        if (asprintf(&place, "%s\n%s\n%" PRIu32, name_of(frame), frame->file, frame->line) < 0)
                place = NULL;
        if (!place || intern_text(&file->places, place, &number) < 0 ||
            array_reserve(&file->frames, &file->frame_capacity, (size_t)number + 1, sizeof(*file->frames)) <
                    0)
                file->no_memory = true;
        else
                file->frames[number] = frame;
        free(place);
        return number;
}

static uint32_t number_of(struct file *file, const struct symbol_frame *frame) {
        size_t known = file->numbers.count;
        uint32_t *number = map_value(&file->numbers, (uintptr_t)frame, 0);

        file->no_memory |= !number;
        if (number && file->numbers.count > known)
                *number = new_frame(file, frame);
        return number ? *number : 0;
}

static int put_sample(void *context, const struct export_stack *stack) {
        struct file *file = context;
        uint64_t weight = *(const uint64_t *)((const char *)stack + file->measure->offset);

        if (weight == 0)
                return 0;
        fputs(file->count > 0 ? ",\n[" : "\n[", file->stream);
        for (size_t i = stack->frame_count; i-- > 0;)
                fprintf(file->stream, "%" PRIu32 "%s", number_of(file, stack->frames[i]), i > 0 ? "," : "]");
        if (array_reserve(&file->weights, &file->capacity, file->count + 1, sizeof(*file->weights)) < 0)
                file->no_memory = true;
        else
                file->weights[file->count++] = weight;
        file->sum = saturate_add(file->sum, weight);
        return file->no_memory ? message_errno(ENOMEM, file->wish->operand, "cannot export") : 0;
}

static int put_profile(struct file *file, const struct measure *measure) {
        char *name = NULL;
        int error;

        file->measure = measure;
        file->count = 0;
        file->sum = 0;
        if (asprintf(&name, "%s %s %s", measure->name, measure->when, file->moment) < 0)
                name = NULL;
        file->no_memory |= !name;
        fputs("{\"type\": \"sampled\", \"name\": ", file->stream);
        put_text(file, name);
        free(name);
        fprintf(file->stream, ", \"unit\": \"%s\", \"samples\": [", measure->unit);
        error = export_stacks(file->wish, put_sample, file);
        fputs("],\n\"weights\": [", file->stream);
        for (size_t i = 0; i < file->count; i++)
                fprintf(file->stream, "%s%" PRIu64, i > 0 ? "," : "", values_capped(file->weights[i]));
        fprintf(file->stream, "], \"startValue\": 0, \"endValue\": %" PRIu64 "}", values_capped(file->sum));
        return error;
}

static void put_frames(struct file *file) {
        fputs("\"shared\": {\"frames\": [", file->stream);
        for (size_t i = 0; i < file->places.count; i++) {
                const struct symbol_frame *frame = file->frames[i];

                fputs(i > 0 ? ",\n{\"name\": " : "\n{\"name\": ", file->stream);
                put_text(file, name_of(frame));
                if (frame->has_line) {
                        fputs(", \"file\": ", file->stream);
                        put_text(file, frame->file);
                        fprintf(file->stream, ", \"line\": %" PRIu32, frame->line);
                }
                fputc('}', file->stream);
        }
        fputs("]}", file->stream);
}

static int put_file(struct file *file) {
        size_t shown = MEASURES; /* the first that has anything in it */
        int error = 0;

        fputs("{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
              "\"exporter\": \"memtrace@" MEMTRACE_VERSION "\",\n\"name\": ",
              file->stream);
        put_text(file, file->wish->state->summary.command);
        fputs(",\n\"profiles\": [", file->stream);
        for (size_t i = 0; error == 0 && i < MEASURES; i++) {
                fputs(i > 0 ? ",\n" : "\n", file->stream);
                error = put_profile(file, &measures[i]);
                if (shown == MEASURES && file->count > 0)
                        shown = i;
        }
        fprintf(file->stream, "],\n\"activeProfileIndex\": %zu,\n", shown % MEASURES);
        /* of one there was no memory for nothing is known */
        if (error == 0 && !file->no_memory)
                put_frames(file);
        fputs("}\n", file->stream);
        return error;
}

/* Heap; NULL after a report. */
static char *moment_text(const struct state *state) {
        char *text = NULL;
        size_t length;
        FILE *stream = memo_stream(&text, &length);
        int error = stream ? render_moment(&state->moment, state->range.to_ns, stream)
                           : message_errno(errno, state->trace->reader->name, "cannot export");

        if (stream && fclose(stream) != 0 && error == 0)
                error = message_errno(errno, state->trace->reader->name, "cannot export");
        if (error == 0)
                return text;
        free(text);
        return NULL;
}

static int write_speedscope(const struct export_wish *wish, FILE *stream) {
        struct file file = { .wish = wish, .stream = stream, .moment = moment_text(wish->state) };
        int error = file.moment ? put_file(&file) : -ENOMEM;

        if (error == 0 && file.no_memory)
                error = message_errno(ENOMEM, wish->operand, "cannot export");
        map_deinit(&file.numbers);
        intern_deinit(&file.places);
        free(file.frames);
        free(file.weights);
        free(file.moment);
        return error;
}

const struct export_format export_speedscope = {
        .about = "speedscope",
        .write = write_speedscope,
};
