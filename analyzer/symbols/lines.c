/*
 * Lines and inline frames from DWARF. For each unit used, its functions are listed once and
 * sorted: elfutils' own scope lookup walks the whole unit for every address.
 */
#include "symbols/object.h"

#include "base/array.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

/* Inlining deeper than this is a broken file. */
#define INLINE_MAX 64
#define NESTING_MAX 32

struct object_function {
        uint64_t start, end;
        Dwarf_Die die;
};

static int by_start(const void *left_pointer, const void *right_pointer) {
        const struct object_function *left = left_pointer, *right = right_pointer;

        return left->start < right->start ? -1 : left->start > right->start;
}

static int by_range_start(const void *left_pointer, const void *right_pointer) {
        const struct object_range *left = left_pointer, *right = right_pointer;

        return left->start < right->start ? -1 : left->start > right->start;
}

void object_lines_deinit(struct object *object) {
        for (size_t i = 0; i < object->unit_count; i++) {
                free(object->units[i]->functions);
                free(object->units[i]);
        }
        free(object->units);
        free(object->ranges);
}

/* Some compilers write no .debug_aranges, or not for every unit: ask the units themselves. */
static void build_ranges(struct object *object) {
        Dwarf_CU *unit = NULL;
        Dwarf_Die die;
        uint8_t unit_type;

        object->ranges_built = true;
        while (dwarf_get_units(object->dwarf, unit, &unit, NULL, &unit_type, &die, NULL) == 0) {
                Dwarf_Addr base, start, end;
                ptrdiff_t at = 0;

                if (unit_type == DW_UT_type || unit_type == DW_UT_partial)
                        continue;
                while ((at = dwarf_ranges(&die, at, &base, &start, &end)) > 0) {
                        if (array_reserve(&object->ranges, &object->range_capacity, object->range_count + 1,
                                          sizeof(*object->ranges)) < 0)
                                return;
                        object->ranges[object->range_count++] =
                                (struct object_range){ start, end, dwarf_dieoffset(&die) };
                }
        }
        if (object->range_count > 0)
                qsort(object->ranges, object->range_count, sizeof(*object->ranges), by_range_start);
}

