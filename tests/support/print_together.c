/*
 * print_together TRACE...: what their processes held together at most, as three numbers: no less than, no
 * more than, and the millisecond since 1970.
 */
#include "judge/together.h"

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv) {
        struct together together = { 0 };
        struct together_peak peak;
        int error = 0;

        for (int i = 1; error == 0 && i < argc; i++) {
                struct trace *trace;

                error = trace_open(argv[i], &trace);
                if (error != 0)
                        break;
                error = together_add(&together, trace);
                trace_free(trace);
        }
        if (error == 0)
                error = argc > 1 ? together_find(&together, &peak) : -1;
        if (error == 0)
                printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", peak.low_bytes, peak.high_bytes,
                       peak.unix_units);
        together_deinit(&together);
        return error != 0;
}
