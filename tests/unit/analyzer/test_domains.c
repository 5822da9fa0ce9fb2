/*
 * reader/domains.c: names and ends of domains, and records of them that lie.
 */
#include "base/message.h"
#include "load.h"
#include "reader/domains.h"

#include <criterion/criterion.h>

TestSuite(domains, .init = message_silence);

static struct trace *load_record(uint32_t type, const void *body, size_t length, uint64_t *damages) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb->domain = 7;
        tb_alloc(tb, tb_site(tb, 0, 8, MTR_KIND_MALLOC));
        tb_record(tb, type, body, length);
        tb_block(tb);
        trace = load(tb);
        *damages = trace->reader->damage_count;
        tb_free(tb);
        return trace;
}

Test(domains, records_that_lie_cost_their_block) {
        static const struct {
                uint32_t type;
                bool fine;
                const char *bytes;
                size_t length;
        } records[] = {
                { MTR_DOMAINS, true, "\1\7\1p", 4 },
                { MTR_DOMAINS, true, "\2\7\1p\1\2xy", 8 },
                { MTR_DOMAINS, true, "\1\xf0\1\1p", 5 },  /* 240, the last */
                { MTR_DOMAINS, false, "\1\xf1\1\1p", 5 }, /* 241 */
                { MTR_DOMAINS, false, "\1\0\1p", 4 },     /* the heap */
                { MTR_DOMAINS, false, "\1\7\0", 3 },      /* without a name */
                { MTR_DOMAINS, false, "\1\7\2p\0", 5 },   /* with a NUL */
                { MTR_DOMAINS, false, "\1\7\3p", 4 },     /* cut */
                { MTR_DOMAINS, false, "\2\7\1p", 4 },     /* one too few */
                { MTR_DOMAINS, false, "\1\7\x80\2p", 5 }, /* a longer name than there may be */
                { MTR_DOMAINS, false, "", 0 },
                { MTR_DOMAIN_ENDS, true, "\0", 1 },
                { MTR_DOMAIN_ENDS, true, "\1\7\1\2\3\4\5\6\7\10\11", 11 },
                { MTR_DOMAIN_ENDS, false, "\1\7\1\2\3\4\5\6\7\10", 10 },
                { MTR_DOMAIN_ENDS, false, "\1\7\1\2\3\4\5\6\7\10\xff", 11 },
                { MTR_DOMAIN_ENDS, false, "\1\0\1\2\3\4\5\6\7\10\11", 11 },
                { MTR_DOMAIN_ENDS, false, "\2\7\0\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0", 21 },
                { MTR_DOMAIN_ENDS, false, "", 0 },
        };

        for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
                uint64_t damages;
                struct trace *trace =
                        load_record(records[i].type, records[i].bytes, records[i].length, &damages);

                cr_assert_eq(damages, !records[i].fine, "record %zu", i);
                if (!records[i].fine)
                        cr_assert_null(trace->domains, "record %zu", i);
                else
                        cr_assert_str_eq(
                                domains_get(trace, 7)->name,
                                records[i].type == MTR_DOMAINS && records[i].bytes[1] == 7 ? "p" : "domain 7",
                                "record %zu", i);
                trace_free(trace);
        }
}

Test(domains, the_last_ends_and_names_count) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_domain(tb, 1, "first");
        tb_domain(tb, 1, "second");
        tb_record(tb, MTR_DOMAIN_ENDS, "\2\1\1\1\1\1\1\1\1\1\1\3\1\1\1\1\1\1\1\1\1", 21);
        tb_block(tb);
        tb_record(tb, MTR_DOMAIN_ENDS, "\1\1\1\2\3\4\5\6\7\10\11", 11);
        tb_block(tb);
        trace = load_whole(tb);
        cr_assert_str_eq(domains_get(trace, 0)->name, "heap");
        cr_assert_str_eq(domains_get(trace, 1)->name, "second");
        cr_assert_str_eq(domains_get(trace, 3)->name, "domain 3");
        cr_assert_null(domains_get(trace, 2));
        cr_assert_null(domains_get(trace, DOMAINS_MOST));
        cr_assert_not(domains_get(trace, 3)->has_end);
        cr_assert_arr_eq(&domains_get(trace, 1)->end,
                         (&(struct trace_domain_end){ 1, 2, 3, 4, 5, 6, 7, 8, 9 }),
                         sizeof(struct trace_domain_end));
        trace_free(trace);
        tb_free(tb);
}

/* So that --domain heap is malloc's alone, and --by domain has one line for each. */
Test(domains, none_but_mallocs_heap_is_called_so) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_domain(tb, 1, "heap");
        tb_domain(tb, 2, "heaps");
        tb_block(tb);
        trace = load_whole(tb);
        cr_assert_str_eq(domains_get(trace, 0)->name, "heap");
        cr_assert_str_eq(domains_get(trace, 1)->name, "heap (reported)");
        cr_assert_str_eq(domains_get(trace, 2)->name, "heaps");
        trace_free(trace);
        tb_free(tb);
}

/* Kinds that nobody has defined are not domains. */
Test(domains, begin_with_kind_16) {
        for (unsigned kind = 0; kind < 256; kind++)
                cr_assert_eq(domains_of_kind((uint8_t)kind), kind < 16 ? 0 : kind - 15);
}
