/*
 * Strings built by concatenation: each step makes a new string and frees the one before.
 *
 *   memtrace run -o strings.mtr -- build/examples/string_temporaries
 *   memtrace report --cost total strings.mtr
 *
 * At most two strings are held, but join allocates thousands of times that on the way, and
 * frees it again at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *join(char *left, const char *right) {
        size_t length = strlen(left);
        char *joined = malloc(length + strlen(right) + 1);
        if (!joined)
                exit(1);
        strcpy(joined, left);
        strcpy(joined + length, right);
        free(left);
        return joined;
}

static char *sentence(int words) {
        char *text = calloc(1, 1);
        for (int i = 0; i < words && text; i++) {
                char word[32];
                snprintf(word, sizeof word, "%sword%d", i ? " " : "", i);
                text = join(text, word);
        }
        return text;
}

int main(void) {
        size_t letters = 0;

        for (int i = 0; i < 400; i++) {
                char *text = sentence(i);
                letters += text ? strlen(text) : 0;
                free(text);
        }
        printf("%zu letters\n", letters);
        return 0;
}
