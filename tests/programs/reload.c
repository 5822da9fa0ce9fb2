/*
 * Loads and unloads two libraries in turn, usually at one address. Prints whether they were: then an address
 * alone does not say whose code allocated.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
        void *seen[2] = { NULL, NULL };

        if (argc != 3)
                return 2;
        for (int turn = 0; turn < 6; turn++) {
                void *library = dlopen(argv[1 + turn % 2], RTLD_NOW);
                void *(*allocate)(void);

                if (!library)
                        return 1;
                allocate = (void *(*)(void))dlsym(library, "allocate");
                seen[turn % 2] = (void *)allocate;
                (void)allocate();
                if (dlclose(library) != 0)
                        return 1;
        }
        return write(STDOUT_FILENO, seen[0] == seen[1] ? "same\n" : "others\n", 5) != 5;
}
