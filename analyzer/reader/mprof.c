/*
 * See mprof.h. One thread.
 */
#include "reader/mprof.h"

#include "base/array.h"
#include "base/message.h"
#include "base/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 7u
#define MEBIBYTES_MAX 0x1p36
#define SECONDS_MAX 9e9 /* in nanoseconds it fits 64 bits */

struct line {
        char *words[WORDS_MAX];
        size_t count;
};

bool mprof_is(const char *path) {
        static const char *const begins[] = { "CMDLINE ", "MEM ", "FUNC ", "CHLD " };
        char first[9] = "";
        FILE *stream = fopen(path, "re");
        size_t length;

        if (!stream)
                return false;
        length = fread(first, 1, sizeof(first) - 1, stream);
        fclose(stream);
        for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
                if (length >= strlen(begins[i]) && strncmp(first, begins[i], strlen(begins[i])) == 0)
                        return true;
        return false;
}

/* A plain decimal number up to `most`; below 0 is what mprof writes of a process that has gone. */
static bool read_decimal(const char *word, double most, double *value) {
        char *end;

        if (!*word || word[strspn(word, "0123456789.-")])
                return false;
        *value = strtod(word, &end);
        return !*end && isfinite(*value) && *value <= most;
}

/* Nanoseconds since 1970; below 0 is no time. */
static bool read_time(const char *word, uint64_t *time_ns) {
        double seconds;

        if (!read_decimal(word, SECONDS_MAX, &seconds) || seconds < 0)
                return false;
        *time_ns = (uint64_t)llround(seconds * 1e4) * 100000; /* as many digits as mprof writes */
        return true;
}

static int add_sample(struct mprof *mprof, uint32_t child, double mebibytes, uint64_t time_ns) {
        if (mebibytes < 0)
                return 0;
        if (array_reserve(&mprof->samples, &mprof->sample_capacity, mprof->sample_count + 1,
                          sizeof(*mprof->samples)) < 0)
                return -ENOMEM;
        mprof->samples[mprof->sample_count++] =
                (struct mprof_sample){ time_ns, (uint64_t)(mebibytes * 0x1p20), child };
        return 0;
}

/* 0, -ENOMEM, or -EINVAL: makes no sense. */
static int take_sample(struct mprof *mprof, const struct line *line, size_t at, uint32_t child) {
        double mebibytes;
        uint64_t time_ns;

        if (line->count != at + 2 || !read_decimal(line->words[at], MEBIBYTES_MAX, &mebibytes) ||
            !read_time(line->words[at + 1], &time_ns))
                return -EINVAL;
        return add_sample(mprof, child, mebibytes, time_ns);
}

static int take_child(struct mprof *mprof, const struct line *line) {
        unsigned long long number;

        if (line->count < 2 || options_number(line->words[1], 0, UINT32_MAX - 1, &number) < 0)
                return -EINVAL;
        return take_sample(mprof, line, 2, (uint32_t)number + 1);
}

/* A call, and what was sampled at its begin and its end, which mprof draws as well. */
static int take_call(struct mprof *mprof, const struct line *line) {
        double before, after;
        struct mprof_call call;
        int error;

        if (line->count < 6 || !read_decimal(line->words[2], MEBIBYTES_MAX, &before) ||
            !read_time(line->words[3], &call.begin_ns) ||
            !read_decimal(line->words[4], MEBIBYTES_MAX, &after) ||
            !read_time(line->words[5], &call.end_ns) || call.end_ns < call.begin_ns)
                return -EINVAL;
        error = add_sample(mprof, 0, before, call.begin_ns);
        if (error == 0)
                error = add_sample(mprof, 0, after, call.end_ns);
        if (error == 0)
                error = array_reserve(&mprof->calls, &mprof->call_capacity, mprof->call_count + 1,
                                      sizeof(call));
        if (error != 0 || !(call.name = strdup(line->words[1])))
                return -ENOMEM;
        mprof->calls[mprof->call_count++] = call;
        return 0;
}

