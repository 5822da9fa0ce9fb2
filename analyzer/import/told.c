/*
 * See told.h.
 */
#include "import/told.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

int told_command(const struct input *input, struct writer *writer, const char *exe, const char *command,
                 const struct writer_process *process) {
        struct writer_process told = *process;
        size_t length = strlen(command);
        char *argv = malloc(length + 1);

        if (!argv)
                return input_no_memory(input);
        for (size_t i = 0; i <= length; i++)
                argv[i] = command[i] == ' ' ? '\0' : command[i];
        told.exe = exe ? exe : argv;
        told.argv = argv;
        told.argv_bytes = length ? length + 1 : 0;
        writer_process(writer, &told);
        free(argv);
        return 0;
}

char *told_place(const char *module, const char *function) {
        char *place;

        if (asprintf(&place, "%s:%s", module && *module ? path_base(module) : "<unknown>",
                     function ? function : "<unresolved>") < 0)
                return NULL;
        return place;
}
