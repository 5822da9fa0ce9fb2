/*
 * Prints checks made by hand in a format: make_checks rich|passed|hostile|COUNT FORMAT
 */
#include "check_samples.h"

#include "base/options.h"
#include "render/check.h"

#include <stdlib.h>
#include <string.h>

static struct checks sample(const char *name) {
        if (strcmp(name, "rich") == 0)
                return check_samples_rich();
        if (strcmp(name, "hostile") == 0)
                return check_samples_hostile();
        return strcmp(name, "passed") == 0 ? check_samples_passed()
                                           : check_samples_many(strtoul(name, NULL, 10));
}

int main(int argc, char **argv) {
        const struct check_output output = { .limit = CHECK_OUTPUT_FINDINGS,
                                             .frame_limit = CHECK_OUTPUT_FRAMES,
                                             .root = "/build" };
        int format = argc == 3 ? options_choice(argv[2], check_format_names) : -1, error;
        struct checks checks;

        if (format < 0)
                return 2;
        checks = sample(argv[1]);
        error = check_print((enum check_format)format, &checks, &output, stdout);
        checks_deinit(&checks);
        return error < 0 ? 2 : 0;
}
