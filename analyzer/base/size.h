/*
 * Sizes and percentages as they are written in options and files: "64K", "1.5MiB", "2%".
 *
 * Must not: report anything, or depend on the locale.
 */
#ifndef ANALYZER_BASE_SIZE_H
#define ANALYZER_BASE_SIZE_H

#include <stdint.h>

enum size_outcome {
        SIZE_TAKEN,
        SIZE_BARE,      /* taken as bytes, though no unit says so; a 0 needs none */
        SIZE_AMBIGUOUS, /* KB, MB, GB or TB: taken by 1024, though some mean 1000 */
        /* and what is not taken */
        SIZE_NO_NUMBER,
        SIZE_NO_UNIT, /* what stands behind the number is none */
        SIZE_TOO_LARGE
};

/*
 * A decimal number and B, K, KiB, KB and so on to T, by 1024, rounded up to a whole byte. Less than 2^63.
 * Sets *size_bytes where it is taken.
 */
enum size_outcome size_parse(const char *text, uint64_t *size_bytes);

/* What stands behind the digits: "KiB" of "1.5KiB". */
const char *size_unit(const char *text);

/*
 * "12.5%" as 0.125, the nearest there is to the fraction that the digits are. 0, or -EINVAL where it is no
 * number, has another unit, or is more than so many percent.
 */
int size_share(const char *text, unsigned most_percent, double *share);

#endif
