/*
 * See import.h.
 */
#include "import/import.h"

#include "base/message.h"
#include "import/from_heaptrack.h"
#include "import/from_massif.h"

#include <errno.h>
#include <inttypes.h>

static int read_lines(struct input *input, struct writer *writer, struct writer_ending *ending) {
        int result = input_line(input);

        if (result < 0)
                return result;
        if (result > 0 && from_heaptrack_is(input->text))
                return from_heaptrack_read(input, writer, &ending->foreign_frees);
        if (result > 0 && from_massif_is(input->text))
                return from_massif_read(input, writer);
        message("%s: is no file of heaptrack's or massif's", input->name);
        return -EINVAL;
}

static int import(struct input *input, FILE *out) {
        struct writer_ending ending = { .how = MTR_END_UNKNOWN };
        struct writer *writer = writer_new(out, 0);
        int error = writer ? read_lines(input, writer, &ending) : input_no_memory(input);

        if (error == 0 && input->cut)
                message("%s: cut short in line %" PRIu64 "; what stands before it is imported", input->name,
                        input->line);
        if (error == 0 && writer_finish(writer, input->cut ? NULL : &ending) < 0)
                error = input_no_memory(input);
        writer_free(writer);
        return error;
}

int import_trace(FILE *in, const char *name, uint64_t file_bytes, FILE *out) {
        struct input input;
        int error = input_open(&input, in, name, file_bytes);

        if (error < 0)
                return error;
        error = import(&input, out);
        input_close(&input);
        return error;
}
