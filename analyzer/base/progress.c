/*
 * See progress.h. The second counts from where the first work began: many short ones are long too.
 */
#include "base/progress.h"

#include <stdbool.h>

#define PATIENCE_NS 1000000000u /* before anything is shown */
#define REDRAW_NS 100000000u
#define BAR_LENGTH 20

static FILE *shown_on;
static uint64_t (*clock_ns)(void);
static uint64_t next_ns; /* when to draw; 0: no work has begun yet */
static const char *name;
static uint64_t whole;
static bool drawn;

void progress_show(FILE *stream, uint64_t (*now_ns)(void)) {
        shown_on = stream;
        clock_ns = now_ns;
}

void progress_begin(const char *what, uint64_t all) {
        name = what;
        whole = all;
        if (shown_on && next_ns == 0)
                next_ns = clock_ns() + PATIENCE_NS;
}

static void draw(double share) {
        /* one write: another process may write to the terminal too */
        fprintf(shown_on, "\r%-9s [%-*.*s] %3d %%\33[K", name, BAR_LENGTH, (int)(share * BAR_LENGTH),
                "####################", (int)(share * 100));
        drawn = true;
}

void progress_at(uint64_t done) {
        uint64_t now_ns;

        if (!shown_on)
                return;
        now_ns = clock_ns();
        if (now_ns < next_ns)
                return;
        next_ns = now_ns + REDRAW_NS;
        draw(done < whole ? (double)done / (double)whole : 1);
}

void progress_end(void) {
        if (drawn)
                fputs("\r\33[K", shown_on);
        drawn = false;
}
