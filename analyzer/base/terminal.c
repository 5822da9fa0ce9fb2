/*
 * See terminal.h. What stdout is does not change in the life of a process, and is looked at once. One thread.
 */
#include "base/terminal.h"

#include "base/options.h"
#include "base/text.h"

#include <memtrace/harmless.h>

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMNS_UNKNOWN 80 /* of a terminal that does not say, as git and ls have it */
#define COLUMNS_LEAST 16   /* left of a name, however narrow the terminal */
#define ELLIPSIS "..."
#define ELLIPSIS_COLUMNS 3u
#define ESCAPED_COLUMNS 4u /* \xNN */

const char *const terminal_color_names[] = { "auto", "always", "never", NULL };

static const char *const sequences[] = {
        [TERMINAL_PLAIN] = "\33[0m", [TERMINAL_HEADING] = "\33[1m",    [TERMINAL_PLACE] = "\33[36m",
        [TERMINAL_SIZE] = "\33[33m", [TERMINAL_WARNING] = "\33[1;31m", [TERMINAL_GOOD] = "\33[32m",
};

static enum terminal_color chosen;

void terminal_choose(enum terminal_color color) {
        chosen = color;
}

/* More than to type on. */
static bool is_capable(int fd) {
        const char *term = getenv("TERM");

        return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static bool can_color(void) {
        const char *refused = getenv("NO_COLOR");

        if (chosen != TERMINAL_COLOR_AUTO)
                return chosen == TERMINAL_COLOR_ALWAYS;
        return is_capable(STDOUT_FILENO) && !(refused && *refused);
}

void terminal_style(FILE *stream, enum terminal_style style) {
        static int answer = -1;

        if (stream != stdout)
                return;
        if (answer < 0)
                answer = can_color();
        if (answer)
                fputs(sequences[style], stream);
}

static size_t ask_columns(int fd) {
        const char *wanted = getenv("COLUMNS");
        unsigned long long columns;
        struct winsize window;

        if (!isatty(fd))
                return SIZE_MAX;
        if (wanted && options_number(wanted, 1, SIZE_MAX, &columns) == 0)
                return (size_t)columns;
        if (ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
                return window.ws_col;
        return COLUMNS_UNKNOWN;
}

size_t terminal_columns(FILE *stream) {
        static size_t answer;

        if (stream != stdout)
                return SIZE_MAX;
        if (answer == 0)
                answer = ask_columns(STDOUT_FILENO);
        return answer;
}

bool terminal_has_unicode(FILE *stream) {
        locale_t users = terminal_columns(stream) == SIZE_MAX ? (locale_t)0
                                                              : newlocale(LC_CTYPE_MASK, "", (locale_t)0);
        bool has = users && strcmp(nl_langinfo_l(CODESET, users), "UTF-8") == 0;

        if (users)
                freelocale(users);
        return has;
}

bool terminal_can_draw(int fd, size_t columns) {
        return is_capable(fd) && ask_columns(fd) >= columns;
}

/* The columns of one character as text_put writes it; *bytes is its length. */
static size_t columns_at(const char *at, size_t left_bytes, size_t *bytes) {
        size_t length = mtr_harmless_bytes((const uint8_t *)at, left_bytes);
        mbstate_t state = { 0 };
        wchar_t wide;
        int columns;

        *bytes = length ? length : 1;
        if (length == 0)
                return ESCAPED_COLUMNS;
        if (length == 1 || mbrtowc(&wide, at, length, &state) != length)
                return 1;
        columns = wcwidth(wide);
        return columns >= 0 ? (size_t)columns : 1;
}

/* How much of the text takes no more than `most` columns, in bytes; *used is how many they are. */
static size_t fitting_bytes(const char *text, size_t length_bytes, size_t most, size_t *used) {
        size_t at = 0;

        for (*used = 0; at < length_bytes;) {
                size_t bytes, columns = columns_at(text + at, length_bytes - at, &bytes);

                if (columns > most - *used)
                        break;
                *used += columns;
                at += bytes;
        }
        return at;
}

/* Of a text of `all` columns what is left in the last `most`: where that begins. A sign that stands on
 * the one before it does not begin it. */
static size_t tail_begin(const char *text, size_t length_bytes, size_t all, size_t most) {
        size_t at = 0;

        while (at < length_bytes) {
                size_t bytes, columns = columns_at(text + at, length_bytes - at, &bytes);

                if (all <= most && columns > 0)
                        break;
                all -= columns;
                at += bytes;
        }
        return at;
}

/* The columns it took. `share` of what there is room for beside the ellipsis, one in so many columns, is the
 * beginning. */
static size_t put_fitting(FILE *stream, const char *text, size_t room, size_t share) {
        size_t length_bytes = strlen(text), all, head_columns, head_bytes, tail, tail_columns;

        if (fitting_bytes(text, length_bytes, room, &all) == length_bytes) {
                text_put(stream, text);
                return all;
        }
        fitting_bytes(text, length_bytes, SIZE_MAX, &all);
        room -= ELLIPSIS_COLUMNS;
        head_bytes = fitting_bytes(text, length_bytes, room / share, &head_columns);
        tail = tail_begin(text, length_bytes, all, room - room / share);
        text_put_bytes(stream, text, head_bytes);
        fputs(ELLIPSIS, stream);
        text_put(stream, text + tail);
        fitting_bytes(text + tail, length_bytes - tail, SIZE_MAX, &tail_columns);
        return head_columns + ELLIPSIS_COLUMNS + tail_columns;
}

/*
 * Names are UTF-8 whatever the user's locale says; without that locale, or a terminal, a character is a
 * column. The locale to leave it for.
 */
static locale_t enter(FILE *stream) {
        static locale_t characters;

        if (terminal_columns(stream) == SIZE_MAX)
                return (locale_t)0;
        if (!characters)
                characters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        return characters ? uselocale(characters) : (locale_t)0;
}

static void leave(locale_t before) {
        if (before)
                uselocale(before);
}

static void put(FILE *stream, const char *text, size_t beside_columns, size_t share) {
        size_t columns = terminal_columns(stream);
        locale_t before = enter(stream);

        if (columns == SIZE_MAX)
                text_put(stream, text);
        else
                put_fitting(stream, text,
                            columns > beside_columns + COLUMNS_LEAST ? columns - beside_columns
                                                                     : COLUMNS_LEAST,
                            share);
        leave(before);
}

void terminal_put_place(FILE *stream, const char *place, size_t beside_columns) {
        terminal_style(stream, TERMINAL_PLACE);
        put(stream, place, beside_columns, 3);
        terminal_style(stream, TERMINAL_PLAIN);
}

void terminal_put_start(FILE *stream, const char *text, size_t beside_columns) {
        put(stream, text, beside_columns, 1);
}

size_t terminal_length(FILE *stream, const char *text) {
        locale_t before = enter(stream);
        size_t length;

        fitting_bytes(text, strlen(text), SIZE_MAX, &length);
        leave(before);
        return length;
}

size_t terminal_room(FILE *stream, size_t beside_columns) {
        size_t columns = terminal_columns(stream);

        if (columns == SIZE_MAX)
                return SIZE_MAX;
        return columns > beside_columns + 2 * COLUMNS_LEAST ? (columns - beside_columns) / 2 : COLUMNS_LEAST;
}

void terminal_put_column(FILE *stream, const char *place, size_t width) {
        size_t length = terminal_length(stream, place);
        locale_t before = enter(stream);

        terminal_style(stream, TERMINAL_PLACE);
        if (terminal_columns(stream) == SIZE_MAX)
                text_put(stream, place);
        else
                length = put_fitting(stream, place, width, 3);
        terminal_style(stream, TERMINAL_PLAIN);
        leave(before);
        fprintf(stream, "%*s", length < width ? (int)(width - length) : 0, "");
}
