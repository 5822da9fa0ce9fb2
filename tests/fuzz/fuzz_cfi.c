/*
 * A module in memory that is garbage: unwind rules and the build-id are read from it, and not one byte
 * outside. The input is six bytes that say where the tables, the instruction and the segments are, and the
 * module's memory, which is put in a block of its own length so that the address sanitizer sees its ends.
 */
#include "tracer/modules.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "session/process.h"
#include "tracer/cfi.h"

#define SEGMENTS_MAX 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct where {
        uint16_t tables, pc, segments; /* offsets in the memory; segments 0: not known */
};

static uint32_t segments_at(const uint8_t *memory, size_t length, uint16_t offset, Elf64_Phdr *segments) {
        size_t bytes = offset < length ? length - offset : 0;
        uint32_t count = (uint32_t)(bytes / sizeof(*segments));

        if (offset == 0)
                return 0;
        count = count < SEGMENTS_MAX ? count : SEGMENTS_MAX;
        memcpy(segments, memory + offset, count * sizeof(*segments));
        return count;
}

static void note(uint8_t *memory, size_t length) {
        static struct process process;
        struct link_map link_map = { .l_addr = (uintptr_t)memory, .l_name = "" };
        struct dl_find_object found = { .dlfo_map_start = memory,
                                        .dlfo_map_end = memory + length,
                                        .dlfo_link_map = &link_map };
        struct cfi_image image;

        atomic_store(&process.module_count, 0);
        image = modules_image(&found);
        (void)modules_note(&process, &image, &link_map);
        if (process.modules[0].build_id_bytes > MODULE_BUILD_ID_MAX)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        Elf64_Phdr segments[SEGMENTS_MAX];
        struct cfi_image image = { .segments = segments };
        struct where where;
        uint8_t *memory;

        if (length <= sizeof(where))
                return 0;
        memcpy(&where, data, sizeof(where));
        length -= sizeof(where);
        memory = malloc(length);
        if (!memory)
                abort();
        memcpy(memory, data + sizeof(where), length);
        image.start = image.bias = (uintptr_t)memory;
        image.end = image.start + length;
        image.segment_count = segments_at(memory, length, where.segments, segments);
        /* Tables and code may be anywhere: it is the loader who says, and he may be told nonsense. */
        if (!(cfi_find(&image, memory + where.tables, image.start + where.pc) & CFI_KNOWN))
                abort();
        note(memory, length);
        free(memory);
        return 0;
}
