/*
 * Open addressing over FNV-1a; the table doubles at half full. One thread.
 */
#include "base/intern.h"

#include "base/array.h"
#include "base/scatter.h"

#include <string.h>

uint64_t intern_hash(const char *text) {
        uint64_t hash = 0xcbf29ce484222325u;

        for (; *text; text++)
                hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
        return hash ^ (hash >> 32);
}

static int grow(struct intern *intern) {
        size_t wanted = intern->slot_count ? intern->slot_count * 2 : 256;
        uint32_t *slots = calloc(wanted, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < intern->count; i++) {
                size_t at = scatter(intern->hashes[i]) & (wanted - 1);

                while (slots[at])
                        at = (at + 1) & (wanted - 1);
                slots[at] = (uint32_t)i + 1;
        }
        free(intern->slots);
        intern->slots = slots;
        intern->slot_count = wanted;
        return 0;
}

void intern_deinit(struct intern *intern) {
        for (size_t i = 0; i < intern->count; i++)
                free(intern->texts[i]);
        free(intern->texts);
        free(intern->hashes);
        free(intern->slots);
        *intern = (struct intern){ 0 };
}

int intern_text(struct intern *intern, const char *text, uint32_t *number) {
        uint64_t hash = intern_hash(text);
        size_t at;
        char *copy;

        if (intern->count * 2 >= intern->slot_count && grow(intern) < 0)
                return -ENOMEM;
        for (at = scatter(hash) & (intern->slot_count - 1); intern->slots[at];
             at = (at + 1) & (intern->slot_count - 1)) {
                uint32_t known = intern->slots[at] - 1;

                if (intern->hashes[known] == hash && strcmp(intern->texts[known], text) == 0) {
                        *number = known;
                        return 0;
                }
        }
        if (array_reserve(&intern->texts, &intern->texts_capacity, intern->count + 1, sizeof(char *)) < 0 ||
            array_reserve(&intern->hashes, &intern->hashes_capacity, intern->count + 1, sizeof(uint64_t)) < 0)
                return -ENOMEM;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        intern->texts[intern->count] = copy;
        intern->hashes[intern->count] = hash;
        *number = (uint32_t)intern->count++;
        intern->slots[at] = *number + 1;
        return 0;
}

int intern_own(struct intern *intern, const char *text, const char **own) {
        uint32_t number;

        *own = NULL;
        if (!text)
                return 0;
        if (intern_text(intern, text, &number) < 0)
                return -ENOMEM;
        *own = intern_get(intern, number);
        return 0;
}
