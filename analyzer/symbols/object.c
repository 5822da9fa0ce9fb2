/*
 * Opening: one Dwfl for each file, so that no two modules' addresses can meet. elfutils finds
 * separate debug files by build-id and debuglink.
 */
#include "symbols/object.h"

#include "base/array.h"
#include "base/message.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES UINT64_C(4096)

static int no_elf(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, char **file,
                  Elf **elf) {
        return -1; /* it was opened by us, under the name the trace gives */
}

static char debug_path_default[] = ":.debug:/usr/lib/debug";
static char *debug_path = debug_path_default;

static const Dwfl_Callbacks callbacks = {
        .find_elf = no_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .section_address = dwfl_offline_section_address,
        .debuginfo_path = &debug_path,
};

/* libdw cannot go on then, and would end the process as a check that failed does. */
__attribute__((noreturn)) static void no_memory(void) {
        message("no memory for debug information");
        exit(2);
}

/* A regular file or nothing: the trace may name a fifo or a device. */
static int open_regular(const char *path) {
        struct stat status;
        int fd = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

        if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))) {
                close(fd);
                fd = -1;
        }
        return fd;
}

static bool is_build(Elf *elf, const uint8_t *build_id, size_t build_id_bytes) {
        const void *found;
        ssize_t found_bytes;

        if (build_id_bytes == 0)
                return true; /* the trace does not know either */
        found_bytes = dwelf_elf_gnu_build_id(elf, &found);
        return found_bytes == (ssize_t)build_id_bytes && memcmp(found, build_id, build_id_bytes) == 0;
}

enum object_outcome object_open(const char *path, const uint8_t *build_id, size_t build_id_bytes,
                                struct object **out) {
        struct object *object = calloc(1, sizeof(*object));
        int fd = open_regular(path);
        GElf_Addr elf_bias, dwarf_bias;
        Elf *elf;

        if (!object || fd < 0 || !(object->dwfl = dwfl_begin(&callbacks)))
                goto missing;
        dwfl_report_begin(object->dwfl);
        object->module = dwfl_report_elf(object->dwfl, path, path, fd, 0, true);
        if (object->module)
                fd = -1; /* elfutils' from here */
        dwfl_report_end(object->dwfl, NULL, NULL);
        elf = object->module ? dwfl_module_getelf(object->module, &elf_bias) : NULL;
        if (!elf)
                goto missing;
        if (!is_build(elf, build_id, build_id_bytes)) {
                object_free(object);
                return OBJECT_DIFFERENT;
        }
        object->elf_bias = elf_bias;
        object->dwarf = dwfl_module_getdwarf(object->module, &dwarf_bias);
        object->dwarf_bias = object->dwarf ? dwarf_bias : 0;
        if (object->dwarf)
                dwarf_new_oom_handler(object->dwarf, no_memory);
        *out = object;
        return OBJECT_OPEN;
missing:
        if (fd >= 0)
                close(fd);
        object_free(object);
        return OBJECT_MISSING;
}

bool object_code_at(const struct object *object, uint64_t address, struct object_code *code) {
        GElf_Addr bias;
        Elf *elf = dwfl_module_getelf(object->module, &bias);
        size_t count;

        if (!elf || elf_getphdrnum(elf, &count) < 0)
                return false;
        for (size_t i = 0; i < count; i++) {
                GElf_Phdr segment;

                if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
                    !(segment.p_flags & PF_X) || address < segment.p_vaddr ||
                    address - segment.p_vaddr >= segment.p_memsz ||
                    segment.p_memsz > UINT64_MAX - PAGE_BYTES - segment.p_vaddr)
                        continue;
                *code = (struct object_code){
                        .start = segment.p_vaddr & -PAGE_BYTES,
                        .end = (segment.p_vaddr + segment.p_memsz + PAGE_BYTES - 1) & -PAGE_BYTES,
                        .offset_bytes = segment.p_offset & -PAGE_BYTES,
                };
                return true;
        }
        return false;
}

void object_free(struct object *object) {
        if (!object)
                return;
        object_lines_deinit(object);
        free(object->symbols);
        if (object->dwfl)
                dwfl_end(object->dwfl);
        free(object);
}
