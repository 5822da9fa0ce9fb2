/*
 * A leak in an error path: a record that does not parse is dropped, its fields are not.
 *
 *   memtrace run -o leak.mtr -- build/examples/error_path_leak
 *   memtrace report --cost leaked leak.mtr
 *
 * One line leaks: the copy of a field in parse_record. The other is the buffer of stdout, which libc keeps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 3 };

struct record {
        char *fields[FIELDS];
};

static void record_free(struct record *record) {
        for (int i = 0; i < FIELDS; i++)
                free(record->fields[i]);
        free(record);
}

static struct record *parse_record(const char *line) {
        struct record *record = calloc(1, sizeof *record);
        if (!record)
                return NULL;
        for (int i = 0; i < FIELDS; i++) {
                size_t length = strcspn(line, ",");
                if (length == 0) {
                        free(record); /* the fields read so far are forgotten here */
                        return NULL;
                }
                record->fields[i] = malloc(length + 1);
                if (!record->fields[i])
                        return NULL;
                memcpy(record->fields[i], line, length);
                record->fields[i][length] = '\0';
                line += length + (line[length] == ',');
        }
        return record;
}

int main(void) {
        int good = 0, bad = 0;

        for (int i = 0; i < 20000; i++) {
                char line[64];
                snprintf(line, sizeof line, i % 10 ? "name%d,%d,%d" : "name%d,%d,", i, i * 3, i * 7);
                struct record *record = parse_record(line);
                if (record) {
                        good++;
                        record_free(record);
                } else {
                        bad++;
                }
        }
        printf("%d records, %d rejected\n", good, bad);
        return 0;
}
