/*
 * The table of lives, and its rows in order: see lives.h. Runs in the collector's one thread.
 */
#include "collector/lives.h"

#include <memtrace/format.h>

#define ROWS_FIRST 2048u
#define SORT_DIGIT_BITS 8u
#define SORT_PASSES 6u /* even: the last one ends where the first began */

_Static_assert(28 + LIVES_KIND_BITS < SORT_DIGIT_BITS * SORT_PASSES, "keys are sorted whole");
_Static_assert(LIVES_BEYOND_SHIFT + 32 == 64, "an age leaves 29 bits open, so that no sum runs over");
_Static_assert(MTR_DISTANCE_UNKNOWN < (1u << LIVES_DISTANCE_BITS) - 1 &&
                       MTR_AGE_CLASS_MAX < 1u << LIVES_AGE_BITS && SITE_CELL_EMPTY == LIVES_KIND_MASK,
               "a kind is one of all, and none is that of an empty cell");

static size_t slots_of(const struct lives *lives) {
        return (size_t)1 << (64 - lives->shift);
}

static bool table_of(struct lives *lives, size_t slots) {
        lives->rows = memory_map_large(slots * sizeof(*lives->rows));
        lives->shift = 64u - (unsigned)__builtin_ctzll(slots);
        return lives->rows != NULL;
}

bool lives_init(struct lives *lives) {
        return table_of(lives, ROWS_FIRST);
}

void lives_deinit(struct lives *lives) {
        if (lives->rows)
                memory_unmap(lives->rows, slots_of(lives) * sizeof(*lives->rows));
        lives->rows = NULL;
}

/* The row of a key, or the empty slot for it. */
static struct lives_row *row_of(struct lives *lives, uint64_t key) {
        size_t mask = slots_of(lives) - 1;
        size_t index = key * UINT64_C(0x9e3779b97f4a7c15) >> lives->shift;

        while (lives->rows[index].key != key && lives->rows[index].key != 0)
                index = (index + 1) & mask;
        return &lives->rows[index];
}

static bool grow(struct lives *lives) {
        struct lives old = { .rows = lives->rows, .shift = lives->shift };

        if (!table_of(lives, slots_of(&old) * 2)) {
                lives->rows = old.rows;
                lives->shift = old.shift;
                return false;
        }
        for (size_t i = 0; i < slots_of(&old); i++) {
                if (old.rows[i].key != 0)
                        *row_of(lives, old.rows[i].key) = old.rows[i];
        }
        lives_deinit(&old);
        return true;
}

bool lives_reserve(struct lives *lives, uint32_t frees) {
        /* One slot is always empty, and the cells come to the table too. */
        while ((size_t)lives_rows(lives) + frees >= slots_of(lives)) {
                if (!grow(lives))
                        return false;
        }
        return true;
}

static uint64_t frees_of(uint64_t cell) {
        return (cell >> LIVES_KIND_BITS) & ((UINT64_C(1) << LIVES_FREES_BITS) - 1);
}

static void add_cell(struct lives *lives, uint32_t site, uint64_t cell) {
        uint64_t key = ((uint64_t)site << LIVES_KIND_BITS | (cell & LIVES_KIND_MASK)) + 1;
        struct lives_row *row = row_of(lives, key);

        if (row->key == 0) {
                /* At most half full where there is memory; and never full, so that row_of ends. */
                if (((size_t)lives->row_count + 1) * 2 > slots_of(lives) && !grow(lives) &&
                    (size_t)lives->row_count + 1 >= slots_of(lives))
                        return;
                row = row_of(lives, key);
                lives->row_count++;
                row->key = key;
        }
        row->frees += frees_of(cell);
        row->beyond_ms += cell >> LIVES_BEYOND_SHIFT;
}

void lives_add_further(struct lives *lives, struct sites *sites, uint32_t site, uint64_t cell) {
        uint64_t *lived = sites_at(sites, site)->lived;
        unsigned at = ((lived[0] ^ cell) & LIVES_KIND_MASK) != 0;

        if (((lived[at] ^ cell) & LIVES_KIND_MASK) != 0) {
                /* A new kind takes the place of the older one. */
                uint64_t older = lived[1];

                lived[1] = lived[0];
                lived[0] = older;
                at = 0;
        }
        if (lived[at] == SITE_CELL_EMPTY)
                lives->cell_count++;
        else
                add_cell(lives, site, lived[at]);
        lived[at] = cell;
}

