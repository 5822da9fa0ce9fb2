/* Calls itself, in circles, and through what the compiler inlines; with an argument it also frees some of
 * what it has. */
#include <stdlib.h>

static void *kept[100];
static int count;

static inline __attribute__((always_inline)) void *wrapper(size_t size) {
        return malloc(size);
}

static void put(size_t size) {
        kept[count++] = wrapper(size);
}

static void visit(int depth);

static void walk(int depth) {
        put(10);
        if (depth)
                visit(depth - 1);
        kept[count++] = malloc(3);
}

static void visit(int depth) {
        if (depth)
                walk(depth - 1);
        kept[count++] = malloc(100);
}

static int descend(int depth) {
        kept[count++] = malloc(1);
        return depth ? descend(depth - 1) + 1 : 1;
}

int main(int argc, char **argv) {
        walk(6);
        visit(3);
        descend(5);
        put(5000);
        if (argc > 1) {
                for (int i = 0; i < 4; i++)
                        free(kept[i]);
                free(malloc(70));
        }
        return 0;
}
