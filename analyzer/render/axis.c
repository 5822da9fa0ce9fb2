/*
 * See axis.h. Plain functions.
 */
#include "render/axis.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

struct unit {
        const char *name;
        double value, from; /* for what is this large or larger */
};

static const struct unit byte_units[] = { { "B", 1, 0 },
                                          { "KiB", 0x1p10, 0x1p10 },
                                          { "MiB", 0x1p20, 0x1p20 },
                                          { "GiB", 0x1p30, 0x1p30 },
                                          { "TiB", 0x1p40, 0x1p40 },
                                          { "PiB", 0x1p50, 0x1p50 } };

#define SECOND 1e9
static const struct unit time_units[] = { { "ms", 1e6, 0 },
                                          { "s", SECOND, 1.5 * SECOND },
                                          { "min", 60 * SECOND, 300 * SECOND },
                                          { "h", 3600 * SECOND, 3 * 3600 * SECOND },
                                          { "d", 86400 * SECOND, 4 * 86400 * SECOND } };

static const struct unit *choose(const struct unit *units, size_t count, double value) {
        while (count > 1 && value < units[count - 1].from)
                count--;
        return &units[count - 1];
}

#define CHOOSE(units, value) choose(units, sizeof(units) / sizeof(*(units)), value)

/* The least of 1, 2, 5, 10, ... that is not less. */
static double round_up(double value) {
        double power = pow(10, floor(log10(value)));

        for (int i = 0; i < 3; i++) {
                static const double factors[] = { 1, 2, 5 };

                if (value <= factors[i] * power * (1 + 1e-9))
                        return factors[i] * power;
        }
        return 10 * power;
}

struct axis axis_bytes(double most_bytes, unsigned ticks) {
        const struct unit *unit = CHOOSE(byte_units, most_bytes);
        double step = most_bytes > 0 ? round_up(most_bytes / unit->value / ticks) * unit->value : 1;

        if (step < 1)
                step = 1;
        return (struct axis){ .step = step,
                              .unit = unit->value,
                              .name = unit->name,
                              .count = most_bytes > 0 ? (unsigned)ceil(most_bytes / step - 1e-9) + 1 : 2 };
}

struct axis axis_bytes_log(double least_bytes, double most_bytes, unsigned ticks) {
        double low = floor(log2(least_bytes)), high = ceil(log2(most_bytes)), step;

        if (high <= low)
                high = low + 1;
        step = ceil((high - low) / ticks);
        return (struct axis){ .first = exp2(low),
                              .unit = 1,
                              .name = "",
                              .doubling = exp2(step),
                              .count = (unsigned)ceil((high - low) / step) + 1 };
}

/* Minutes and hours are no decimal numbers. */
static double round_time(double step, const struct unit *unit) {
        static const double sixtieths[] = { 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720 };

        if (unit->value < 60 * SECOND || unit->value > 3600 * SECOND)
                return round_up(step / unit->value) * unit->value;
        for (size_t i = 0; i < sizeof(sixtieths) / sizeof(*sixtieths); i++)
                if (step <= sixtieths[i] * unit->value / 60 * (1 + 1e-9) && sixtieths[i] >= 30)
                        return sixtieths[i] * unit->value / 60;
        return round_up(step / unit->value) * unit->value;
}

struct axis axis_time(double from_ns, double to_ns, unsigned ticks) {
        const struct unit *unit = CHOOSE(time_units, to_ns - from_ns);
        double step = round_time((to_ns - from_ns) / ticks, unit);

        if (step < time_units[0].value)
                step = time_units[0].value;
        return (struct axis){ .first = ceil(from_ns / step - 1e-9) * step,
                              .step = step,
                              .unit = unit->value,
                              .name = unit->name,
                              .count = (unsigned)(floor(to_ns / step + 1e-9) - ceil(from_ns / step - 1e-9)) +
                                       1 };
}

double axis_tick(const struct axis *axis, unsigned number) {
        return axis->doubling > 0 ? axis->first * pow(axis->doubling, number)
                                  : axis->first + axis->step * number;
}

struct axis_label axis_label(const struct axis *axis, unsigned number) {
        double tick = axis_tick(axis, number), step = axis->step / axis->unit;
        struct axis_label label;
        int digits = 0;

        if (axis->doubling > 0) {
                const struct unit *unit = CHOOSE(byte_units, tick);

                snprintf(label.text, sizeof(label.text), "%.0f %s", tick / unit->value, unit->name);
                return label;
        }
        while (digits < 6 && fabs(step - round(step * pow(10, digits)) / pow(10, digits)) > 1e-9 * step)
                digits++;
        snprintf(label.text, sizeof(label.text), "%.*f", digits, tick / axis->unit);
        return label;
}
