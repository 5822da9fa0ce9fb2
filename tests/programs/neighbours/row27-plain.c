/* Row 27: what a program does that cannot be traced. Without harness.h, which wants 64 bits. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
        char *text = malloc(100);

        if (!text)
                return 1;
        snprintf(text, 100, "preloaded: %s", getenv("LD_PRELOAD") ? "something" : "nothing");
        puts(text);
        free(text);
        return 7;
}
