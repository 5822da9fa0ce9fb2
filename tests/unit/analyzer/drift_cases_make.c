/*
 * See drift_cases.h: the parts that drift_cases are made of.
 */
#include "drift_cases.h"

#define LEVEL_BYTES (1 << 20)

/* Steele, Lea and Flood's SplitMix64 (OOPSLA 2014). */
static uint64_t draw(uint64_t *state) {
        uint64_t z = *state += 0x9e3779b97f4a7c15;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
}

/* 0 to below - 1. */
static int64_t draw_below(uint64_t *state, int64_t below) {
        return below < 1 ? 0 : (int64_t)(draw(state) % (uint64_t)below);
}

/* The sum of twelve even numbers: as good as normal, with a standard deviation of `bytes`. */
static int64_t draw_normal(uint64_t *state, int64_t bytes) {
        int64_t sum = -12 * 32768;

        for (int i = 0; i < 12; i++)
                sum += draw_below(state, 65536);
        return bytes * sum / 65536;
}

static int64_t draw_noise(const struct drift_case *made, uint64_t *state, int64_t before) {
        switch (made->noise) {
        case NOISE_EVEN:
                return draw_normal(state, made->noise_bytes);
        case NOISE_HEAVY:
                return (draw_below(state, 2) ? 1 : -1) * made->noise_bytes * 100 /
                       (1 + draw_below(state, 200));
        case NOISE_ABOVE:
                return draw_below(state, 4) ? made->noise_bytes * 100 / (1 + draw_below(state, 200)) : 0;
        case NOISE_WANDERS:
                return before * made->wanders_permille / 1000 + draw_normal(state, made->noise_bytes);
        case NOISE_NONE:
                break;
        }
        return 0;
}

static int64_t drip(const struct drift_case *made, int64_t i) {
        int64_t first = (int64_t)made->repetitions * made->drip_begins_percent / 100;
        int64_t every = made->drip_every ? made->drip_every : 1, age = i < first ? 0 : i - first;

        return made->drip_bytes * (age / every) * (made->drip_speeds_up ? age : 1);
}

static void add_teeth(const struct drift_case *made, uint64_t *state, int64_t *values) {
        int64_t count = (int64_t)made->repetitions, threads = made->tooth_threads;

        if (threads == 0)
                threads = 1;
        for (int64_t t = 0; t < threads; t++) {
                int64_t shortest = 10 * made->tooth_length + made->tooth_tenths;
                int64_t tenths = shortest, at = draw_below(state, tenths);

                for (int64_t i = 0; i < count; i++) {
                        values[i] += made->tooth_bytes * (at / 10) / made->tooth_length;
                        at += 10;
                        if (at >= tenths) {
                                at -= tenths;
                                tenths = shortest + 10 * draw_below(state, made->tooth_random + 1);
                        }
                }
        }
}

static void add_fill(const struct drift_case *made, int64_t *values) {
        int64_t count = (int64_t)made->repetitions;
        int64_t full = made->fill_percent * count / 100, left = made->near_bytes * 1024;

        for (int64_t i = 0; i < count; i++) {
                if (made->fill_bytes)
                        values[i] += i < full ? made->fill_bytes * i / full : made->fill_bytes;
                values[i] += made->near_bytes - left / 1024;
                /* three times a time constant leaves 5 % */
                if (made->near_bytes)
                        left -= 300 * left / (made->near_percent * count);
        }
}

static void add_step(const struct drift_case *made, int64_t first, int64_t *values) {
        for (int64_t i = first; i < (int64_t)made->repetitions; i++)
                values[i] += made->step_bytes;
}

static void add_steps(const struct drift_case *made, uint64_t *state, int64_t *values) {
        int64_t count = (int64_t)made->repetitions, early = made->parts_early;
        int64_t late = early + made->parts_late, parts = late + made->parts;

        for (size_t s = 0; s < 3; s++)
                if (made->step_percents[s])
                        add_step(made, made->step_percents[s] * count / 100, values);
        for (int64_t p = 0; p < parts; p++) {
                int64_t at = draw_below(state, 1000);

                /* chances multiplied are mostly small */
                if (p < late)
                        at = at * draw_below(state, 1000) / 1000;
                if (p < early)
                        at = at * draw_below(state, 1000) / 1000;
                add_step(made, at * count / 1000, values);
        }
}

static void add_walk(const struct drift_case *made, uint64_t *state, int64_t *values) {
        int64_t width = made->walk_width, at = width / 2;

        for (size_t i = 0; i < made->repetitions; i++) {
                at += draw_normal(state, made->walk_bytes);
                if (width && at < 0)
                        at = -at;
                if (width && at > width)
                        at = 2 * width - at;
                values[i] += at;
        }
}

static void add_vectors(const struct drift_case *made, uint64_t *state, int64_t *values) {
        for (int64_t v = 0; v < made->vectors; v++) {
                int64_t used = 0, capacity = 16 + draw_below(state, 16), pace = made->vector_items;

                if (made->vectors > 1)
                        pace = 1 + draw_below(state, 2 * pace);
                for (size_t i = 0; i < made->repetitions; i++) {
                        for (used += pace; used > capacity;)
                                capacity += capacity * made->vector_growth_permille / 1000;
                        values[i] += 8 * capacity;
                }
        }
}

void drift_case_make(const struct drift_case *made, uint64_t seed, uint64_t *values) {
        uint64_t state = seed;
        int64_t *sums = (int64_t *)values, noise = 0, count = (int64_t)made->repetitions;

        for (int64_t i = 0; i < 200 && made->noise == NOISE_WANDERS; i++)
                noise = draw_noise(made, &state, noise); /* until where it began is forgotten */
        for (int64_t i = 0; i < count; i++) {
                noise = draw_noise(made, &state, noise);
                sums[i] = LEVEL_BYTES + noise + drip(made, i);
                if (draw_below(&state, 100) < made->burst_percent)
                        sums[i] += made->burst_bytes;
        }
        if (made->tooth_length)
                add_teeth(made, &state, sums);
        add_fill(made, sums);
        add_steps(made, &state, sums);
        if (made->walk_bytes)
                add_walk(made, &state, sums);
        add_vectors(made, &state, sums);
        sums[draw_below(&state, count)] += made->spike_bytes;
        for (int64_t i = 0; i < count; i++)
                if (sums[i] < 0 || (made->release_percent && i >= made->release_percent * count / 100))
                        sums[i] = 0;
}
