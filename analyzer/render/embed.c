/*
 * A build tool: a text file as a C string, for what is written into pages and pictures as it is.
 *
 *     embed NAME INPUT OUTPUT    `static const char NAME[]` with the input's bytes
 *
 * Refuses what would end the element or section that the text is to stand in.
 *
 * Must not: be linked into the analyzer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX (1u << 20)
#define NUMBERS_A_LINE 24

static int fail(const char *name, const char *what) {
        fprintf(stderr, "embed: %s: %s\n", name, what);
        return 1;
}

int main(int argc, char **argv) {
        static char text[TEXT_BYTES_MAX];
        FILE *input, *output;
        size_t length;

        if (argc != 4)
                return fail("usage", "embed NAME INPUT OUTPUT");
        input = fopen(argv[2], "r");
        length = input ? fread(text, 1, sizeof(text) - 1, input) : 0;
        if (!input || ferror(input) || !feof(input))
                return fail(argv[2], "cannot read it whole");
        fclose(input);
        if (strlen(text) != length || strstr(text, "]]>") || strcasestr(text, "</script") ||
            strstr(text, "<!--"))
                return fail(argv[2], "holds what would end the place it is to stand in");
        output = fopen(argv[3], "w");
        if (!output)
                return fail(argv[3], "cannot write");
        fprintf(output, "/* Made from a text file by embed. */\nstatic const char %s[] = {", argv[1]);
        for (size_t i = 0; i <= length; i++)
                fprintf(output, "%s%d,", i % NUMBERS_A_LINE == 0 ? "\n" : "", text[i]);
        fputs("\n};\n", output);
        return fclose(output) == 0 ? 0 : fail(argv[3], "cannot write");
}
