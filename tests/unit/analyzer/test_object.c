/*
 * symbols/object.h: what an ELF file's own tables call an address, files that are none, and names as
 * their languages write them.
 */
#include "symbols/object.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the compiler makes of a source, stripped. The source stands in single quotes, as printf's format. */
static struct object *compiled(const char *options, const char *source) {
        char directory[] = "/tmp/memtrace-symbols-XXXXXX";
        char command[600], file[100];
        struct object *object;

        cr_assert_not_null(mkdtemp(directory));
        snprintf(file, sizeof(file), "%s/lib.so", directory);
        snprintf(command, sizeof(command), "printf '%s' | cc -shared -s -o %s %s -", source, file, options);
        cr_assert_eq(system(command), 0);
        cr_assert_eq(object_open(file, NULL, 0, &object), OBJECT_OPEN);
        unlink(file);
        rmdir(directory);
        return object;
}

/* `strip` leaves the dynamic symbols at most; the name must come from there, with its offset. */
Test(object, without_debug_information_the_symbol_serves) {
        struct object *object =
                compiled("-fPIC -O1 -x c",
                         "int exported_name(int x) { return x * 3 + 1; }\n"
                         "static __attribute__((noinline,used)) int hidden_name(int x) { return x - 7; }\n");
        const struct object_symbol *symbol = NULL;

        cr_assert_null(object->dwarf);
        cr_assert_null(object_symbol_at(object, 0), "nothing stands at 0");
        for (size_t i = 0; i < object->symbol_count; i++)
                if (strcmp(object->symbols[i].name, "exported_name") == 0)
                        symbol = &object->symbols[i];
        cr_assert_not_null(symbol);
        cr_assert_eq(object_symbol_at(object, symbol->address), symbol);
        cr_assert_eq(object_symbol_at(object, symbol->address + symbol->size_bytes - 1), symbol);
        cr_assert_neq(object_symbol_at(object, symbol->address + symbol->size_bytes), symbol,
                      "what is hidden must not get the name of what stands before it");
        object_free(object);
}

/* _init stands before everything and has no size: it must not give its name to all that follows. */
Test(object, a_symbol_without_size_ends_with_its_section) {
        struct object *object =
                compiled("-nostdlib -x assembler",
                         ".section .a,\"ax\"\n.globl label\nlabel: nop\nnop\n"
                         ".section .b,\"ax\"\n.rept 100\nnop\n.endr\n.data\n.globl datum\ndatum: .quad 0\n");
        const struct object_symbol *label;

        cr_assert_null(object_symbol_at(object, 0));
        cr_assert_eq(object->symbol_count, 1, "data names no code");
        label = &object->symbols[0];
        cr_assert_str_eq(label->name, "label");
        cr_assert_eq(object_symbol_at(object, label->address + 1), label);
        cr_assert_null(object_symbol_at(object, label->address + 2));
        object_free(object);
}

Test(object, what_is_no_elf_is_missing) {
        struct object *object;
        char directory[] = "/tmp/memtrace-fifo-XXXXXX";
        char path[100];

        cr_assert_eq(object_open("/nonexistent/x", NULL, 0, &object), OBJECT_MISSING);
        cr_assert_eq(object_open("/etc/passwd", NULL, 0, &object), OBJECT_MISSING);
        cr_assert_eq(object_open("/dev/zero", NULL, 0, &object), OBJECT_MISSING);
        cr_assert_eq(object_open("/tmp", NULL, 0, &object), OBJECT_MISSING);
        cr_assert_eq(object_open("relative.so", NULL, 0, &object), OBJECT_MISSING);
        cr_assert_not_null(mkdtemp(directory));
        snprintf(path, sizeof(path), "%s/f", directory);
        cr_assert_eq(mkfifo(path, 0600), 0);
        cr_assert_eq(object_open(path, NULL, 0, &object), OBJECT_MISSING, "and does not hang");
        unlink(path);
        rmdir(directory);
}

Test(object, names_are_as_their_languages_write_them) {
        static const char *const cases[][2] = {
                { "_ZN3foo3barEi", "foo::bar(int)" },
                { "_Znwm", "operator new(unsigned long)" },
                { "_Z4makeIdEPT_m", "make<double>(unsigned long)" },
                { "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt" },
                { "_RNvC6_123foo3bar", "123foo::bar" },
                { "_D3std5stdio8__T5writeZ", "_D3std5stdio8__T5writeZ" },
                { "_D8demangle4testFZv", "demangle.test()" },
                { "plain_c", "plain_c" },
                { "_Zbroken", "_Zbroken" },
        };
        char *plain;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                plain = object_demangle(cases[i][0], true);
                cr_assert_str_eq(plain, cases[i][1]);
                free(plain);
        }
        plain = object_demangle("_ZN3foo3barEi", false);
        cr_assert_str_eq(plain, "foo::bar");
        free(plain);
}
