/*
 * What several tools' files tell alike: the command as one line, and places without a line. One thread.
 *
 * Must not: know which tool it was.
 */
#ifndef ANALYZER_IMPORT_TOLD_H
#define ANALYZER_IMPORT_TOLD_H

#include "import/input.h"
#include "writer/writer.h"

/* The program, by a command in which blanks within arguments cannot be told from those between them. exe
 * NULL: it is the command's first word. 0 or -ENOMEM, reported. */
int told_command(const struct input *input, struct writer *writer, const char *exe, const char *command,
                 const struct writer_process *process);

/* "libz.so.1:inflate": the module's path or NULL, the function or NULL. An address would be one run's, and no
 * file has it. Heap; NULL: no memory. */
char *told_place(const char *module, const char *function);

#endif
