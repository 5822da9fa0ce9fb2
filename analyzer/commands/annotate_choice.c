/*
 * See annotate.h. One thread.
 */
#include "commands/annotate.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"

#include <stdio.h>
#include <string.h>

/* FILE or FUNCTION, as a user writes it. */
struct operand {
        const char *given;
        char *path; /* without "." and ".."; heap */
        char *tail; /* as the end of a longer path; heap */
};

struct choosing {
        struct state *state;
        const struct annotate_wish *wish;
        struct annotate_choice *choice;
        struct aggregate_wish sums;
        uint64_t least_bytes;
        size_t limit;
};

static int no_memory(void) {
        return message_errno(ENOMEM, "annotate", "cannot choose");
}

static void operand_deinit(struct operand *operand) {
        free(operand->path);
        free(operand->tail);
}

static int operand_init(struct operand *operand, const char *given) {
        *operand = (struct operand){ .given = given, .path = path_tidy(given) };
        if (operand->path && asprintf(&operand->tail, "*/%s", operand->path) >= 0)
                return 0;
        free(operand->path);
        return no_memory();
}

static bool is_path(const struct operand *operand, const char *path) {
        return filter_matches_path(operand->given, path) || filter_matches_path(operand->path, path) ||
               (strchr(operand->path, '/') && filter_matches_path(operand->tail, path));
}

/* A file may be named as debug information has it, by the end of that, or by its whole path. */
static bool is_file(const struct operand *operand, const struct aggregate_entry *entry) {
        const struct symbol_frame *frame = entry->frame;
        bool found = is_path(operand, filter_file(frame));
        char *whole = !found && frame->directory ? path_under(frame->directory, frame->file) : NULL;

        found = found || (whole && is_path(operand, whole));
        free(whole);
        return found;
}

static bool is_function(const struct operand *operand, const struct aggregate_entry *entry) {
        return filter_matches_function(operand->given, entry->function);
}

typedef bool is_named(const struct operand *operand, const struct aggregate_entry *entry);

static bool names_any(const struct operand *operand, const struct annotation *annotation, is_named *named) {
        for (size_t i = 0; i < annotation->places.count; i++)
                if (named(operand, &annotation->places.entries[i]))
                        return true;
        return false;
}

/* Whether one of the functions that are named is in the file. */
static bool holds_named(const struct choosing *choosing, const struct operand *operand,
                        const struct aggregate_entry *file, is_named *named) {
        const struct aggregate *functions = &choosing->choice->functions.places;

        for (size_t i = 0; i < functions->count; i++)
                if (strcmp(filter_file(functions->entries[i].frame), filter_file(file->frame)) == 0 &&
                    named(operand, &functions->entries[i]))
                        return true;
        return false;
}

static int add_table(struct choosing *choosing, const struct annotation *annotation, size_t number) {
        struct annotate_choice *choice = choosing->choice;
        const struct aggregate_entry *place = &annotation->places.entries[number];

        if (place->size_bytes < choosing->least_bytes || choice->table_count == choosing->limit)
                return 0;
        for (size_t i = 0; i < choice->table_count; i++)
                if (choice->tables[i].place == place)
                        return 0; /* two operands name it */
        if (array_reserve(&choice->tables, &choice->table_capacity, choice->table_count + 1,
                          sizeof(*choice->tables)) < 0)
                return no_memory();
        choice->tables[choice->table_count++] = annotation_table(annotation, number);
        return 0;
}

static int make(struct choosing *choosing, enum aggregate_by by, struct annotation *annotation) {
        choosing->sums.by = by;
        return annotation_make(&choosing->state->range.more, choosing->choice->charge, &choosing->sums,
                               annotation);
}

static int need_files(struct choosing *choosing) {
        struct annotate_choice *choice = choosing->choice;
        int error = choice->has_files ? 0 : make(choosing, AGGREGATE_FILE, &choice->files);

        choice->has_files |= error == 0;
        return error;
}

static int add_operand(struct choosing *choosing, const struct operand *operand) {
        struct annotate_choice *choice = choosing->choice;
        enum aggregate_by by = choosing->wish->grouping->by;
        is_named *named = names_any(operand, &choice->functions, is_file)       ? is_file
                          : names_any(operand, &choice->functions, is_function) ? is_function
                                                                                : NULL;
        int error = 0;

        if (!named) {
                message("annotate: %s matches neither a file nor a function here", operand->given);
                return 0;
        }
        if (by == AGGREGATE_FUNCTION || (by != AGGREGATE_FILE && named == is_function)) {
                for (size_t i = 0; error == 0 && i < choice->functions.places.count; i++)
                        if (named(operand, &choice->functions.places.entries[i]))
                                error = add_table(choosing, &choice->functions, i);
                return error;
        }
        error = need_files(choosing);
        for (size_t i = 0; error == 0 && i < choice->files.places.count; i++)
                if (holds_named(choosing, operand, &choice->files.places.entries[i], named))
                        error = add_table(choosing, &choice->files, i);
        return error;
}

/* Those that hold most. */
static int add_all(struct choosing *choosing) {
        struct annotate_choice *choice = choosing->choice;
        bool by_file = choosing->wish->grouping->by == AGGREGATE_FILE;
        const struct annotation *annotation = by_file ? &choice->files : &choice->functions;
        int error = by_file ? need_files(choosing) : 0;

        for (size_t i = 0; error == 0 && i < annotation->places.count; i++)
                error = add_table(choosing, annotation, i);
        return error;
}

static int add_operands(struct choosing *choosing) {
        int error = 0;

        for (size_t i = 0; error == 0 && choosing->wish->operands[i]; i++) {
                struct operand operand;

                error = operand_init(&operand, choosing->wish->operands[i]);
                if (error < 0)
                        break;
                error = add_operand(choosing, &operand);
                operand_deinit(&operand);
        }
        return error;
}

/* How much of it; what holds nothing is shown where it is named. */
static void set_limits(struct choosing *choosing) {
        const struct listing *listing = choosing->wish->listing;
        bool named = choosing->wish->operands[0];

        choosing->limit = named && listing->limit == 0 ? SIZE_MAX : listing_limit(listing);
        choosing->least_bytes = listing_least(listing, choosing->choice->functions.places.size_bytes);
        if (choosing->least_bytes == 0 && !named && listing->format == LISTING_TEXT)
                choosing->least_bytes = 1;
}

int annotate_choose(struct state *state, const struct annotate_wish *wish, struct annotate_choice *choice) {
        struct choosing choosing = { .state = state,
                                     .wish = wish,
                                     .choice = choice,
                                     .sums = tally_sums(wish->grouping, wish->selection) };
        int error;

        *choice = (struct annotate_choice){ 0 };
        choice->charge =
                charge_new(state->trace, state->symbols, wish->selection->frame, &wish->selection->skips);
        error = choice->charge ? make(&choosing, AGGREGATE_FUNCTION, &choice->functions) : -ENOMEM;
        if (error == 0) {
                set_limits(&choosing);
                error = wish->operands[0] ? add_operands(&choosing) : add_all(&choosing);
        }
        if (error < 0)
                annotate_choice_deinit(choice);
        return error;
}

void annotate_choice_deinit(struct annotate_choice *choice) {
        free(choice->tables);
        annotation_deinit(&choice->functions);
        annotation_deinit(&choice->files);
        charge_free(choice->charge);
        *choice = (struct annotate_choice){ 0 };
}
