/*
 * Row 6: what libc says of its own heap is what it says untraced: blocks have no header or padding
 * of ours, and nothing of ours lives in the program's heap.
 */
#include <malloc.h>

#include "harness.h"

static void tell(const char *when) {
        struct mallinfo2 info = mallinfo2();
        h_say("%s: mappings %zu of %zu, in use %zu, free %zu\n", when, info.hblks, info.hblkhd, info.uordblks,
              info.fordblks);
}

int main(void) {
        void *blocks[64];

        tell("begin");
        h_say("mallopt %d %d\n", mallopt(M_MMAP_THRESHOLD, 65536), mallopt(M_TRIM_THRESHOLD, 131072));
        for (size_t i = 0; i < 64; i++) {
                size_t bytes = i * i * 17;
                blocks[i] = h_malloc(bytes);
                h_say("%zu: usable %zu, low bits %zx\n", bytes, malloc_usable_size(blocks[i]),
                      (size_t)blocks[i] & 0xfff);
        }
        tell("full");
        for (size_t i = 0; i < 64; i += 2)
                h_free(blocks[i], i * i * 17);
        tell("half");
        h_say("trim %d\n", malloc_trim(0));
        tell("trimmed");
        for (size_t i = 1; i < 64; i += 2)
                h_free(blocks[i], i * i * 17);
        tell("empty");

        /* writes about every arena; the stream is libc's own matter and its blocks are not ours */
        char *text = NULL;
        size_t bytes = 0;
        FILE *stream = open_memstream(&text, &bytes);
        if (!stream || malloc_info(0, stream) || fclose(stream))
                return 1;
        h_say("malloc_info %zu bytes\n", bytes);
        h_write(text, bytes);
        h_write("\n", 1);
        free(text);
        malloc_stats(); /* on stderr */
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
