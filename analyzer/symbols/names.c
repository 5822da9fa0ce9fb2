/*
 * The symbol table, sorted once: elfutils' own lookup walks all symbols for each address.
 * And names as their languages write them, through libiberty.
 */
#include "symbols/object.h"

#include "base/array.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

/* Longer ones are shown as they are: libiberty's work and output can grow out of proportion. */
#define MANGLED_MAX 4096u

#define SIZELESS_REACH 4096u

static int by_address(const void *left_pointer, const void *right_pointer) {
        const struct object_symbol *left = left_pointer, *right = right_pointer;

        if (left->address != right->address)
                return left->address < right->address ? -1 : 1;
        /* of several names for one address the last sorted is taken: sized, global, then by name */
        if (left->sized != right->sized)
                return right->sized ? -1 : 1;
        if (left->global != right->global)
                return right->global ? -1 : 1;
        return strcmp(right->name, left->name);
}

/*
 * How far a symbol reaches; 0: it names no code. One without size (assembly, _init) is believed
 * for a little, inside its section: what follows it may be functions whose names are stripped.
 */
static uint64_t reach(const GElf_Sym *symbol, GElf_Word section_index, Elf *elf) {
        Elf_Scn *section = elf ? elf_getscn(elf, section_index) : NULL;
        GElf_Shdr header;
        uint64_t left;

        if (!section || !gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR))
                return 0;
        if (symbol->st_size > 0)
                return symbol->st_size;
        left = header.sh_addr + header.sh_size - symbol->st_value;
        if (symbol->st_value < header.sh_addr || left > header.sh_size)
                return 0;
        return left < SIZELESS_REACH ? left : SIZELESS_REACH;
}

static void build(struct object *object) {
        int count = dwfl_module_getsymtab(object->module);

        object->symbols_built = true;
        for (int i = 1; i < count; i++) {
                GElf_Sym symbol;
                GElf_Addr address;
                GElf_Word section;
                Elf *elf = NULL;
                const char *name =
                        dwfl_module_getsym_info(object->module, i, &symbol, &address, &section, &elf, NULL);
                int type = GELF_ST_TYPE(symbol.st_info);
                uint64_t reached;

                if (!name || !*name || section == SHN_UNDEF || section == SHN_ABS ||
                    (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE))
                        continue;
                reached = reach(&symbol, section, elf);
                if (reached == 0)
                        continue;
                if (array_reserve(&object->symbols, &object->symbol_capacity, object->symbol_count + 1,
                                  sizeof(*object->symbols)) < 0)
                        break; /* fewer names, no wrong ones: each covers its own size */
                object->symbols[object->symbol_count++] = (struct object_symbol){
                        .address = address - object->elf_bias,
                        .size_bytes = reached,
                        .sized = symbol.st_size > 0,
                        .name = name,
                        .global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL,
                };
        }
        if (object->symbol_count > 0)
                qsort(object->symbols, object->symbol_count, sizeof(*object->symbols), by_address);
}

const struct object_symbol *object_symbol_at(struct object *object, uint64_t address) {
        size_t low = 0, high;

        if (!object->symbols_built)
                build(object);
        high = object->symbol_count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (object->symbols[middle].address <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        /*
         * Backwards over what begins before and does not reach, a few steps: a nested label may hide
         * a function. A symbol without size ends where the next one begins.
         */
        for (size_t i = low; i > 0 && i + 8 > low; i--) {
                const struct object_symbol *symbol = &object->symbols[i - 1];

                if (address - symbol->address < symbol->size_bytes && (symbol->sized || i == low))
                        return symbol;
        }
        return NULL;
}

char *object_demangle(const char *name, bool parameters) {
        /* no return types: templates alone have them, and they hide where a name begins */
        int options = DMGL_ANSI | DMGL_RET_DROP | (parameters ? DMGL_PARAMS : 0);
        char *plain = NULL;

        if (strlen(name) > MANGLED_MAX)
                return strdup(name);
        if (strncmp(name, "_Z", 2) == 0 || strncmp(name, "_R", 2) == 0)
                plain = cplus_demangle(name, options | DMGL_AUTO);
        else if (strncmp(name, "_D", 2) == 0)
                plain = dlang_demangle(name, options | DMGL_DLANG);
        return plain ? plain : strdup(name);
}
