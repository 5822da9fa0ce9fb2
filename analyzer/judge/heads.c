/*
 * See heads.h.
 */
#include "judge/heads.h"

#include "memtrace/format.h"

#include <string.h>

/* What a program tells of its own heaps. */
static const struct symbol_frame reporting = { .function = "memtrace_report_alloc" };

static const struct symbol_frame functions[MTR_KIND_COUNT] = {
        [MTR_KIND_MALLOC] = { .function = "malloc" },
        [MTR_KIND_CALLOC] = { .function = "calloc" },
        [MTR_KIND_REALLOC] = { .function = "realloc" },
        [MTR_KIND_REALLOCARRAY] = { .function = "reallocarray" },
        [MTR_KIND_ALIGNED_ALLOC] = { .function = "aligned_alloc" },
        [MTR_KIND_MEMALIGN] = { .function = "memalign" },
        [MTR_KIND_POSIX_MEMALIGN] = { .function = "posix_memalign" },
        [MTR_KIND_VALLOC] = { .function = "valloc" },
        [MTR_KIND_PVALLOC] = { .function = "pvalloc" },
};

#define MALLOC (1u << MTR_KIND_MALLOC)
#define REALLOC (1u << MTR_KIND_REALLOC)
#define MEMALIGN (1u << MTR_KIND_MEMALIGN)

/* By kind: what Valgrind has instead of it or innermost of it, as 1 << kind. */
static const unsigned within[MTR_KIND_COUNT] = {
        [MTR_KIND_REALLOC] = MALLOC,          [MTR_KIND_REALLOCARRAY] = MALLOC | REALLOC,
        [MTR_KIND_ALIGNED_ALLOC] = MEMALIGN,  [MTR_KIND_VALLOC] = MEMALIGN,
        [MTR_KIND_POSIX_MEMALIGN] = MEMALIGN, [MTR_KIND_PVALLOC] = MEMALIGN,
};

static const char single[] = "operator new(", array[] = "operator new[](";

/* libstdc++'s operator new[] goes on to operator new by a jump, which leaves no frame. */
static const struct symbol_frame arrays[] = {
        { .function = "operator new[](unsigned long)", .linkage = "_Znam" },
        { .function = "operator new[](unsigned long, std::nothrow_t const&)",
          .linkage = "_ZnamRKSt9nothrow_t" },
        { .function = "operator new[](unsigned long, std::align_val_t)", .linkage = "_ZnamSt11align_val_t" },
        { .function = "operator new[](unsigned long, std::align_val_t, std::nothrow_t const&)",
          .linkage = "_ZnamSt11align_val_tRKSt9nothrow_t" },
};

static const struct symbol_frame *array_of(const struct symbol_frame *frame) {
        if (strncmp(frame->function, single, strlen(single)) == 0)
                for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
                        if (strcmp(frame->function + strlen(single), arrays[i].function + strlen(array)) == 0)
                                return &arrays[i];
        return NULL;
}

bool heads_gives_block(const struct symbol_frame *frame) {
        return frame->function && (strncmp(frame->function, single, strlen(single)) == 0 ||
                                   strncmp(frame->function, array, strlen(array)) == 0 ||
                                   strcmp(frame->function, "memtrace_report_alloc") == 0 ||
                                   strcmp(frame->function, "memtrace_report_realloc") == 0);
}

const char *heads_name(uint8_t kind) {
        if (kind >= MTR_KIND_DOMAIN)
                return reporting.function;
        return kind < MTR_KIND_COUNT ? functions[kind].function : "*al*";
}

/* The allocation function's own frames before the whole stack. */
static size_t add_kind(uint8_t kind, struct head *heads) {
        size_t count = 0;

        heads[count++] = (struct head){ .frames = { &functions[kind] }, .count = 1 };
        for (unsigned i = 0; i < MTR_KIND_COUNT; i++)
                if (within[kind] & 1u << i) {
                        heads[count++] = (struct head){ .frames = { &functions[i] }, .count = 1 };
                        heads[count++] =
                                (struct head){ .frames = { &functions[i], &functions[kind] }, .count = 2 };
                }
        return count;
}

size_t heads_of(const struct symbol_frame *const *frames, size_t count, uint8_t kind,
                struct head heads[HEADS_MAX]) {
        size_t found = 0, operators = 0;

        if (kind >= MTR_KIND_DOMAIN)
                heads[found++] = (struct head){ .frames = { &reporting }, .count = 1 };
        else if (kind < MTR_KIND_COUNT)
                found = add_kind(kind, heads);
        else
                for (size_t i = 0; i < MTR_KIND_COUNT; i++)
                        heads[found++] = (struct head){ .frames = { &functions[i] }, .count = 1 };
        while (operators < count && heads_gives_block(frames[operators]))
                operators++;
        if (operators > 0)
                heads[found++] = (struct head){ .skipped = operators - 1 };
        if (operators > 0 && array_of(frames[operators - 1]))
                heads[found++] = (struct head){ .frames = { array_of(frames[operators - 1]) },
                                                .count = 1,
                                                .skipped = operators };
        return found;
}
