/*
 * What a table has on a terminal and nowhere else: colour, and lines that fit. Text to a pipe, a file or
 * memory is plain and whole, whatever is called here, unless the user says --color always.
 *
 * A table of places is written with two calls. What stands beside the place is made first, because
 * its columns are what the place may not have:
 *
 *     terminal_style(stream, TERMINAL_HEADING);            a heading, or a size, in its colour:
 *     fprintf(stream, "%10s %10s  place", "calls", "size");    anything between the two calls
 *     terminal_style(stream, TERMINAL_PLAIN);
 *
 *     used = fprintf(stream, "%10" PRIu64 " ", calls);      the place last:
 *     terminal_put_place(stream, place, used);
 *
 *     snprintf(rest, sizeof(rest), ": size=%s", ...);      the place first:
 *     terminal_put_place(stream, place, strlen(rest));
 *     fputs(rest, stream);
 *
 * Only stdout can be such a terminal. --color belongs to listing_options, so a command does nothing for it.
 *
 * Must not: be used for JSON or CSV, or know what a table is of.
 */
#ifndef ANALYZER_BASE_TERMINAL_H
#define ANALYZER_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum terminal_style {
        TERMINAL_PLAIN, /* ends each of the others */
        TERMINAL_HEADING,
        TERMINAL_PLACE,
        TERMINAL_SIZE,
        TERMINAL_WARNING, /* figures that are not what they seem, and what failed */
        TERMINAL_GOOD,    /* what passed */
};

/* --color; auto: on a terminal that can, where NO_COLOR is not set. */
enum terminal_color { TERMINAL_COLOR_AUTO, TERMINAL_COLOR_ALWAYS, TERMINAL_COLOR_NEVER };
extern const char *const terminal_color_names[]; /* ends with NULL */

/* For the whole process, before anything is written. */
void terminal_choose(enum terminal_color color);

/* Whether the descriptor is a terminal that can redraw a line of so many columns. */
bool terminal_can_draw(int fd, size_t columns);

/* What is written from here on looks like that. */
void terminal_style(FILE *stream, enum terminal_style style);

/* Columns of a line, COLUMNS before what the terminal says; SIZE_MAX where the stream is no terminal. */
size_t terminal_columns(FILE *stream);

/* Whether the stream is a terminal whose user reads UTF-8, by the locale. */
bool terminal_has_unicode(FILE *stream);

/*
 * A place (or another name whose ends say most) in its colour, made harmless, its middle left out where
 * the line has not the columns. `beside_columns` is what else stands on the line.
 */
void terminal_put_place(FILE *stream, const char *place, size_t beside_columns);

/* Text whose beginning says most: plain, made harmless, its end left out. */
void terminal_put_start(FILE *stream, const char *text, size_t beside_columns);

/*
 * Two places on a line: the first in a column of its own, as wide as the longest of them, by terminal_length,
 * but not wider than terminal_room beside the rest; it is cut like a place and has blanks behind it. The
 * second is written as any other.
 */
size_t terminal_length(FILE *stream,
                       const char *text); /* in columns; in characters where it is no terminal */
size_t terminal_room(FILE *stream, size_t beside_columns);
void terminal_put_column(FILE *stream, const char *place, size_t width);

#endif
