/*
 * Row 3: realloc of nothing, to nothing, in place, moving, and failing, after which the old block
 * is as live as before and its later free is an ordinary one.
 */
#include "harness.h"

int main(void) {
        void *a = h_realloc(NULL, 0, 50);
        a = h_realloc(a, 50, 60);     /* likely in place */
        a = h_realloc(a, 60, 200000); /* moves into a mapping of its own */
        a = h_realloc(a, 200000, 400000);
        a = h_realloc(a, 400000, 10);

        void *b = h_malloc(70);
        memset(b, 'b', 70);
        volatile size_t huge = PTRDIFF_MAX;
        errno = 0;
        void *failed = h_realloc(b, 70, huge);
        h_say("too much: %s errno %d, the block %s\n", failed ? "block" : "null", errno,
              memcmp(b, "bbbb", 4) ? "damaged" : "whole");
        failed = h_realloc(b, 70, SIZE_MAX);
        h_say("too much: %s\n", failed ? "block" : "null");
        h_free(b, 70); /* of the malloc that the failures left alone */

        void *c = h_malloc(80);
        void *none = h_realloc(c, 80, 0);
        h_say("to nothing: %s\n", none ? "block" : "null");

        void *d = h_realloc(NULL, 0, 0);
        h_say("nothing to nothing: %s\n", d ? "block" : "null");
        h_free(d, 0);

        void *e = reallocarray(NULL, 9, 10);
        h_took(H_REALLOCARRAY, e, 90);
        failed = reallocarray(e, huge, 16);
        h_moved(H_REALLOCARRAY, e, 90, failed, 1);
        h_say("too many: %s errno %d\n", failed ? "block" : "null", errno);
        void *moved = reallocarray(e, 10, 10);
        h_moved(H_REALLOCARRAY, e, 90, moved, 100);

        none = reallocarray(moved, 0, 10);
        h_moved(H_REALLOCARRAY, moved, 100, none, 0);
        h_say("array to nothing: %s\n", none ? "block" : "null");

        /* what was aligned, or libc's own, is resized as well */
        void *f = aligned_alloc(256, 512);
        h_took(H_ALIGNED_ALLOC, f, 512);
        f = h_realloc(f, 512, 5000);
        void *g = strdup("libc's own, under its own frame");
        h_say("%s\n", (char *)g);
        free(g);

        /* many that fail, each with others between: none may count for another's end */
        for (size_t i = 1; i <= 50; i++) {
                void *kept = h_malloc(i);
                (void)h_realloc(kept, i, huge - i);
                f = h_realloc(f, 5000 + i - 1, 5000 + i);
                h_free(kept, i);
        }
        h_free(f, 5050);

        h_free(a, 10);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
