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
#include <sys/auxv.h>

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

bool symbol_is_of(const struct link_map *map, const char *name) {
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

static const struct link_map *own_map(void) {
        struct dl_find_object found;

        return _dl_find_object((void *)(uintptr_t)own_map, &found) == 0 ? found.dlfo_link_map : NULL;
}

static const struct link_map *first_from(const struct link_map *map, const char *name) {
        while (map && !symbol_is_of(map, name))
                map = map->l_next;
        return map;
}

static const struct link_map *program_map(void) {
        const struct link_map *map = own_map();

        while (map && map->l_prev)
                map = map->l_prev;
        return map;
}

const struct link_map *symbol_first(const char *name) {
        return first_from(program_map(), name);
}

void *symbol_of_program(const char *name) {
        const struct link_map *program = program_map();

        /* Not RTLD_DEFAULT: from a library linked with -Bsymbolic, that begins with the library itself. */
        return program && symbol_first(name) ? dlsym((void *)(uintptr_t)program, name) : NULL;
}

void *symbol_of_kernel(const char *name) {
        const struct link_map *map = program_map();

        while (map && (map->l_addr == 0 || map->l_addr != getauxval(AT_SYSINFO_EHDR)))
                map = map->l_next;
        return map && symbol_is_of(map, name) ? dlsym((void *)(uintptr_t)map, name) : NULL;
}

/* The last of the loader's list at start; what comes before it changes no more. */
static const struct link_map *last_at_start;

void symbol_begin(void) {
        last_at_start = program_map();
        while (last_at_start && last_at_start->l_next)
                last_at_start = last_at_start->l_next;
}

bool symbol_map_stays(const struct link_map *map) {
        for (const struct link_map *at = program_map(); at; at = at == last_at_start ? NULL : at->l_next)
                if (at == map)
                        return true;
        return false;
}

bool symbol_is_ours(const struct link_map *map) {
        return map == own_map();
}

bool symbol_is_next(const char *name) {
        const struct link_map *own = own_map();

        return own && first_from(own->l_next, name);
}

bool symbol_is_wanted(const char *name) {
        for (const struct link_map *map = program_map(); map; map = map->l_next) {
                struct tables tables;

                if (!tables_of(map, &tables) || symbol_is_of(map, name))
                        continue;
                /* What is not defined stands in front of what is hashed. */
                for (uint32_t i = 1; i < tables.hash[1]; i++)
                        if (strcmp(tables.strings + tables.symbols[i].st_name, name) == 0)
                                return true;
        }
        return false;
}
