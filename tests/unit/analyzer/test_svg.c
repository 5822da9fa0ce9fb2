/*
 * What pictures are made of: text that stays text, numbers without a locale, a document.
 */
#include "render/svg.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *made;
static size_t length;

static FILE *begin(void) {
        FILE *stream = open_memstream(&made, &length);

        cr_assert(stream);
        return stream;
}

static void expect(FILE *stream, const char *wanted) {
        cr_assert_eq(fclose(stream), 0);
        cr_assert_str_eq(made, wanted);
        free(made);
}

Test(svg, text_is_neither_markup_nor_control_nor_turned_around) {
        FILE *stream = begin();

        svg_text(stream, "a<b>&\"'\33[31m\n\xff");
        expect(stream, "a&lt;b&gt;&amp;&quot;&#39;\\x1b[31m\\x0a\\xff");
        stream = begin();
        svg_text(stream, "x\u202ey \u00e9\u6f22");
        expect(stream, "x\\xe2\\x80\\xaey \u00e9\u6f22");
}

Test(svg, what_xml_has_no_character_for_is_shown_as_bytes) {
        FILE *stream = begin();

        svg_text(stream, "a\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd");
        expect(stream, "a\\xef\\xbf\\xbe\\xef\\xbf\\xbf\xef\xbf\xbd");
}

Test(svg, bytes_end_where_they_are_said_to) {
        FILE *stream = begin();

        svg_text_bytes(stream, "ab\0<c", 4);
        expect(stream, "ab\\x00&lt;");
}

Test(svg, numbers_have_the_digits_they_need) {
        static const double values[] = { 0, 1, -1, 0.5, -0.25, 0.05, 12.3456, -0.001, 1e6 };
        FILE *stream = begin();

        for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
                svg_number(stream, values[i]);
                fputc(' ', stream);
        }
        expect(stream, "0 1 -1 0.5 -0.25 0.05 12.35 0 1000000 ");
        stream = begin();
        svg_attribute(stream, "x", 1.5);
        expect(stream, " x=\"1.5\"");
}

Test(svg, a_document_names_itself_and_has_both_styles) {
        const struct svg_about about = { 10, 20, "<t>", "&d", ".mine{fill:none}\n" };
        FILE *stream = begin();

        svg_begin(stream, &about);
        svg_end(stream);
        cr_assert_eq(fclose(stream), 0);
        cr_assert(strstr(made, "width=\"10\" height=\"20\" viewBox=\"0 0 10 20\""));
        cr_assert(strstr(made, "<title>&lt;t&gt;</title>\n<desc>&amp;d</desc>\n"));
        cr_assert(strstr(made, ".mine{fill:none}\n@media (prefers-color-scheme:dark)"));
        cr_assert(strstr(made, "<rect class=\"paper\" width=\"10\" height=\"20\"/>\n</svg>\n"));
        free(made);
}

Test(svg, wide_text_is_wider) {
        cr_assert_eq(svg_text_width("", 10), 0);
        cr_assert_float_eq(svg_text_width("aa", 10), 12.8, 1e-9);
        cr_assert_float_eq(svg_text_width("\u6f22", 10), 10, 1e-9);
        cr_assert_float_eq(svg_text_width("\33", 10), 25.6, 1e-9);
        cr_assert_gt(svg_text_width("MM", 10), svg_text_width("ii", 10));
}

Test(svg, text_is_cut_between_characters) {
        cr_assert_eq(svg_text_fit("aaaa", 10, 12.7), 1);
        cr_assert_eq(svg_text_fit("aaaa", 10, 12.9), 2);
        cr_assert_eq(svg_text_fit("aaaa", 10, 100), 4);
        cr_assert_eq(svg_text_fit("\u6f22\u6f22", 10, 19), 3);
        cr_assert_eq(svg_text_fit("a", 10, -1), 0);
}
