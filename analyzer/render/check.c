/*
 * See check.h.
 */
#include "render/check.h"

#include "render/check_github.h"
#include "render/check_json.h"
#include "render/check_junit.h"
#include "render/check_sarif.h"
#include "render/check_text.h"

const char *const check_format_names[] = { "text", "json", "junit", "sarif", "github", NULL };

int check_print(enum check_format format, const struct checks *checks, const struct check_output *output,
                FILE *stream) {
        switch (format) {
        case CHECK_JSON:
                return check_json(checks, stream);
        case CHECK_JUNIT:
                return check_junit(checks, output, stream);
        case CHECK_SARIF:
                return check_sarif(checks, output, stream);
        case CHECK_GITHUB:
                return check_github(checks, output, stream);
        default:
                return check_text(checks, output, stream);
        }
}