static int take_command(struct mprof *mprof, const char *command) {
        free(mprof->command);
        mprof->command = strdup(command);
        return mprof->command ? 0 : -ENOMEM;
}

static int take_line(struct mprof *mprof, char *text) {
        struct line line = { .count = 0 };
        char *rest = text;

        if (strncmp(text, "CMDLINE ", strlen("CMDLINE ")) == 0)
                return take_command(mprof, text + strlen("CMDLINE "));
        while (line.count < WORDS_MAX && (line.words[line.count] = strsep(&rest, " ")))
                line.count++;
        if (strcmp(line.words[0], "MEM") == 0)
                return take_sample(mprof, &line, 1, 0);
        if (strcmp(line.words[0], "FUNC") == 0)
                return take_call(mprof, &line);
        return strcmp(line.words[0], "CHLD") == 0 ? take_child(mprof, &line) : 0;
}

static int by_time(const void *left, const void *right) {
        const struct mprof_sample *one = left, *other = right;

        if (one->child != other->child)
                return one->child < other->child ? -1 : 1;
        return one->time_ns < other->time_ns ? -1 : one->time_ns > other->time_ns;
}

/* From the earliest time on. */
static void settle(struct mprof *mprof) {
        uint64_t first_ns = UINT64_MAX, last_ns = 0;

        for (size_t i = 0; i < mprof->sample_count; i++) {
                first_ns = mprof->samples[i].time_ns < first_ns ? mprof->samples[i].time_ns : first_ns;
                last_ns = mprof->samples[i].time_ns > last_ns ? mprof->samples[i].time_ns : last_ns;
        }
        for (size_t i = 0; i < mprof->sample_count; i++)
                mprof->samples[i].time_ns -= first_ns;
        for (size_t i = 0; i < mprof->call_count; i++) {
                /* a call's own samples may be none */
                mprof->calls[i].begin_ns -=
                        mprof->calls[i].begin_ns < first_ns ? mprof->calls[i].begin_ns : first_ns;
                mprof->calls[i].end_ns -=
                        mprof->calls[i].end_ns < first_ns ? mprof->calls[i].end_ns : first_ns;
        }
        mprof->start_unix_ns = first_ns;
        mprof->last_ns = last_ns - first_ns;
        qsort(mprof->samples, mprof->sample_count, sizeof(*mprof->samples), by_time);
}

static int read_lines(FILE *stream, const char *name, struct mprof *mprof) {
        char *text = NULL;
        size_t capacity = 0, number = 0;
        ssize_t length;
        int error = take_command(mprof, "");

        while (error == 0 && (length = getline(&text, &capacity, stream)) >= 0) {
                while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
                        text[--length] = '\0';
                error = take_line(mprof, text);
                number++;
        }
        free(text);
        if (error == -EINVAL)
                message("%s: line %zu makes no sense in a file of mprof", name, number);
        else if (error != 0 || ferror(stream))
                error = message_errno(error ? -error : EIO, name, "cannot read");
        return error;
}

int mprof_read(FILE *stream, const char *name, struct mprof **out) {
        struct mprof *mprof = calloc(1, sizeof(*mprof));
        int error = mprof ? read_lines(stream, name, mprof) : message_errno(ENOMEM, name, "cannot read");

        if (error == 0 && mprof->sample_count == 0) {
                message("%s: no memory usage values in this file of mprof", name);
                error = -EINVAL;
        }
        if (error != 0) {
                mprof_free(mprof);
                return error;
        }
        settle(mprof);
        *out = mprof;
        return 0;
}

int mprof_open(const char *path, struct mprof **out) {
        FILE *stream = fopen(path, "re");
        int error = stream ? mprof_read(stream, path, out) : message_errno(errno, path, "cannot open");

        if (stream)
                fclose(stream);
        return error;
}

void mprof_free(struct mprof *mprof) {
        if (!mprof)
                return;
        for (size_t i = 0; i < mprof->call_count; i++)
                free(mprof->calls[i].name);
        free(mprof->calls);
        free(mprof->samples);
        free(mprof->command);
        free(mprof);
}
