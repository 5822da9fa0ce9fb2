/*
 * The secret of base/scatter.h.
 */
#include "base/scatter.h"

#include <sys/random.h>

uint64_t scatter_secret;

void scatter_begin(void) {
        /* Where the kernel gives none: where it put the stack and the program. */
        if (getrandom(&scatter_secret, sizeof(scatter_secret), GRND_NONBLOCK) != sizeof(scatter_secret))
                scatter_secret = (uintptr_t)&scatter_secret ^ (uintptr_t)__builtin_frame_address(0) << 20;
        scatter_secret |= 1;
}
