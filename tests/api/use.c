/*
 * A program that calls everything of memtrace.h, compiled by matrix.py as C and as C++. It prints whether it
 * is traced. Must not need more of the standard library than printf.
 */
#include <stdio.h>

#include <memtrace/memtrace.h>

int main(void) {
        printf("tracing %d\n", memtrace_is_tracing());
        return 0;
}
