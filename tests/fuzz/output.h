/*
 * What a fuzz target has written for it, in memory. Aborts where there is none.
 */
#ifndef TESTS_FUZZ_OUTPUT_H
#define TESTS_FUZZ_OUTPUT_H

#include <stdio.h>
#include <stdlib.h>

struct output {
        char *text; /* heap, the caller's to free once it is ended */
        size_t length;
        FILE *stream;
};

static inline void output_begin(struct output *output) {
        *output = (struct output){ 0 };
        output->stream = open_memstream(&output->text, &output->length);
        if (!output->stream)
                abort();
}

static inline void output_end(struct output *output) {
        if (fclose(output->stream) != 0)
                abort();
}

#endif
