/* Renders in every form and looks at what comes out: see render_check.h. */
#include "render_check.h"

#include <jansson.h>
#include <stdlib.h>

/* json_loadb wants UTF-8 (RFC 3629); the parts stand for what a user of the JSON relies on. */
static void check_json(const char *text, size_t length) {
        json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

        if (!root || !json_is_object(json_object_get(root, "process")) ||
            !json_is_object(json_object_get(root, "totals")) ||
            !json_is_array(json_object_get(root, "entries")))
                abort();
        json_decref(root);
}

/* One JSON string holds all of it, so the parser looks whether it is UTF-8. */
static void check_text(const char *text, size_t length) {
        json_t *string = json_stringn(text, length);

        if (!string)
                abort();
        json_decref(string);
        for (size_t i = 0; i < length; i++)
                if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f)
                        abort();
}

/* Each line ends with CR LF, and outside quotes each has as many fields as the first. */
static void check_csv(const char *text, size_t length) {
        size_t fields = 0, wanted = 0, lines = 0;
        bool quoted = false;

        for (size_t i = 0; i < length; i++) {
                quoted ^= text[i] == '"';
                fields += !quoted && text[i] == ',';
                if (text[i] == '\n' && (quoted || i == 0 || text[i - 1] != '\r'))
                        abort();
                if (text[i] != '\n')
                        continue;
                wanted = lines++ == 0 ? fields : wanted;
                if (fields != wanted)
                        abort();
                fields = 0;
        }
        if (quoted || lines == 0)
                abort();
}

static void check(const struct report *report, int (*render)(const struct report *, FILE *),
                  void (*look)(const char *, size_t)) {
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);

        if (!stream || render(report, stream) != 0 || fclose(stream) != 0)
                abort();
        look(text, length);
        free(text);
}

static void check_tables(const struct report *report) {
        check(report, render_report_json, check_json);
        check(report, render_report_text, check_text);
        check(report, render_report_csv, check_csv);
}

void render_check_tables(const struct report *as_given) {
        struct sources sources = { 0 };
        struct report report = *as_given;

        report.sources = &sources;
        check_tables(&report);
        sources_deinit(&sources);
}

void render_check(const struct report *as_given) {
        struct sources sources = { 0 };
        struct report report = *as_given;

        report.sources = &sources;
        check_tables(&report);
        if (report.aggregate->wish.by != AGGREGATE_SIZE)
                check(&report, render_report_pretty, check_text);
        sources_deinit(&sources);
}
