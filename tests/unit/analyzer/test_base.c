/*
 * base/: varints, tables of keys and texts, sizes against the tracemalloc of this machine, escaping, options.
 */
#include "base/array.h"
#include "base/cursor.h"
#include "base/intern.h"
#include "base/map.h"
#include "base/memo.h"
#include "base/options.h"
#include "base/text.h"

#include <memtrace/crc32c.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED false
#endif

Test(base, crc32c_has_the_check_value) {
        cr_assert_eq(mtr_crc32c("123456789", 9), 0xe3069283u);
        cr_assert_eq(mtr_crc32c("", 0), 0u);
}

static bool read_varint(const char *bytes, size_t length, uint64_t *value, size_t *left) {
        struct cursor cursor = cursor_over(bytes, length);
        bool read = cursor_varint(&cursor, value);

        *left = cursor_left(&cursor);
        return read;
}

Test(base, varints) {
        uint64_t value = 0;
        size_t left;

        cr_assert(read_varint("\x00", 1, &value, &left) && value == 0 && left == 0);
        cr_assert(read_varint("\x7f", 1, &value, &left) && value == 127);
        cr_assert(read_varint("\x80\x01\x05", 3, &value, &left) && value == 128 && left == 1);
        cr_assert(read_varint("\xac\x02", 2, &value, &left) && value == 300);
        cr_assert(read_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, &value, &left) &&
                  value == UINT64_MAX);
        cr_assert(read_varint("\x80\x00", 2, &value, &left) && value == 0, "padding is accepted");
}

Test(base, varints_that_are_none) {
        uint64_t value;
        size_t left;

        cr_assert_not(read_varint("", 0, &value, &left));
        cr_assert_not(read_varint("\x80", 1, &value, &left));
        cr_assert_eq(left, 1, "a failed read leaves the cursor");
        cr_assert_not(read_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, &value, &left), "65 bits");
        cr_assert_not(read_varint("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, &value, &left),
                      "11 bytes");
}

Test(base, zigzag) {
        static const struct {
                const char *bytes;
                int64_t value;
        } cases[] = { { "\x00", 0 },  { "\x01", -1 },  { "\x02", 1 },
                      { "\x03", -2 }, { "\x7f", -64 }, { "\x7e", 63 } };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct cursor cursor = cursor_over(cases[i].bytes, 1);
                uint64_t value;

                cr_assert(cursor_svarint(&cursor, &value));
                cr_assert_eq((int64_t)value, cases[i].value);
        }
        {
                struct cursor cursor = cursor_over("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
                uint64_t value;

                cr_assert(cursor_svarint(&cursor, &value));
                cr_assert_eq((int64_t)value, INT64_MIN);
        }
}

Test(base, a_varint_beyond_its_limit_is_not_taken) {
        struct cursor cursor = cursor_over("\x05", 1);
        uint64_t value;

        cr_assert_not(cursor_varint_max(&cursor, 4, &value));
        cr_assert_eq(cursor_left(&cursor), 1);
        cr_assert(cursor_varint_max(&cursor, 5, &value));
}

Test(base, bytes_stay_inside) {
        struct cursor cursor = cursor_over("abc", 3);

        cr_assert_null(cursor_bytes(&cursor, 4));
        cr_assert_null(cursor_bytes(&cursor, UINT64_MAX));
        cr_assert_not_null(cursor_bytes(&cursor, 3));
        cr_assert_eq(cursor_left(&cursor), 0);
}

Test(base, an_array_too_large_for_memory_is_refused) {
        int *items = NULL;
        size_t capacity = 0;

        cr_assert_eq(array_reserve(&items, &capacity, SIZE_MAX / 2, sizeof(*items)), -ENOMEM);
        cr_assert_null(items);
        cr_assert_eq(capacity, 0);
        cr_assert_eq(array_reserve(&items, &capacity, 3, sizeof(*items)), 0);
        cr_assert_geq(capacity, 3);
        free(items);
}

Test(base, a_memo_has_all_of_it) {
        size_t length = 1, lines = 20000;
        char *text = NULL;
        FILE *stream = memo_stream(&text, &length);

        cr_assert_eq(ftell(stream), 0);
        for (size_t i = 0; i < lines; i++)
                fprintf(stream, "%07zu\n", i);
        fputc('\0', stream);
        cr_assert_eq((size_t)ftell(stream), 8 * lines + 1);
        cr_assert_eq(fclose(stream), 0);
        cr_assert_eq(length, 8 * lines + 1);
        cr_assert_eq(memcmp(text, "0000000\n0000001\n", 16), 0);
        cr_assert_str_eq(text + 8 * (lines - 1), "0019999\n");
        free(text);
        stream = memo_stream(&text, &length);
        cr_assert_eq(fclose(stream), 0);
        cr_assert_eq(length, 0);
        cr_assert_str_eq(text, "");
        free(text);
}

