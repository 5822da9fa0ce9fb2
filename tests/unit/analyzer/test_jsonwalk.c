/*
 * base/jsonwalk: what people may get wrong in a JSON file, and the line that it is in.
 */
#include "base/jsonwalk.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>

static char taken[200];

static int take_number(struct jsonwalk *walk, const char *name) {
        json_t *value = jsonwalk_value(walk);
        int number = (int)json_integer_value(value), error = value ? 0 : -EINVAL;

        json_decref(value);
        if (error == 0 && number > 9)
                error = jsonwalk_wrong(walk, "%s: %d", name, number);
        if (error == 0)
                sprintf(taken + strlen(taken), "%s=%d@%zu ", name, number, jsonwalk_line(walk));
        return error;
}

static int take_array(struct jsonwalk *walk, const char *name) {
        return jsonwalk_array(walk, name, take_number);
}

static int take_any(struct jsonwalk *walk, const char *name) {
        static const struct jsonwalk_member none[] = { { 0 } };

        return jsonwalk_object(walk, none, take_number);
}

static int read_text(const char *text) {
        static const struct jsonwalk_member members[] = {
                { "one", take_number, true },
                { "many", take_array, false },
                { "any", take_any, false },
                { "note", jsonwalk_skip, false },
                { 0 },
        };
        struct jsonwalk walk = jsonwalk_over(text, strlen(text), "f.json", NULL);
        int error;

        taken[0] = '\0';
        error = jsonwalk_object(&walk, members, NULL);
        return error == 0 ? jsonwalk_end(&walk) : error;
}

Test(jsonwalk, reads) {
        cr_assert_eq(read_text("\n{ \"many\": [1,\n2], \"note\": {\"x\": [7]},\n\n\"one\":\n3,"
                               "\"any\": {\"q\": 4, \"one\": 5}}\n "),
                     0);
        cr_assert_str_eq(taken, "many=1@2 many=2@3 one=3@6 q=4@6 one=5@6 ");
        cr_assert_eq(read_text("{\"one\":1,\"many\":[],\"any\":{}}"), 0);
        cr_assert_str_eq(taken, "one=1@1 ");
}

static const struct wrong {
        const char *text, *message;
} wrongs[] = {
        { "\n 1", "2: not an object" },
        { "", "1: not an object" },
        { "\n{}", "2: it has no \"one\"" },
        { "{\"one\": 1,\n\n\"two\": 2}", "3: \"two\" is not known here; known are one, many, any, note" },
        { "{\"one\": 1,\n\"many\": [],\n\"one\": 1}", "3: \"one\" is there twice" },
        { "{\"any\": {\"a\": 1,\n\"a\": 1}}", "2: \"a\" is there twice" },
        { "{\"one\": 1\n\"many\": []}", "2: neither ',' nor '}' after a value" },
        { "{\"one\": 1", "1: neither ',' nor '}' after a value" },
        { "{\"many\": [1\n2]}", "2: neither ',' nor ']' after a value" },
        { "{\"many\":\n 1}", "2: many: not an array" },
        { "{\"one\": 1, \"many\": [1,\n 2,\n 10]}", "3: many: 10" },
        { "{\"one\" 1}", "1: not a name and ':'" },
        { "{1: 1}", "1: not a name and ':'" },
        { "{\"one\": 1}\n\nx", "3: something behind the end" },
        { "{\n\"note\": {\"a\": 1, \"a\": 2}}", "2: duplicate object key near '\"a\"'" },
};

Test(jsonwalk, tells_the_line, .init = cr_redirect_stderr) {
        for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
                cr_assert_eq(read_text(wrongs[i].text), -EINVAL, "%s", wrongs[i].text);
        }
        fflush(stderr);
        {
                char expected[2000] = "";

                for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++)
                        sprintf(expected + strlen(expected), "memtrace: f.json:%s\n", wrongs[i].message);
                cr_assert_stderr_eq_str(expected);
        }
}