static bool find_die(struct object *object, uint64_t address, Dwarf_Die *die) {
        size_t low = 0, high;

        if (dwarf_addrdie(object->dwarf, address, die))
                return true;
        if (!object->ranges_built)
                build_ranges(object);
        high = object->range_count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (object->ranges[middle].start <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low > 0 && address < object->ranges[low - 1].end &&
               dwarf_offdie(object->dwarf, object->ranges[low - 1].unit_offset, die);
}

static void list_functions(struct object_unit *unit, Dwarf_Die *parent, int nesting) {
        Dwarf_Die die;

        if (nesting > NESTING_MAX || dwarf_child(parent, &die) != 0)
                return;
        do {
                Dwarf_Addr base, start, end;
                ptrdiff_t at = 0;

                switch (dwarf_tag(&die)) {
                case DW_TAG_subprogram:
                        while ((at = dwarf_ranges(&die, at, &base, &start, &end)) > 0) {
                                if (array_reserve(&unit->functions, &unit->function_capacity,
                                                  unit->function_count + 1, sizeof(*unit->functions)) < 0)
                                        return;
                                unit->functions[unit->function_count++] =
                                        (struct object_function){ start, end, die };
                        }
                        break;
                case DW_TAG_namespace:
                case DW_TAG_class_type:
                case DW_TAG_structure_type:
                case DW_TAG_union_type:
                case DW_TAG_module:
                        list_functions(unit, &die, nesting + 1);
                        break;
                default:
                        break;
                }
        } while (dwarf_siblingof(&die, &die) == 0);
}

static struct object_unit *find_unit(struct object *object, uint64_t address) {
        struct object_unit *unit;
        Dwarf_Half version;
        Dwarf_Die die, split;
        Dwarf_Attribute directory;
        Dwarf_Off offset;
        uint8_t type = 0;

        if (!find_die(object, address, &die))
                return NULL;
        offset = dwarf_dieoffset(&die);
        for (size_t i = object->unit_count; i > 0; i--)
                if (object->units[i - 1]->offset == offset)
                        return object->units[i - 1];
        if (array_reserve(&object->units, &object->unit_capacity, object->unit_count + 1,
                          sizeof(*object->units)) < 0 ||
            !(unit = calloc(1, sizeof(*unit))))
                return NULL;
        object->units[object->unit_count++] = unit;
        unit->offset = offset;
        unit->die = unit->body = die;
        if (dwarf_attr(&die, DW_AT_comp_dir, &directory))
                unit->directory = dwarf_formstring(&directory);
        memset(&split, 0, sizeof(split));
        if (dwarf_cu_info(die.cu, &version, &type, NULL, &split, NULL, NULL, NULL) == 0 &&
            type == DW_UT_skeleton && split.addr)
                unit->body = split;
        list_functions(unit, &unit->body, 0);
        if (unit->function_count > 0)
                qsort(unit->functions, unit->function_count, sizeof(*unit->functions), by_start);
        return unit;
}

static Dwarf_Die *find_function(struct object_unit *unit, uint64_t address) {
        size_t low = 0, high = unit->function_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (unit->functions[middle].start <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low > 0 && address < unit->functions[low - 1].end ? &unit->functions[low - 1].die : NULL;
}

/* Follows the blocks around `address` down, keeping each inlined call on the way. */
static size_t find_inlined(Dwarf_Die *parent, uint64_t address, Dwarf_Die *inlined, size_t count,
                           int nesting) {
        Dwarf_Die die;

        if (nesting > NESTING_MAX * 2 || count == INLINE_MAX || dwarf_child(parent, &die) != 0)
                return count;
        do {
                int tag = dwarf_tag(&die);

                if (tag == DW_TAG_inlined_subroutine && dwarf_haspc(&die, address) > 0) {
                        inlined[count] = die;
                        return find_inlined(&die, address, inlined, count + 1, nesting + 1);
                }
                if (tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block) {
                        bool unbounded =
                                !dwarf_hasattr(&die, DW_AT_low_pc) && !dwarf_hasattr(&die, DW_AT_ranges);
                        size_t found;

                        if (!unbounded && dwarf_haspc(&die, address) <= 0)
                                continue;
                        found = find_inlined(&die, address, inlined, count, nesting + 1);
                        if (found > count || !unbounded)
                                return found;
                }
        } while (dwarf_siblingof(&die, &die) == 0);
        return count;
}

/* Linkage names where there are any: they tell overloads and namespaces apart. */
static const char *function_name(Dwarf_Die *die) {
        Dwarf_Attribute attribute;
        const char *name = NULL;

        if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
            dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
                name = dwarf_formstring(&attribute);
        return name ? name : dwarf_diename(die);
}

/*
 * The file that an attribute is the number of, of the unit that the attribute is in: a split unit has files
 * of its own, which dwarf_decl_file asserts to have been read. Since DWARF 5 there is a file 0, which
 * elfutils takes for none.
 */
static const char *numbered_file(Dwarf_Attribute *attribute) {
        Dwarf_Word number = 0;
        Dwarf_Files *files;
        Dwarf_Die unit;
        size_t count;

        if (dwarf_formudata(attribute, &number) != 0 ||
            !dwarf_cu_die(attribute->cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL) ||
            dwarf_getsrcfiles(&unit, &files, &count) != 0 || number >= count)
                return NULL;
        return dwarf_filesrc(files, number, NULL, NULL);
}

static const char *call_place(Dwarf_Die *inlined, unsigned *line) {
        Dwarf_Attribute file, attribute;
        Dwarf_Word number = 0;
        const char *name;

        if (!dwarf_attr(inlined, DW_AT_call_file, &file) ||
            !dwarf_attr(inlined, DW_AT_call_line, &attribute) || dwarf_formudata(&attribute, &number) != 0 ||
            !(name = numbered_file(&file)))
                return NULL;
        *line = (unsigned)number;
        return name;
}

/* Where an address is in the DWARF. */
struct position {
        struct object_unit *unit;
        Dwarf_Die *function; /* NULL: in none */
        Dwarf_Die inlined[INLINE_MAX];
        size_t count;
        uint64_t address; /* as the DWARF has it */
};

static bool find_position(struct object *object, uint64_t address, struct position *position) {
        if (!object->dwarf)
                return false;
        position->address = address + object->elf_bias - object->dwarf_bias;
        position->unit = find_unit(object, position->address);
        if (!position->unit)
                return false;
        position->function = find_function(position->unit, position->address);
        position->count = position->function ? find_inlined(position->function, position->address,
                                                            position->inlined, 0, 0)
                                             : 0;
        return true;
}

static const char *declaring_file(Dwarf_Die *function) {
        Dwarf_Attribute attribute;

        return dwarf_attr_integrate(function, DW_AT_decl_file, &attribute) ? numbered_file(&attribute) : NULL;
}

/* 0: not told, or in another file than `file`. */
static unsigned declared_line(Dwarf_Die *function, const char *file) {
        const char *declaring = file ? declaring_file(function) : NULL;
        int line = 0;

        return declaring && strcmp(declaring, file) == 0 && dwarf_decl_line(function, &line) == 0 && line > 0
                       ? (unsigned)line
                       : 0;
}

int object_lines_at(struct object *object, uint64_t address, object_take *take, void *context) {
        struct object_line at = { 0 };
        struct position position;
        Dwarf_Line *found;
        int number = 0, result;

        if (!find_position(object, address, &position))
                return 0;
        found = dwarf_getsrc_die(&position.unit->die, position.address);
        if (!found && !position.function)
                return 0;
        at.directory = position.unit->directory;
        if (found) {
                at.file = dwarf_linesrc(found, NULL, NULL);
                dwarf_lineno(found, &number);
        }
        at.line = number > 0 ? (unsigned)number : 0;
        for (size_t i = position.count; i > 0; i--) {
                at.function = function_name(&position.inlined[i - 1]);
                at.declared_line = declared_line(&position.inlined[i - 1], at.file);
                result = take(context, &at);
                if (result < 0)
                        return result;
                at.file = call_place(&position.inlined[i - 1], &at.line);
        }
        at.function = position.function ? function_name(position.function) : NULL;
        at.declared_line = position.function ? declared_line(position.function, at.file) : 0;
        result = take(context, &at);
        return result < 0 ? result : (int)position.count + 1;
}

/*
 * Whether a row of the line table is the function's own: of its file, and of nothing inlined into it. Of
 * several rows at an address the last is what is there.
 */
static bool is_own_row(Dwarf_Die *function, const char *file, Dwarf_Lines *rows, size_t number) {
        Dwarf_Line *row = dwarf_onesrcline(rows, number), *next = dwarf_onesrcline(rows, number + 1);
        const char *source = dwarf_linesrc(row, NULL, NULL);
        Dwarf_Die inlined[INLINE_MAX];
        Dwarf_Addr address, behind;
        bool ends = true;

        return source && strcmp(source, file) == 0 && dwarf_lineaddr(row, &address) == 0 &&
               (!next || dwarf_lineaddr(next, &behind) != 0 || behind != address) &&
               dwarf_lineendsequence(row, &ends) == 0 && !ends && dwarf_haspc(function, address) > 0 &&
               find_inlined(function, address, inlined, 0, 0) == 0;
}

bool object_extent_at(struct object *object, uint64_t address, size_t number, struct object_extent *extent) {
        struct position position;
        Dwarf_Die *function;
        Dwarf_Lines *rows;
        size_t row_count = 0;
        int line = 0;

        if (!find_position(object, address, &position) || number > position.count)
                return false;
        function =
                number < position.count ? &position.inlined[position.count - 1 - number] : position.function;
        if (!function || !(extent->file = declaring_file(function)) ||
            dwarf_decl_line(function, &line) != 0 || line <= 0)
                return false;
        extent->first_line = extent->last_line = (unsigned)line;
        if (dwarf_getsrclines(&position.unit->die, &rows, &row_count) != 0)
                return true;
        for (size_t i = 0; i < row_count; i++)
                if (dwarf_lineno(dwarf_onesrcline(rows, i), &line) == 0 && line > 0 &&
                    (unsigned)line > extent->last_line && is_own_row(function, extent->file, rows, i))
                        extent->last_line = (unsigned)line;
        return true;
}
