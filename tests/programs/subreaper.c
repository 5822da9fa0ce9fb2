/*
 * A program that adopts orphans, so that the collector, an orphan by design, would become its child:
 * waiting for all children must end, and find only its own.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness.h"

int main(int argc, char **argv) {
        int children = 0;

        if (argc == 1) {
                prctl(PR_SET_CHILD_SUBREAPER, 1);
                h_free(h_malloc(10), 10);
                h_report(H_ONE_THREAD, "exec", 0);
                execl("/proc/self/exe", argv[0], "adopts", (char *)NULL);
                return 1;
        }
        h_free(h_malloc(100), 100);
        if (fork() == 0)
                _exit(0);
        while (wait(NULL) > 0)
                children++;
        h_say("children: %d\n", children);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
