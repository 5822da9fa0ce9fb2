/*
 * The lines of another tool's file, plain or compressed with gzip or zstd, whichever its first bytes say.
 * What it unpacks to is bounded, and so is a line. One thread.
 *
 * Must not: believe the file's name, or keep more than a line.
 */
#ifndef ANALYZER_IMPORT_INPUT_H
#define ANALYZER_IMPORT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define INPUT_LINE_MAX (1u << 20)

struct input {
        const char *name; /* borrowed */
        uint64_t line;    /* which it is at, from 1 */
        char *text;       /* the line, without its end, and a NUL behind it */
        size_t length_bytes;
        bool cut;            /* the file ends in the middle of a line or of its compressed stream */
        uint64_t file_bytes; /* as it is in the file; what is read is at most as much by a factor */

        /* for input.c alone */
        struct unpack *unpack;
        const uint8_t *pending; /* unpacked, and not yet in a line */
        size_t pending_bytes, capacity;
        uint64_t unpacked_bytes, spent_bytes;
};

/* The stream is borrowed. 0, or a negative errno already reported, and there is nothing to close. */
int input_open(struct input *input, FILE *stream, const char *name, uint64_t file_bytes);
void input_close(struct input *input);

/* 1: there is another line; 0: there is none, a last one without its end being none; a negative errno already
 * reported. */
int input_line(struct input *input);

/* Says what is wrong in this line. -EINVAL. */
__attribute__((format(printf, 2, 3))) int input_wrong(const struct input *input, const char *format, ...);

/* Takes so many bytes of what a file may make us remember, which is as much as a trace's reader allows. 0, or
 * -EINVAL, reported. */
int input_spend(struct input *input, uint64_t bytes);

/* -ENOMEM, reported. */
int input_no_memory(const struct input *input);

#endif
