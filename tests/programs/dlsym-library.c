/*
 * Preloaded beside the tracer: a dlsym that allocates, as glibc's did for its error text. A tracer that
 * asks dlsym for the next calloc gets a calloc to answer before it knows it. Row 8.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DLSYM_BLOCKS = 260, DLSYM_KINDS = 5 };

int dlsym_damaged(void);

static void *dlsym_blocks[DLSYM_BLOCKS];
static int dlsym_block_count, dlsym_lost;

void *dlsym(void *handle, const char *name) {
        static void *(*next)(void *, const char *);
        static __thread int inside;
        if (!next)
                next = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
        if (!inside && dlsym_block_count + DLSYM_KINDS <= DLSYM_BLOCKS) {
                inside = 1;
                void **blocks = dlsym_blocks + dlsym_block_count;
                blocks[0] = calloc(1, 32);
                blocks[1] = malloc(100);
                char *grows = (char *)calloc(1, 10);
                strcpy(grows, "ninechars");
                grows = (char *)realloc(grows, 200);
                dlsym_lost += !grows || strcmp(grows, "ninechars") != 0;
                blocks[2] = grows;
                blocks[4] = reallocarray(reallocarray(NULL, 2, 8), 4, 11);
                if (posix_memalign(&blocks[3], 64, 64))
                        blocks[3] = NULL;
                void *untouched = &untouched;
                dlsym_lost += posix_memalign(&untouched, 64, SIZE_MAX / 2) == 0 || untouched != &untouched;
                dlsym_block_count += DLSYM_KINDS;
                inside = 0;
        }
        return next(handle, name);
}

/* Uses every such block up; how many there were is the tracer's own matter, what is wrong is not. */
int dlsym_damaged(void) {
        int damaged = dlsym_lost;
        for (int i = 0; i < dlsym_block_count; i++) {
                static const size_t asked[] = { 32, 100, 200, 64, 44 };
                size_t bytes = asked[i % DLSYM_KINDS];
                if ((uintptr_t)dlsym_blocks[i] % 16 || malloc_usable_size(dlsym_blocks[i]) < bytes)
                        damaged++;
                memset(dlsym_blocks[i], 'x', bytes);
                char *block = (char *)realloc(dlsym_blocks[i], 1000);
                if (!block || block[0] != 'x' || block[bytes - 1] != 'x')
                        damaged++;
                free(block);
        }
        return damaged;
}
