/*
 * See memo.h. A stream of our own, because open_memstream's says nothing of what it had no memory for: it
 * leaves that out, or has no text in the end.
 */
#include "base/memo.h"

#include "base/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sheet {
        char **text;
        size_t *length_bytes;
        char *bytes; /* has room for a NUL */
        size_t used, capacity;
        bool failed;
};

static ssize_t take(void *cookie, const char *bytes, size_t length_bytes) {
        struct sheet *sheet = cookie;
        size_t needed, capacity = sheet->capacity;
        char *moved;

        if (__builtin_add_overflow(sheet->used, length_bytes, &needed))
                sheet->failed = true;
        while (!sheet->failed && capacity <= needed)
                if (__builtin_mul_overflow(capacity, 2, &capacity))
                        sheet->failed = true;
        if (!sheet->failed && capacity > sheet->capacity) {
                moved = realloc(sheet->bytes, capacity);
                sheet->failed = !moved;
                sheet->bytes = moved ? moved : sheet->bytes;
                sheet->capacity = moved ? capacity : sheet->capacity;
        }
        if (sheet->failed)
                return 0;
        memcpy(sheet->bytes + sheet->used, bytes, length_bytes);
        sheet->used = needed;
        return (ssize_t)length_bytes;
}

/* For ftell alone. */
static int place(void *cookie, off64_t *offset, int whence) {
        const struct sheet *sheet = cookie;

        if (whence != SEEK_CUR || *offset != 0)
                return -1;
        *offset = (off64_t)sheet->used;
        return 0;
}

static int end(void *cookie) {
        struct sheet *sheet = cookie;
        bool failed = sheet->failed;

        sheet->bytes[sheet->used] = '\0';
        *sheet->text = sheet->bytes;
        *sheet->length_bytes = sheet->used;
        free(sheet);
        return failed ? -1 : 0;
}

FILE *memo_stream(char **text, size_t *length_bytes) {
        struct sheet *sheet = calloc(1, sizeof(*sheet));
        FILE *stream;

        *text = NULL;
        *length_bytes = 0;
        if (!sheet)
                return NULL;
        *sheet = (struct sheet){ text, length_bytes, malloc(BUFSIZ), 0, BUFSIZ, false };
        stream = sheet->bytes
                         ? fopencookie(sheet, "w",
                                       (cookie_io_functions_t){ .write = take, .seek = place, .close = end })
                         : NULL;
        if (stream)
                return stream;
        free(sheet->bytes);
        free(sheet);
        return NULL;
}

int memo_begin(struct memo *memo) {
        *memo = (struct memo){ 0 };
        memo->stream = memo_stream(&memo->text, &memo->length);
        return memo->stream ? 0 : message_errno(ENOMEM, "output", "cannot print");
}

int memo_end(struct memo *memo) {
        return fclose(memo->stream) == 0 ? 0 : message_errno(ENOMEM, "output", "cannot print");
}
