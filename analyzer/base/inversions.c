/*
 * See inversions.h. All is cut off after `most`: what lies beyond is never asked for.
 */
#include "base/inversions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int inversions_init(struct inversions *inversions, size_t most) {
        inversions->most = most;
        inversions->chances = calloc(most + 1, sizeof(*inversions->chances));
        if (!inversions->chances)
                return -ENOMEM;
        inversions->chances[0] = 1;
        return 0;
}

void inversions_deinit(struct inversions *inversions) {
        free(inversions->chances);
        inversions->chances = NULL;
}

/* One value that is greater than `below` others stands before 0 to `below` of them, each as likely. */
static void add_one(struct inversions *inversions, double *old, size_t below) {
        memcpy(old, inversions->chances, (inversions->most + 1) * sizeof(*old));
        for (size_t i = 0; i <= inversions->most; i++) {
                size_t first = i < below ? 0 : i - below;
                double window = 0;

                /* summed anew: a running sum would subtract, and lose the digits of what is small */
                for (size_t j = first; j <= i; j++)
                        window += old[j];
                inversions->chances[i] = window / (double)(below + 1);
        }
}

/*
 * Pairs in which one of `equal` values stands before one of `below` smaller ones. The last of them all is one
 * of the equal, which adds none, or a smaller one, which has all the equal before it.
 */
static void between(double *rows, size_t most, size_t below, size_t equal) {
        size_t width = most + 1;

        memset(rows, 0, (equal + 1) * width * sizeof(*rows));
        for (size_t e = 0; e <= equal; e++)
                rows[e * width] = 1;
        for (size_t b = 1; b <= below; b++)
                for (size_t e = 1; e <= equal; e++) {
                        double *row = rows + e * width, *fewer = row - width;
                        double is_equal = (double)e / (double)(b + e), is_below = (double)b / (double)(b + e);

                        for (size_t i = most + 1; i-- > 0;)
                                row[i] = is_equal * fewer[i] + (i < e ? 0 : is_below * row[i - e]);
                }
}

static void multiply(struct inversions *inversions, double *old, const double *factor) {
        memcpy(old, inversions->chances, (inversions->most + 1) * sizeof(*old));
        for (size_t i = 0; i <= inversions->most; i++) {
                double sum = 0;

                for (size_t j = 0; j <= i; j++)
                        sum += old[j] * factor[i - j];
                inversions->chances[i] = sum;
        }
}

int inversions_add(struct inversions *inversions, const size_t *groups, size_t group_count) {
        size_t width = inversions->most + 1, largest = 1, below = 0;
        double *old, *rows;

        for (size_t i = 0; i < group_count; i++)
                if (groups[i] > largest)
                        largest = groups[i];
        old = calloc(width, sizeof(*old));
        rows = calloc((largest + 1) * width, sizeof(*rows));
        if (!old || !rows) {
                free(old);
                free(rows);
                return -ENOMEM;
        }
        for (size_t i = 0; i < group_count; i++) {
                if (groups[i] == 1) {
                        add_one(inversions, old, below);
                } else {
                        between(rows, inversions->most, below, groups[i]);
                        multiply(inversions, old, rows + groups[i] * width);
                }
                below += groups[i];
        }
        free(old);
        free(rows);
        return 0;
}

double inversions_sum(const struct inversions *inversions) {
        double sum = 0;

        for (size_t i = 0; i <= inversions->most; i++)
                sum += inversions->chances[i];
        return sum > 1 ? 1 : sum;
}
