/*
 * Text in dot's strings: what dot would take for more than text, lines, and long names.
 */
#include "render/export/dot_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "\u2026"

typedef int writer(FILE *stream, const char *text);

static void expect(writer *write, const char *text, const char *wanted) {
        char *made;
        size_t length;
        FILE *stream = open_memstream(&made, &length);

        cr_assert(stream);
        cr_assert_eq(write(stream, text), 0);
        cr_assert_eq(fclose(stream), 0);
        cr_assert_str_eq(made, wanted);
        free(made);
}

Test(dot_text, nothing_ends_the_string_or_is_an_escape_or_an_entity) {
        expect(dot_text_put, "a\"b\\N&lt;\n\xff", "a\\\"b\\\\N&amp;lt;\\\\x0a\\\\xff");
        expect(dot_text_put, "", "");
}

Test(dot_text, what_is_too_long_ends_with_whole_characters) {
        char text[4001], wanted[2010] = "";

        for (size_t i = 0; i < 2000; i++)
                memcpy(text + 1 + 2 * i, "\u00e9", 2);
        text[0] = 'a';
        text[4000] = 0;
        memcpy(wanted, text, 1999);
        strcat(wanted, ELLIPSIS);
        text[3999] = 0;
        expect(dot_text_put, text, wanted);
}

Test(dot_text, lines_are_broken_where_names_have_parts) {
        expect(dot_text_wrap, "short", "short\\n");
        expect(dot_text_wrap, "a_name_of_some_length::and_another_part_of_it",
               "a_name_of_some_length::\\nand_another_part_of_it\\n");
        expect(dot_text_wrap, "0123456789012345678901234567890123456789x",
               "0123456789012345678901234567890123456789\\nx\\n");
        expect(dot_text_wrap, "012345678901234567890123456789012345678\u00e9",
               "012345678901234567890123456789012345678\\n\u00e9\\n");
}

Test(dot_text, there_are_no_more_than_four_lines) {
        char text[200];

        memset(text, 'x', sizeof(text));
        text[161] = 0;
        expect(dot_text_wrap, text,
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" ELLIPSIS
               "\\n");
}

#define ARGUMENTS                                                                                            \
        "<std::something<of, some, length>, std::another<thing, of, some, length>, so that it is long>"

Test(dot_text, long_names_of_functions_are_without_arguments_and_parameters) {
        expect(dot_text_function, "table<int>::put(int)", "table<int>::put(int)\\n");
        expect(dot_text_function, "table" ARGUMENTS "::put" ARGUMENTS "(int, long) const",
               "table<" ELLIPSIS ">::put<" ELLIPSIS ">\\n");
        expect(dot_text_function, "table" ARGUMENTS "::operator<<(int)",
               "table<" ELLIPSIS ">::operator<<\\n");
        expect(dot_text_function, "table" ARGUMENTS "::operator->() const",
               "table<" ELLIPSIS ">::operator->\\n");
        expect(dot_text_function, "table" ARGUMENTS "::operator()(int)",
               "table<" ELLIPSIS ">::operator()\\n");
        expect(dot_text_function,
               "call<fn(u8, u16, u32, u64, u128) -> alloc::boxed::Box<core::something::else>>::at_once",
               "call<" ELLIPSIS ">::at_once\\n");
}

Test(dot_text, brackets_that_do_not_match_are_left_as_they_are) {
        expect(dot_text_function,
               "a>b::0123456789012345678901234567890123::0123456789012345678901234567890123::01234567890",
               "a>b::0123456789012345678901234567890123:\\n:0123456789012345678901234567890123::"
               "\\n01234567890\\n");
        expect(dot_text_function,
               "a<b::0123456789012345678901234567890123::0123456789012345678901234567890123::01234567890",
               "a<b::0123456789012345678901234567890123:\\n:0123456789012345678901234567890123::"
               "\\n01234567890\\n");
}
