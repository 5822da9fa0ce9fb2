/*
 * Mappings and growable arrays: see memory.h. Runs in the collector's one thread.
 */
#include "collector/memory.h"

#include "collector/sys.h"

#define PAGE_BYTES ((size_t)4096)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define HUGE_PAGES_FROM ((size_t)4 << 20)

static size_t pages(size_t bytes) {
        return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

void *memory_map(size_t bytes) {
        return sys_mmap(pages(bytes));
}

void *memory_map_large(size_t bytes) {
        size_t around = bytes + HUGE_PAGE_BYTES;
        char *memory, *aligned;

        if (bytes < HUGE_PAGES_FROM)
                return memory_map(bytes);
        memory = sys_mmap(around);
        if (!memory)
                return NULL;
        aligned = (char *)(((uintptr_t)memory + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1));
        memory_unmap(memory, (size_t)(aligned - memory));
        memory_unmap(aligned + bytes, (size_t)(memory + around - (aligned + bytes)));
        (void)sys_call3(SYS_madvise, (long)aligned, (long)bytes, MADV_HUGEPAGE);
        return aligned;
}

void memory_unmap(void *memory, size_t bytes) {
        if (memory && bytes != 0)
                (void)sys_call3(SYS_munmap, (long)memory, (long)pages(bytes), 0);
}

void memory_drop(void *memory, size_t bytes) {
        (void)sys_call3(SYS_madvise, (long)memory, (long)bytes, MADV_DONTNEED);
}

bool array_grow(struct array *array, size_t bytes) {
        size_t capacity = array->capacity_bytes ? array->capacity_bytes : PAGE_BYTES;
        long moved;

        while (capacity < bytes) {
                if (capacity > SIZE_MAX / 4)
                        return false;
                capacity *= 2;
        }
        if (!array->data) {
                array->data = memory_map(capacity);
                if (!array->data)
                        return false;
        } else {
                moved = sys_call6(SYS_mremap, (long)array->data, (long)array->capacity_bytes, (long)capacity,
                                  MREMAP_MAYMOVE, 0, 0);
                if (moved < 0 && moved > -4096)
                        return false;
                array->data = (void *)moved;
        }
        array->capacity_bytes = capacity;
        return true;
}

void array_deinit(struct array *array) {
        memory_unmap(array->data, array->capacity_bytes);
        *array = (struct array){ 0 };
}
