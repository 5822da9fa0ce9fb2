/*
 * See peek.h.
 */
#include "reader/peek.h"

#include <memtrace/crc32c.h>

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool peek_header(const char *path, struct mtr_file_header *header) {
        struct stat status;
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        bool is_trace;

        if (fd < 0)
                return false;
        is_trace = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                   pread(fd, header, sizeof(*header), 0) == (ssize_t)sizeof(*header) &&
                   memcmp(header->magic, MTR_MAGIC, sizeof(header->magic)) == 0 &&
                   header->checksum == mtr_crc32c(header, offsetof(struct mtr_file_header, checksum));
        close(fd);
        return is_trace;
}
