/*
 * A look into DT_GNU_HASH tables: see symbol.h. The format is described at
 * https://flapenguin.me/elf-dt-gnu-hash and in binutils' elflink.c.
 */
#include "tracer/symbol.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#define VERSION_HIDDEN 0x8000u

struct tables {
        const Elf64_Sym *symbols;
        const char *strings;
        const uint32_t *hash;
        const uint16_t *versions;
};

/* The loader has made these pointers absolute, except in the vDSO. */
static bool tables_of(const struct link_map *map, struct tables *tables) {
        memset(tables, 0, sizeof(*tables));
        for (const Elf64_Dyn *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
                uintptr_t at = entry->d_un.d_ptr;

                if (at < map->l_addr)
                        at += map->l_addr;
                if (entry->d_tag == DT_SYMTAB)
                        tables->symbols = (const Elf64_Sym *)at;
                else if (entry->d_tag == DT_STRTAB)
                        tables->strings = (const char *)at;
                else if (entry->d_tag == DT_GNU_HASH)
                        tables->hash = (const uint32_t *)at;
                else if (entry->d_tag == DT_VERSYM)
                        tables->versions = (const uint16_t *)at;
        }
        return tables->symbols && tables->strings && tables->hash;
}

static bool exports(const struct link_map *map, const char *name) {
        struct tables tables;
        uint32_t bucket_count, first, bloom_words, hash = 5381, index;
        const uint32_t *buckets, *chain;

        if (!tables_of(map, &tables))
                return false;
        for (const unsigned char *at = (const unsigned char *)name; *at; at++)
                hash = hash * 33 + *at;
        bucket_count = tables.hash[0];
        first = tables.hash[1];
        bloom_words = tables.hash[2];
        buckets = tables.hash + 4 + bloom_words * 2;
        chain = buckets + bucket_count;
        index = bucket_count ? buckets[hash % bucket_count] : 0;
        if (index < first)
                return false;
        for (;; index++) {
                uint32_t entry = chain[index - first];
                const Elf64_Sym *symbol = &tables.symbols[index];

                if ((entry | 1) == (hash | 1) && symbol->st_shndx != SHN_UNDEF &&
                    strcmp(tables.strings + symbol->st_name, name) == 0 &&
                    !(tables.versions && tables.versions[index] & VERSION_HIDDEN))
                        return true;
                if (entry & 1)
                        return false;
        }
}

bool symbol_is_next(const char *name) {
        struct dl_find_object found;

        if (_dl_find_object((void *)(uintptr_t)symbol_is_next, &found) != 0)
                return false;
        for (const struct link_map *map = found.dlfo_link_map->l_next; map; map = map->l_next)
                if (exports(map, name))
                        return true;
        return false;
}
