/*
 * Runs a fuzz target over a corpus and mutations of it, the same ones every time, as an ordinary
 * test: fuzz DIRECTORY [ROUNDS]. Not a fuzzer: it only keeps what was once found from coming back,
 * and catches what is easily found.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
}

static size_t read_input(const char *directory, const char *name, uint8_t *data) {
        char path[4096];
        size_t length;
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        file = fopen(path, "rb");
        if (!file)
                return 0;
        length = fread(data, 1, INPUT_MAX, file);
        fclose(file);
        return length;
}

/* Bytes set, bits flipped, pieces copied and cut out: what damages formats like this one. */
static size_t mutate(uint8_t *data, size_t length) {
        for (uint64_t changes = next_random() % 6 + 1; changes > 0 && length > 1; changes--) {
                size_t at = next_random() % length, other = next_random() % length;
                size_t span = next_random() % 16 + 1;

                if (span > length - at)
                        span = length - at;
                if (span > length - other)
                        span = length - other;
                switch (next_random() % 6) {
                case 0:
                        data[at] ^= (uint8_t)(1u << next_random() % 8);
                        break;
                case 1:
                        data[at] = (uint8_t)next_random();
                        break;
                case 2:
                        data[at] = next_random() % 2 ? 0xff : 0;
                        break;
                case 3:
                        memmove(data + at, data + other, span);
                        break;
                case 4:
                        memset(data + at, 0xff, span);
                        break;
                default:
                        memmove(data + at, data + at + span, length - at - span);
                        length -= span;
                        break;
                }
        }
        return length;
}

int main(int argc, char **argv) {
        unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
        uint8_t *input = malloc(INPUT_MAX), *mutant = malloc(INPUT_MAX);
        DIR *directory = argc > 1 ? opendir(argv[1]) : NULL;
        unsigned inputs = 0;
        struct dirent *entry;

        if (!input || !mutant || !directory) {
                fprintf(stderr, "fuzz: DIRECTORY [ROUNDS]\n");
                return 2;
        }
        while ((entry = readdir(directory))) {
                size_t length = entry->d_name[0] == '.' ? 0 : read_input(argv[1], entry->d_name, input);

                if (length == 0)
                        continue;
                inputs++;
                LLVMFuzzerTestOneInput(input, length);
                for (unsigned long i = 0; i < rounds; i++) {
                        memcpy(mutant, input, length);
                        LLVMFuzzerTestOneInput(mutant, mutate(mutant, length));
                }
        }
        closedir(directory);
        free(input);
        free(mutant);
        printf("%u inputs, %lu mutations of each\n", inputs, rounds);
        return inputs > 0 ? 0 : 1;
}