static void limit_memory(rlim_t bytes) {
        cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){ bytes, RLIM_INFINITY }), 0);
}

/* A sanitizer has reserved more than any limit already. */
Test(base, a_memo_without_memory_says_so, .disabled = SANITIZED) {
        static const char piece[1 << 16];
        size_t length = 1;
        char *text = NULL;
        FILE *stream = memo_stream(&text, &length);

        limit_memory(1 << 20); /* less than there is already: nothing is given any more */
        for (unsigned i = 0; i < 1024; i++)
                fwrite(piece, 1, sizeof(piece), stream);
        cr_assert_neq(fclose(stream), 0);
        limit_memory(RLIM_INFINITY);
        cr_assert_lt(length, 1024 * sizeof(piece));
        free(text);
}

Test(base, sizes_at_the_edges) {
        static const struct {
                double size_bytes;
                const char *text;
        } cases[] = {
                { 0, "0 B" },
                { 99, "99 B" },
                { 10239, "10239 B" },
                { 10240, "10.0 KiB" },
                { 102348, "99.9 KiB" },
                { 102400, "100 KiB" },
                { 1048576, "1024 KiB" },
                { 10485759, "10240 KiB" },
                { 10485760, "10.0 MiB" },
                { 10737418240.0, "10.0 GiB" },
                { 10995116277760.0, "10.0 TiB" },
                { 1e18, "909495 TiB" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                cr_assert_str_eq(text_size(cases[i].size_bytes, false).text, cases[i].text);
        cr_assert_str_eq(text_size(5, true).text, "+5 B");
        cr_assert_str_eq(text_size(-20480, true).text, "-20.0 KiB");
        cr_assert_str_eq(text_size(0, true).text, "+0 B");
}

/* As JSON and CSV have it: what is shown of a moment is never beyond it. */
Test(text, seconds_are_whole_milliseconds) {
        cr_assert_str_eq(text_seconds(0).text, "0.000 s");
        cr_assert_str_eq(text_seconds(2999999).text, "0.002 s");
        cr_assert_str_eq(text_seconds(61234000000).text, "61.234 s");
}

/* Every size on both sides of every power of two and of every rule's border, and random ones. */
Test(base, sizes_are_tracemallocs_digit_for_digit) {
        FILE *python =
                popen("/usr/bin/python3 -c '"
                      "import random, tracemalloc\n"
                      "random.seed(1)\n"
                      "sizes = [0]\n"
                      "for bit in range(62):\n"
                      "    for times in (1, 10, 100):\n"
                      "        sizes += [(times << bit) + d for d in (-1, 0, 1) if times << bit < 1 << 62]\n"
                      "sizes += [random.randrange(1 << random.randrange(1, 62)) for _ in range(20000)]\n"
                      "for size in sizes:\n"
                      "    for sign in (False, True):\n"
                      "        value = -size if sign and size % 2 else size\n"
                      "        print(value, int(sign), tracemalloc._format_size(value, sign), sep=\"\\t\")\n"
                      "    print(repr(size / 7), 0, tracemalloc._format_size(size / 7, False), sep=\"\\t\")\n"
                      "'",
                      "r");
        char line[200];
        size_t compared = 0;

        cr_assert_not_null(python);
        while (fgets(line, sizeof(line), python)) {
                char *sign = strchr(line, '\t'), *expected = sign ? strchr(sign + 1, '\t') : NULL;

                cr_assert_not_null(expected);
                line[strcspn(line, "\n")] = '\0';
                /* Python divides whole numbers exactly; so does the conversion to double below 2^53 */
                cr_assert_str_eq(text_size(strtod(line, NULL), sign[1] == '1').text, expected + 1, "%s",
                                 line);
                compared++;
        }
        cr_assert_eq(pclose(python), 0);
        cr_assert_gt(compared, 60000);
}

static void escapes_to(const char *text, const char *expected) {
        char *escaped = text_escape(text, strlen(text));

        cr_assert_str_eq(escaped, expected);
        free(escaped);
}

Test(base, nothing_a_terminal_obeys_gets_through) {
        escapes_to("plain \"text\" </script>", "plain \"text\" </script>");
        escapes_to("\33[31m\n\r\t\b\x7f", "\\x1b[31m\\x0a\\x0d\\x09\\x08\\x7f");
        escapes_to("h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x98\x80",
                   "h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x98\x80");
        escapes_to("\xc2\x9b", "\\xc2\\x9b"); /* C1: the one-character CSI */
        escapes_to("\xff\xfe", "\\xff\\xfe");
        escapes_to("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
        escapes_to("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
        escapes_to("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
        escapes_to("cut \xe2\x82", "cut \\xe2\\x82");
}

Test(base, interned_texts_keep_their_numbers) {
        struct intern intern = { 0 };
        char text[20];
        uint32_t number;

        for (uint32_t i = 0; i < 5000; i++) {
                snprintf(text, sizeof(text), "text %u", i);
                cr_assert_eq(intern_text(&intern, text, &number), 0);
                cr_assert_eq(number, i);
        }
        for (uint32_t i = 0; i < 5000; i++) {
                snprintf(text, sizeof(text), "text %u", i);
                cr_assert_eq(intern_text(&intern, text, &number), 0);
                cr_assert_eq(number, i);
                cr_assert_str_eq(intern_get(&intern, number), text);
        }
        cr_assert_eq(intern.count, 5000);
        intern_deinit(&intern);
}

Test(base, numbers_of_options) {
        unsigned long long value = 5;

        cr_assert_eq(options_number("10", 1, 10, &value), 0);
        cr_assert_eq(value, 10);
        cr_assert_neq(options_number("11", 1, 10, &value), 0);
        cr_assert_neq(options_number("0", 1, 10, &value), 0);
        cr_assert_neq(options_number("-1", 0, 10, &value), 0);
        cr_assert_neq(options_number(" 1", 0, 10, &value), 0);
        cr_assert_neq(options_number("1x", 0, 10, &value), 0);
        cr_assert_neq(options_number("", 0, 10, &value), 0);
        cr_assert_neq(options_number("99999999999999999999", 0, ~0ull, &value), 0);
        cr_assert_eq(value, 10, "what is refused changes nothing");
}

/* Keys that share their low or high half, through many growths: each keeps what it was first given. */
Test(text, durations_have_three_digits) {
        static const struct {
                double time_ms;
                const char *text;
        } known[] = { { 0, "0 ms" },         { 7, "7 ms" },          { 999, "999 ms" },
                      { 0.5, "0.50 ms" },    { 12.34, "12.3 ms" },   { 123.4, "123 ms" },
                      { 1000, "1.00 s" },    { 59990, "60.0 s" },    { 60000, "1.00 min" },
                      { 3600000, "1.00 h" }, { 86400000, "1.00 d" }, { 8.64e10, "1000 d" } };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
                cr_assert_str_eq(text_duration(known[i].time_ms).text, known[i].text);
}

Test(map, each_key_keeps_its_value) {
        struct map map = { 0 };

        for (uint32_t round = 0; round < 2; round++)
                for (uint32_t i = 0; i < 5000; i++) {
                        uint64_t key = i % 2 ? (uint64_t)i << 32 : i;
                        uint32_t *value = map_value(&map, key, i + round);

                        cr_assert_not_null(value);
                        cr_assert_eq(*value, i + (i % 3 == 0 ? round : 0));
                        if (i % 3 == 0)
                                *value = i + 1;
                }
        cr_assert_eq(map.count, 5000);
        map_deinit(&map);
}

/* The longest row of used slots: what a search may have to pass. */
#define LONGEST_ROW(slots, slot_count, is_used)                                                              \
        ({                                                                                                   \
                size_t longest = 0, length = 0;                                                              \
                                                                                                             \
                for (size_t at = 0; at < (slot_count); at++) {                                               \
                        length = (slots)[at] is_used ? length + 1 : 0;                                       \
                        longest = length > longest ? length : longest;                                       \
                }                                                                                            \
                longest;                                                                                     \
        })

/* By what a table would do without a secret: keys whose product with its factor has equal halves; and keys of
 * high bits alone. */
Test(map, keys_chosen_to_meet_do_not) {
        const uint64_t factor = 0x9e3779b97f4a7c15u;
        uint64_t inverse = factor;

        for (int i = 0; i < 6; i++)
                inverse *= 2 - factor * inverse;
        cr_assert_eq(factor * inverse, 1);
        for (int way = 0; way < 2; way++) {
                struct map map = { 0 };

                for (uint64_t i = 0; i < 20000; i++)
                        cr_assert_not_null(map_value(&map, way ? i << 48 : (i << 32 | i) * inverse, 0));
                cr_assert_lt(LONGEST_ROW(map.slots, map.slot_count, .used), 1000);
                map_deinit(&map);
        }
}

Test(intern, texts_chosen_to_meet_do_not) {
        struct intern intern = { 0 };
        char text[20];
        uint32_t number;

        for (unsigned i = 0; intern.count < 500; i++) {
                (void)snprintf(text, sizeof(text), "%u", i);
                if ((intern_hash(text) & 0xfff) == 0)
                        cr_assert_eq(intern_text(&intern, text, &number), 0);
        }
        cr_assert_lt(LONGEST_ROW(intern.slots, intern.slot_count, != 0), 250);
        intern_deinit(&intern);
}
