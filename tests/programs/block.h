/* Blocks that know their own size, so that another thread can free and count them. Included after harness.h.
 */
#ifndef BLOCK_H
#define BLOCK_H

struct block {
        size_t bytes; /* asked for, this header among them */
};

static struct block *sized(void *memory, size_t bytes) {
        struct block *block = (struct block *)memory;
        block->bytes = bytes;
        return block;
}

static void drop(struct block *block) {
        if (block)
                h_free(block, block->bytes);
}

#endif
