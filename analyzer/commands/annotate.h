/*
 * Which sources memtrace annotate shows: those that its operands name, or those that hold most.
 *
 * For the command's own files alone.
 */
#ifndef ANALYZER_COMMANDS_ANNOTATE_H
#define ANALYZER_COMMANDS_ANNOTATE_H

#include "aggregate/annotation.h"
#include "select/listing.h"
#include "select/tally.h"

/* All that is asked; the user's words. */
struct annotate_wish {
        const struct grouping
                *grouping; /* by AGGREGATE_LINE: by function or by file, as the operands name them */
        const struct listing *listing;
        struct selection *selection;
        char *const *operands; /* end with NULL */
};

struct annotate_choice {
        struct charge *charge;
        struct annotation functions, files; /* files: only where one is shown */
        bool has_files;
        struct annotation_table *tables;
        size_t table_count, table_capacity;
};

/*
 * 0 or a negative errno already reported; an operand that names nothing is said and no error. To deinit on
 * success alone. The state must outlive it.
 */
int annotate_choose(struct state *state, const struct annotate_wish *wish, struct annotate_choice *choice);
void annotate_choice_deinit(struct annotate_choice *choice);

#endif
