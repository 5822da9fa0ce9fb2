/*
 * See svg.h. Colours are written out for light and dark, without variables, so that programs that know no
 * more than SVG 1.1 draw the light one. One thread.
 */
#include "render/svg.h"

#include "base/text.h"

#include <memtrace/harmless.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct {
        const char *light, *dark;
} colors[SVG_COLORS] = {
        { "#0072b2", "#56b4e9" }, { "#d55e00", "#ff8a4c" }, { "#009e73", "#2fcf9f" },
        { "#b0568a", "#e6a0c8" }, { "#b87e00", "#ffb733" }, { "#3d9bd6", "#9bd8ff" },
        { "#857a00", "#f0e442" }, { "#666666", "#b5b5b5" },
};

static void put_style(FILE *stream, const char *style) {
        fputs("<style>\n"
              "text{font:12px 'DejaVu Sans',Verdana,Arial,sans-serif;fill:#222}\n"
              "text.big{font-size:15px;font-weight:bold}text.faint{fill:#5c5c5c}\n"
              "svg:root{background:#fff}.paper{fill:#fff}.ink{stroke:#222}.grid{stroke:#ddd}\n",
              stream);
        for (unsigned i = 0; i < SVG_COLORS; i++)
                fprintf(stream, ".s%u{stroke:%s}.f%u{fill:%s}\n", i, colors[i].light, i, colors[i].light);
        fputs(style ? style : "", stream);
        fputs("@media (prefers-color-scheme:dark){\n"
              "text{fill:#e8e8e8}text.faint{fill:#a8a8a8}\n"
              "svg:root{background:#17191e}.paper{fill:#17191e}.ink{stroke:#e8e8e8}.grid{stroke:#383b42}\n",
              stream);
        for (unsigned i = 0; i < SVG_COLORS; i++)
                fprintf(stream, ".s%u{stroke:%s}.f%u{fill:%s}\n", i, colors[i].dark, i, colors[i].dark);
        fputs("}\n</style>\n", stream);
}

void svg_begin(FILE *stream, const struct svg_about *about) {
        fprintf(stream,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" "
                "role=\"img\">\n<title>",
                about->width, about->height, about->width, about->height);
        svg_text(stream, about->title);
        fputs("</title>\n", stream);
        if (about->description) {
                fputs("<desc>", stream);
                svg_text(stream, about->description);
                fputs("</desc>\n", stream);
        }
        put_style(stream, about->style);
        fprintf(stream, "<rect class=\"paper\" width=\"%u\" height=\"%u\"/>\n", about->width, about->height);
}

void svg_end(FILE *stream) {
        fputs("</svg>\n", stream);
}

static const char *entity(char character) {
        switch (character) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

/* U+FFFE and U+FFFF are UTF-8, and no characters of XML. */
static bool is_no_character(const char *text, size_t left_bytes) {
        return left_bytes >= 3 && memcmp(text, "\xef\xbf", 2) == 0 && ((unsigned char)text[2] & 0xfe) == 0xbe;
}

void svg_text_bytes(FILE *stream, const char *text, size_t length_bytes) {
        size_t from = 0;

        for (size_t i = 0; i < length_bytes; i++) {
                const char *instead = entity(text[i]);
                bool refused = !instead && is_no_character(text + i, length_bytes - i);

                if (!instead && !refused)
                        continue;
                text_put_bytes(stream, text + from, i - from);
                from = i + 1;
                if (instead)
                        fputs(instead, stream);
                else
                        text_put_bytes(stream, text + i, 1); /* a part of a character is shown as a byte */
        }
        text_put_bytes(stream, text + from, length_bytes - from);
}

void svg_text(FILE *stream, const char *text) {
        svg_text_bytes(stream, text, strlen(text));
}

void svg_number(FILE *stream, double value) {
        long long hundredths = llround(value * 100);
        unsigned long long left =
                hundredths < 0 ? 0ull - (unsigned long long)hundredths : (unsigned long long)hundredths;

        fprintf(stream, "%s%llu", hundredths < 0 ? "-" : "", left / 100);
        if (left % 100 != 0)
                fprintf(stream, left % 10 == 0 ? ".%01llu" : ".%02llu",
                        left % 10 == 0 ? left % 100 / 10 : left % 100);
}

void svg_attribute(FILE *stream, const char *name, double value) {
        fprintf(stream, " %s=\"", name);
        svg_number(stream, value);
        fputc('"', stream);
}

/* Of the wider of the common fonts, in em. */
static double character_width(char character) {
        if (strchr("iljfrtI.,:;|!'` ()[]{}/\\-", character))
                return 0.42;
        if (strchr("mwMW@%+=<>", character))
                return 0.98;
        return character >= 'A' && character <= 'Z' ? 0.76 : 0.64;
}

/* One character, or one byte that is shown escaped: *width in em. Its bytes. */
static size_t measure_character(const char *text, size_t left_bytes, double *width) {
        size_t shown = mtr_harmless_bytes((const uint8_t *)text, left_bytes);

        *width = shown == 0 ? 4 * 0.64 : shown == 1 ? character_width(*text) : 1;
        return shown ? shown : 1;
}

double svg_text_width(const char *text, double font_px) {
        size_t left = strlen(text);
        double width = 0, em;

        for (size_t bytes; left > 0; left -= bytes, text += bytes) {
                bytes = measure_character(text, left, &em);
                width += em;
        }
        return width * font_px;
}

size_t svg_text_fit(const char *text, double font_px, double width) {
        size_t length = strlen(text), fits = 0;
        double em;

        while (fits < length) {
                size_t bytes = measure_character(text + fits, length - fits, &em);

                width -= em * font_px;
                if (width < 0)
                        break;
                fits += bytes;
        }
        return fits;
}
