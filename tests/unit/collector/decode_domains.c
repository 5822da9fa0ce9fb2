/* The program's own heaps, decoded from the format's description alone: see decode.h. */
#include "decode.h"

uint32_t decode_domain_of(const struct seen *seen, uint64_t site) {
        uint8_t kind = seen->sites[site].kind;

        cr_assert(kind < MTR_KIND_COUNT || kind >= MTR_KIND_DOMAIN, "kind %u", kind);
        return kind < MTR_KIND_DOMAIN ? 0 : kind - MTR_KIND_DOMAIN + 1;
}

void decode_domain_event(struct seen *seen, uint32_t domain, enum mtr_event event, uint64_t size) {
        struct seen_books *books = &seen->domains[domain - 1].books;

        if (event == MTR_ALLOC) {
                books->allocations++;
                if (__builtin_add_overflow(books->allocated_bytes, size, &books->allocated_bytes))
                        books->allocated_bytes = UINT64_MAX;
                books->live_blocks++;
                books->live_bytes += size;
                if (books->live_bytes > books->peak_bytes)
                        books->peak_bytes = books->live_bytes;
        } else {
                books->frees++;
                books->temporary += event == MTR_FREE_TEMPORARY;
                books->live_blocks--;
                books->live_bytes -= size;
        }
}

uint64_t decode_domains_blocks(const struct seen *seen) {
        uint64_t blocks = 0;

        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++)
                blocks += seen->domains[i].books.live_blocks;
        return blocks;
}

void decode_domains(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader);

        cr_assert_gt(count, 0);
        for (; count > 0; count--) {
                uint64_t domain = varint(reader);

                cr_assert(domain >= 1 && domain <= MTR_DOMAIN_MAX, "domain %lu", domain);
                decode_name(reader, seen->domains[domain - 1].name);
                seen->domains[domain - 1].name_count++;
        }
        cr_assert_eq(reader->at, reader->end);
}

void decode_domain_ends(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader), previous = 0;

        cr_assert_gt(count, 0);
        for (; count > 0; count--) {
                uint64_t number = varint(reader);
                struct seen_domain *domain = &seen->domains[number - 1];

                cr_assert(number > previous && number <= MTR_DOMAIN_MAX, "domain %lu", number);
                previous = number;
                domain->end.allocations = varint(reader);
                domain->end.frees = varint(reader);
                domain->end.temporary = varint(reader);
                domain->end.allocated_bytes = varint(reader);
                domain->end.peak_bytes = varint(reader);
                domain->end.live_bytes = varint(reader);
                domain->end.live_blocks = varint(reader);
                domain->foreign_frees = varint(reader);
                domain->twice = varint(reader);
        }
        cr_assert_eq(reader->at, reader->end);
}

void decode_domains_named(const struct seen *seen) {
        for (uint32_t i = 0; i < seen->site_count; i++) {
                uint32_t domain = decode_domain_of(seen, i);

                if (domain != 0)
                        cr_assert_neq(seen->domains[domain - 1].name[0], '\0', "domain %u", domain);
        }
}

void decode_domains_add_up(const struct seen *seen) {
        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++) {
                const struct seen_books *books = &seen->domains[i].books, *end = &seen->domains[i].end;

                cr_assert_eq(end->allocations, books->allocations, "domain %u", i + 1);
                cr_assert_eq(end->frees, books->frees);
                cr_assert_eq(end->temporary, books->temporary);
                cr_assert_eq(end->allocated_bytes, books->allocated_bytes);
                cr_assert_eq(end->peak_bytes, books->peak_bytes);
                cr_assert_eq(end->live_bytes, books->live_bytes);
                cr_assert_eq(end->live_blocks, books->live_blocks);
        }
}
