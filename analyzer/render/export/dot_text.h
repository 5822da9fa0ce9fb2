/*
 * Text from anywhere as a part of dot's quoted strings: harmless, with nothing in it that dot takes for an
 * escape or an entity, and short enough for dot, whose strings end at 16 KiB.
 *
 * Must not: know what is drawn.
 */
#ifndef ANALYZER_RENDER_EXPORT_DOT_TEXT_H
#define ANALYZER_RENDER_EXPORT_DOT_TEXT_H

#include <stdio.h>

/* On one line, with an ellipsis where it is too long. 0 or -ENOMEM, as
 * of all. */
int dot_text_put(FILE *stream, const char *text);

/* On a few short lines, each ended by \n, broken where a name has parts: behind "::", a comma or a bracket.
 */
int dot_text_wrap(FILE *stream, const char *text);

/* The same for a function; a long name without its parameters, and templates' arguments as an ellipsis. */
int dot_text_function(FILE *stream, const char *name);

#endif
