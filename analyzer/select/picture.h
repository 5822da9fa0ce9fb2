/*
 * Where a picture goes, how wide it is and what stands above it: --output, --width and --title, which all
 * commands that draw have in common.
 *
 * Must not: draw.
 */
#ifndef ANALYZER_SELECT_PICTURE_H
#define ANALYZER_SELECT_PICTURE_H

#include "base/options.h"
#include "base/whole.h"

#include <stdbool.h>

struct picture {
        const char *command; /* for messages */
        const char *title;   /* NULL: not given */
        unsigned width;      /* pixels; the command's own where not given */
        const char *output;  /* NULL: not given */
        bool png;
};

/* Its context is a struct picture with its command and width set. */
extern const struct option_group picture_options;

/* 0, or -EINVAL, reported: nobody can tell from the output's name what it is to be. */
int picture_settle(struct picture *picture);

/* An open picture. */
struct picture_file {
        FILE *stream; /* of SVG, to write to */
        const struct picture *picture;
        struct whole whole; /* without a stream where the picture goes to stdout */
        char *name;         /* heap */
};

/*
 * `subject` is the operand, from which a picture without --output has its name: "app.KIND.svg" for
 * dir/app.mtr. 0 or a negative errno already reported, as where there is such a file.
 */
int picture_begin(struct picture_file *file, const struct picture *picture, const char *subject,
                  const char *kind);

/*
 * The picture is drawn, or `error` says that it is not, and nothing is left of it. `error`, 0 or a negative
 * errno already reported.
 */
int picture_end(struct picture_file *file, int error);

#endif
