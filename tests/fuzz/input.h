/*
 * A fuzzer's input as a row of NUL-terminated strings, and numbers made of them. What follows its end is
 * nothing.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdint.h>
#include <string.h>

/* The rest of the input, taken from its front; a NUL stands before the end. */
struct input {
        const char *at, *end;
};

/* Within the input; NULL where it has ended. */
static inline const char *input_string(struct input *input) {
        const char *string = input->at;

        if (string == input->end)
                return NULL;
        input->at += strlen(string) + 1;
        return string;
}

static inline uint64_t input_number(struct input *input) {
        const char *string = input_string(input);
        uint64_t number = 0;

        memcpy(&number, string ? string : "", string ? strnlen(string, sizeof(number)) : 0);
        return number;
}

#endif
