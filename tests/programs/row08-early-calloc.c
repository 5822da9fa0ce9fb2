/*
 * Row 8: allocations from before our constructor: in another preload's constructor, inside dlsym. They
 * are aligned, whole, and free, realloc and malloc_usable_size know them.
 */
#include <malloc.h>

#include "harness.h"

extern void *early_blocks[4] __attribute__((weak));
extern int dlsym_damaged(void) __attribute__((weak));

static void use_early(void) {
        h_took(H_CALLOC, early_blocks[0], 33);
        h_took(H_MALLOC, early_blocks[1], 44);
        char between;
        h_took(H_MALLOC, &between, 5);
        h_moved(H_REALLOC, &between, 5, early_blocks[2], 55);
        h_took(H_POSIX_MEMALIGN, early_blocks[3], 66);

        h_say("zeroed %d, usable %d\n", ((char *)early_blocks[0])[32] == 0,
              malloc_usable_size(early_blocks[1]) >= 44);
        h_free(early_blocks[0], 33);
        h_free(h_realloc(early_blocks[1], 44, 4400), 4400);
        h_free(early_blocks[2], 55);
        /* the aligned one stays */
}

int main(void) {
        int flags = H_ONE_THREAD;
        if (&early_blocks)
                use_early();
        if (dlsym_damaged) {
                h_say("inside dlsym: %d blocks damaged\n", dlsym_damaged());
                flags = H_FOREIGN_OPEN;
        }
        h_free(h_malloc(77), 77);
        h_report(flags, "exited", 0);
        return 0;
}
