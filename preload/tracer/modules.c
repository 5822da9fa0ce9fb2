/*
 * Noting loaded ELF files: see modules.h. Reads only what the loader has mapped for good while
 * code of the module is on the calling stack: its link_map and its own headers.
 */
#include "tracer/modules.h"

#include <elf.h>
#include <link.h>
#include <string.h>

uint32_t modules_string(struct process *process, const char *string) {
        uint32_t bytes = (uint32_t)strlen(string) + 1;
        uint32_t at;

        if (bytes == 1 || bytes > PROCESS_STRINGS_BYTES)
                return 0;
        at = atomic_fetch_add_explicit(&process->strings_used, bytes, memory_order_relaxed) + 1;
        if (at + bytes > PROCESS_STRINGS_BYTES)
                return 0;
        memcpy(process->strings + at, string, bytes);
        return at;
}

struct cfi_image modules_image(const struct dl_find_object *found) {
        struct cfi_image image = { .start = (uintptr_t)found->dlfo_map_start,
                                   .end = (uintptr_t)found->dlfo_map_end,
                                   .bias = found->dlfo_link_map->l_addr };
        const Elf64_Ehdr *header = found->dlfo_map_start;

        /* What lies beyond the first page may be in no segment. */
        if (image.end - image.start >= 4096 && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
            header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phoff <= 4096 &&
            header->e_phoff % 8 == 0 && header->e_phnum * sizeof(Elf64_Phdr) <= 4096 - header->e_phoff) {
                image.segments = (const void *)(image.start + header->e_phoff);
                image.segment_count = header->e_phnum;
        }
        return image;
}

/* Copies the GNU build-id out of the module's notes in memory; leaves none where there is none. */
static void build_id_read(struct module *module, const struct cfi_image *image) {
        for (uint32_t i = 0; i < image->segment_count; i++) {
                const Elf64_Phdr *segment = &image->segments[i];
                uintptr_t at = image->bias + segment->p_vaddr;
                uintptr_t end = at + segment->p_memsz;

                if (segment->p_type != PT_NOTE || at % 4 != 0 || at < image->start || end > image->end)
                        continue;
                while (at < end && end - at >= sizeof(Elf64_Nhdr)) {
                        const Elf64_Nhdr *note = (const void *)at;
                        uintptr_t name = at + sizeof(*note);
                        uintptr_t description = name + ((note->n_namesz + 3u) & ~3u);

                        if (description + note->n_descsz > end)
                                break;
                        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                            memcmp((const void *)name, "GNU", 4) == 0) {
                                module->build_id_bytes = note->n_descsz < MODULE_BUILD_ID_MAX
                                                                 ? note->n_descsz
                                                                 : MODULE_BUILD_ID_MAX;
                                memcpy(module->build_id, (const void *)description, module->build_id_bytes);
                                return;
                        }
                        at = description + ((note->n_descsz + 3u) & ~3u);
                }
        }
}

static uint32_t noted_count(struct process *process) {
        uint32_t count = atomic_load_explicit(&process->module_count, memory_order_acquire);

        return count < PROCESS_MODULES ? count : PROCESS_MODULES;
}

static bool same_file(const struct process *process, const struct module *a, const struct module *b,
                      const char *b_path) {
        return a->start == b->start && a->end == b->end && a->build_id_bytes == b->build_id_bytes &&
               memcmp(a->build_id, b->build_id, a->build_id_bytes) == 0 &&
               strcmp(process->strings + a->path, b_path) == 0;
}

uint32_t modules_note(struct process *process, const struct cfi_image *image,
                      const struct link_map *link_map) {
        uint32_t count = noted_count(process), generation = 0, index;
        struct module fresh = {
                .start = image->start, .end = image->end, .bias = image->bias, .link_map = (uintptr_t)link_map
        };
        struct module *module;

        build_id_read(&fresh, image);
        for (uint32_t i = 0; i < count; i++) {
                module = &process->modules[i];
                if (!atomic_load_explicit(&module->ready, memory_order_acquire) ||
                    module->end <= fresh.start || fresh.end <= module->start)
                        continue;
                /* Nothing else tells: the loader uses addresses again, of its own link_maps too. */
                if (same_file(process, module, &fresh, link_map->l_name))
                        return module->generation;
                if (generation <= module->generation)
                        generation = module->generation + 1;
        }
        index = atomic_fetch_add_explicit(&process->module_count, 1, memory_order_acq_rel);
        if (index >= PROCESS_MODULES) {
                atomic_store_explicit(&process->module_count, PROCESS_MODULES, memory_order_relaxed);
                return 0;
        }
        module = &process->modules[index];
        fresh.generation = generation;
        fresh.path = modules_string(process, link_map->l_name);
        *module = fresh;
        /* Release pairs with every reader's acquire of `ready`, the collector's too. */
        atomic_store_explicit(&module->ready, 1, memory_order_release);
        return generation;
}

bool modules_range(struct process *process, bool (*stays)(uintptr_t link_map), uintptr_t *start,
                   uintptr_t *end) {
        uint32_t count = noted_count(process);

        *start = UINTPTR_MAX;
        *end = 0;
        for (uint32_t i = 0; i < count; i++) {
                const struct module *module = &process->modules[i];

                if (!atomic_load_explicit(&module->ready, memory_order_acquire) || stays(module->link_map))
                        continue;
                if (module->start < *start)
                        *start = module->start;
                if (module->end > *end)
                        *end = module->end;
        }
        return *start < *end;
}
