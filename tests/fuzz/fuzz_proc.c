/*
 * What /proc says, should it say nonsense: a kernel of tomorrow, a container that fakes it. Reads the
 * mappings and the status line through the collector's own parsers, which are of no use to anybody else, and
 * so private.
 */
#include "../../preload/collector/proc.c"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void need(bool holds) {
        if (!holds)
                abort();
}

static void read_maps(const uint8_t *data, size_t length, uint64_t inode, uint64_t address) {
        int fd = memfd_create("maps", MFD_CLOEXEC);
        struct mapping mapping = { 0 };
        enum proc_answer answer;

        need(fd >= 0 && write(fd, data, length) == (ssize_t)length && lseek(fd, 0, SEEK_SET) == 0);
        answer = maps_find(fd, inode, address, &mapping);
        need(answer == PROC_YES || answer == PROC_NO || answer == PROC_UNKNOWN);
        need(answer != PROC_YES || (inode ? mapping.inode == inode : address >= mapping.start));
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        char *copy = malloc(length + 1);
        const char *at = copy;
        struct proc_stat stat = { 0 };

        need(copy);
        memcpy(copy, data, length);
        copy[length] = '\0';
        stat_parse(copy, &stat);
        (void)text_parse(&at, 16);
        need(at <= copy + length);
        read_maps(data, length, 4711, 0);
        read_maps(data, length, 0, 0x7f0000000000);
        free(copy);
        return 0;
}
