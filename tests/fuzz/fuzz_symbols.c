/*
 * A hostile binary that a trace names and the machine has: its symbols and lines are asked for at every
 * address that it says it has code at, and a few that it does not. What elfutils makes of it is elfutils';
 * that we survive what it answers is looked for here.
 */
#include "symbols/object.h"

#include "base/message.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESSES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static int take(void *context, const struct object_line *line) {
        size_t *characters = context;
        char *plain = line->function ? object_demangle(line->function, true) : NULL;

        *characters += line->line + (line->file ? strlen(line->file) : 0) + (plain ? strlen(plain) : 0) +
                       (line->directory ? strlen(line->directory) : 0);
        free(plain);
        return 0;
}

static void ask(struct object *object, uint64_t address, size_t *characters) {
        const struct object_symbol *symbol = object_symbol_at(object, address);
        struct object_extent extent;
        char *plain = symbol ? object_demangle(symbol->name, false) : NULL;

        if (symbol && address - symbol->address >= symbol->size_bytes)
                abort();
        *characters += plain ? strlen(plain) : 0;
        free(plain);
        if (object_lines_at(object, address, take, characters) < 0)
                abort();
        for (size_t i = 0; object_extent_at(object, address, i, &extent); i++)
                if (extent.first_line == 0 || extent.last_line < extent.first_line)
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        struct object *object = NULL;
        size_t characters = 0;
        char path[64];
        int fd = memfd_create("binary", MFD_CLOEXEC);

        message_silence();
        if (fd < 0 || write(fd, data, length) != (ssize_t)length)
                abort();
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (object_open(path, NULL, 0, &object) == OBJECT_OPEN) {
                for (uint64_t i = 0; i < ADDRESSES; i++)
                        ask(object, 0x1000 + i * 8, &characters);
                for (size_t i = 0; i < object->symbol_count && i < ADDRESSES; i++)
                        ask(object, object->symbols[i].address, &characters);
                ask(object, UINT64_MAX, &characters);
                ask(object, 0, &characters);
                object_free(object);
        }
        close(fd);
        return 0;
}
