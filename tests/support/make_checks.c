/*
 * Prints checks made by hand in a format: make_checks rich|passed|hostile|COUNT FORMAT
 */
#include "check_samples.h"

#include "render/check_github.h"
#include "render/check_json.h"
#include "render/check_junit.h"
#include "render/check_sarif.h"
#include "render/check_text.h"

#include <stdlib.h>
#include <string.h>

static int put_json(const struct checks *checks, const struct check_output *output, FILE *stream) {
        return check_json(checks, stream);
}

static struct checks sample(const char *name) {
        if (strcmp(name, "rich") == 0)
                return check_samples_rich();
        if (strcmp(name, "hostile") == 0)
                return check_samples_hostile();
        return strcmp(name, "passed") == 0 ? check_samples_passed()
                                           : check_samples_many(strtoul(name, NULL, 10));
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int (*put)(const struct checks *checks, const struct check_output *output, FILE *stream);
        } formats[] = { { "text", check_text },
                        { "json", put_json },
                        { "junit", check_junit },
                        { "sarif", check_sarif },
                        { "github", check_github } };
        const struct check_output output = { .limit = CHECK_OUTPUT_FINDINGS,
                                             .frame_limit = CHECK_OUTPUT_FRAMES,
                                             .root = "/build" };
        struct checks checks;
        int error = -1;

        if (argc != 3)
                return 2;
        checks = sample(argv[1]);
        for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
                if (strcmp(argv[2], formats[i].name) == 0)
                        error = formats[i].put(&checks, &output, stdout);
        checks_deinit(&checks);
        return error < 0 ? 2 : 0;
}
