/* exec after exec: each image has one trace, complete, which says that an exec ended it. */
#include "harness.h"

int main(int argc, char **argv) {
        int left = argc > 1 ? atoi(argv[1]) : 5;

        for (int i = 0; i <= left; i++)
                h_malloc((size_t)(100 * left + 1));
        if (left == 0) {
                h_report(H_ONE_THREAD, "exited", 0);
                return 0;
        }
        char next[16];
        snprintf(next, sizeof next, "%d", left - 1);
        /* an exec that fails changes nothing */
        execl("/nonexistent/program", argv[0], NULL);
        h_free(h_malloc(9), 9);
        h_report(H_ONE_THREAD, "exec", 0);
        execl("/proc/self/exe", argv[0], next, NULL);
        return 98;
}
