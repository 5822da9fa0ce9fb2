/*
 * Whether files are rules: rules_verdict FILE... prints "taken" or "refused" for each, a line each; why, on
 * stderr.
 */
#include "judge/rules_file.h"

#include <stdio.h>

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                struct rules rules = { .command = "check" };
                struct rules_file file = { 0 };

                puts(rules_file_open(argv[i], &rules, &file) == 0 ? "taken" : "refused");
                rules_file_deinit(&file);
                rules_deinit(&rules);
        }
        return 0;
}
