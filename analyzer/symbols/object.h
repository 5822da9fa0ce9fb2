/*
 * One ELF file with its debug information, for symbols.c: opened once, asked by addresses of
 * the file itself. lines.c answers with lines and inline frames, names.c with the symbol table.
 *
 * Must not: know traces or frames.
 */
#ifndef ANALYZER_SYMBOLS_OBJECT_H
#define ANALYZER_SYMBOLS_OBJECT_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_symbol {
        uint64_t address, size_bytes;
        const char *name; /* mangled; lives as long as the object */
        bool global;
        bool sized; /* size_bytes is the table's own, not a guess */
};

struct object_function; /* lines.c */

struct object_unit {
        Dwarf_Off offset;      /* of the unit's DIE */
        Dwarf_Die die;         /* has the line table */
        Dwarf_Die body;        /* has the functions: the split unit where there is one */
        const char *directory; /* that it was compiled in; NULL: not told */
        struct object_function *functions;
        size_t function_count, function_capacity;
};

struct object_range {
        uint64_t start, end;
        Dwarf_Off unit_offset;
};

struct object {
        Dwfl *dwfl;
        Dwfl_Module *module;
        uint64_t elf_bias; /* elfutils' address = address in the file + elf_bias */

        Dwarf *dwarf;               /* NULL: no debug information */
        uint64_t dwarf_bias;        /* elfutils' address = address in the DWARF + dwarf_bias */
        struct object_unit **units; /* those used so far */
        size_t unit_count, unit_capacity;
        struct object_range *ranges; /* all units, sorted; built when .debug_aranges does not know */
        size_t range_count, range_capacity;
        bool ranges_built;

        struct object_symbol *symbols; /* sorted by address; built when first asked */
        size_t symbol_count, symbol_capacity;
        bool symbols_built;
};

enum object_outcome {
        OBJECT_OPEN,
        OBJECT_MISSING,   /* not there, not a file, not ELF: nothing to say */
        OBJECT_DIFFERENT, /* another build-id than the wanted one */
};

enum object_outcome object_open(const char *path, const uint8_t *build_id, size_t build_id_bytes,
                                struct object **out);
void object_free(struct object *object);

/* A part of the file that is loaded to be run, in whole pages. */
struct object_code {
        uint64_t start, end; /* addresses in the file */
        uint64_t offset_bytes;
};

/* The one that `address` (in the file) is in; false: it is in none. */
bool object_code_at(const struct object *object, uint64_t address, struct object_code *code);

/* The symbol that covers `address` (in the file), or NULL. */
const struct object_symbol *object_symbol_at(struct object *object, uint64_t address);

struct object_line {
        const char *file;      /* NULL: the function is known, the line is not */
        const char *directory; /* what a relative file is relative to; NULL: not known */
        const char *function;  /* NULL: not known */
        unsigned line;
        unsigned declared_line; /* of the function, in `file`; 0: not known, or in another file */
};

/* Called innermost first. */
typedef int object_take(void *context, const struct object_line *line);

/*
 * The lines at `address` (in the file), inline frames included. The number of frames given to
 * `take`, 0 when nothing is known, or what `take` returned when negative.
 */
int object_lines_at(struct object *object, uint64_t address, object_take *take, void *context);

/* From the line a function is declared on to the last that has code of its own. */
struct object_extent {
        const char *file;
        unsigned first_line, last_line;
};

/* Of the function in the `number`th frame that object_lines_at gives; false where it is not told. */
bool object_extent_at(struct object *object, uint64_t address, size_t number, struct object_extent *extent);

/* Frees what lines.c made. */
void object_lines_deinit(struct object *object);

/* A name as its language writes it: C++, Rust, D, with its parameters or without. Heap; NULL: no memory. */
char *object_demangle(const char *name, bool parameters);

#endif