/* What is in the sites' cells goes to the table. */
static void gather(struct lives *lives, struct sites *sites) {
        for (uint32_t i = 0; i < sites->count && lives->cell_count != 0; i++) {
                uint64_t *lived = sites_at(sites, i)->lived;

                for (unsigned cell = 0; cell < SITE_CELLS; cell++) {
                        if (lived[cell] == SITE_CELL_EMPTY)
                                continue;
                        add_cell(lives, i, lived[cell]);
                        lived[cell] = SITE_CELL_EMPTY;
                        lives->cell_count--;
                }
        }
}

/* By key, ascending, one digit after the other; `spare` has as much room. */
static void sort(struct lives_row *rows, struct lives_row *spare, uint32_t count) {
        for (unsigned pass = 0; pass < SORT_PASSES; pass++) {
                struct lives_row *from = pass % 2 ? spare : rows, *to = pass % 2 ? rows : spare;
                uint32_t place[(1u << SORT_DIGIT_BITS) + 1] = { 0 };
                unsigned shift = pass * SORT_DIGIT_BITS;

                for (uint32_t i = 0; i < count; i++)
                        place[((from[i].key >> shift) & ((1u << SORT_DIGIT_BITS) - 1)) + 1]++;
                for (uint32_t digit = 1; digit <= 1u << SORT_DIGIT_BITS; digit++)
                        place[digit] += place[digit - 1];
                for (uint32_t i = 0; i < count; i++)
                        to[place[(from[i].key >> shift) & ((1u << SORT_DIGIT_BITS) - 1)]++] = from[i];
        }
}

static void encode(struct buffer *payload, const struct lives_row *rows, uint32_t count) {
        uint64_t site = 0, previous = 0;

        buffer_varint(payload, count);
        for (uint32_t i = 0; i < count; i++, previous = site) {
                site = (rows[i].key - 1) >> LIVES_KIND_BITS;
                buffer_varint(payload, site - previous);
        }
        for (uint32_t i = 0; i < count; i++)
                buffer_varint(payload,
                              (rows[i].key - 1) >> LIVES_AGE_BITS & ((1u << LIVES_DISTANCE_BITS) - 1));
        for (uint32_t i = 0; i < count; i++)
                buffer_varint(payload, (rows[i].key - 1) & ((1u << LIVES_AGE_BITS) - 1));
        for (uint32_t i = 0; i < count; i++)
                buffer_varint(payload, rows[i].frees);
        for (uint32_t i = 0; i < count; i++)
                buffer_varint(payload, rows[i].beyond_ms);
}

size_t lives_bytes_max(const struct lives *lives) {
        return VARINT_MAX_BYTES + (size_t)lives_rows(lives) * (5 + 1 + 2 + 2 * VARINT_MAX_BYTES);
}

bool lives_define(struct lives *lives, struct sites *sites, struct buffer *payload) {
        size_t bytes = 2 * lives_rows(lives) * sizeof(struct lives_row);
        struct lives_row *rows;
        uint32_t count = 0;

        if (!buffer_reserve(payload, lives_bytes_max(lives)))
                return false;
        rows = memory_map(bytes);
        if (!rows)
                return false;
        gather(lives, sites);
        for (size_t i = 0; i < slots_of(lives); i++) {
                if (lives->rows[i].key != 0)
                        rows[count++] = lives->rows[i];
        }
        sort(rows, rows + count, count);
        encode(payload, rows, count);
        memory_unmap(rows, bytes);
        lives->told = true;
        return true;
}

void lives_block_begin(struct lives *lives) {
        if (lives->told)
                memset(lives->rows, 0, slots_of(lives) * sizeof(*lives->rows));
        lives->row_count = lives->told ? 0 : lives->row_count;
        lives->told = false;
}
