/*
 * What the pictures have in common: an SVG document that stands by itself (no fonts, scripts or pictures from
 * elsewhere), in light and dark, with text that cannot break out of it.
 *
 * Classes of the common style: `paper` (background), `ink`, `faint` and `grid` (text and lines), `big` (a
 * title's size), and for colour N below SVG_COLORS `sN` (stroke) and `fN` (fill). Colours are Okabe and
 * Ito's, which people who see few colours can tell apart; whoever uses more than one also tells them apart
 * otherwise.
 *
 * Must not: know what is drawn.
 */
#ifndef ANALYZER_RENDER_SVG_H
#define ANALYZER_RENDER_SVG_H

#include <stddef.h>
#include <stdio.h>

#define SVG_COLORS 8u
#define SVG_FONT_PX 12.0 /* of text without a class of its own */

struct svg_about {
        unsigned width, height;          /* pixels */
        const char *title, *description; /* for who cannot see it; the second may be NULL */
        const char *style;               /* CSS after the common one, of ours and without < or &; or NULL */
};

/* The document up to and with its background. */
void svg_begin(FILE *stream, const struct svg_about *about);
void svg_end(FILE *stream);

/* Text from anywhere, as it may stand between tags and in quoted attributes: text_put, then XML's entities.
 */
void svg_text(FILE *stream, const char *text);
void svg_text_bytes(FILE *stream, const char *text, size_t length_bytes);

/* A coordinate: to a hundredth, no more digits than it has, a point whatever the locale. */
void svg_number(FILE *stream, double value);

/* ` NAME="VALUE"` */
void svg_attribute(FILE *stream, const char *name, double value);

/* About how wide the text stands, in pixels, at that size of the common font; never much too little. */
double svg_text_width(const char *text, double font_px);

/* How many of its bytes, whole characters, stand in so many pixels. */
size_t svg_text_fit(const char *text, double font_px, double width);

#endif
