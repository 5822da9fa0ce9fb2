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

        h_free(a, 10);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
