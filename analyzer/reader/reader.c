/*
 * Opening a trace and listing its damage; scan.c finds the blocks, payload.c hands them out. One thread.
 */
#include "reader/reader.h"

#include "base/array.h"
#include "base/message.h"
#include "reader/lock.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* How long a collector may take to write its last block after its program ended. */
#define LOCK_WAIT_MS 10000

/*
 * Far above what a run leaves behind (about 25 thousand million events), far below what a
 * crafted file of some megabytes could ask for. MEMTRACE_READ_BUDGET (GiB) raises it.
 */
#define RAW_BYTES_DEFAULT (64ull << 30)
/* Of memory for definitions: a real trace comes to some thirty times its file's bytes at most. */
#define DEFINITION_BYTES_MAX (2ull << 30)
#define DEFINITION_BYTES_LEAST (64ull << 20)
#define DEFINITION_BYTES_SHARE 256

const char *reader_error_text(int error) {
        switch (error) {
        case READER_E_EMPTY:
                return "the file is empty";
        case READER_E_NOT_A_TRACE:
                return "this is not a memtrace trace";
        case READER_E_VERSION:
                return "the trace is of a format version this memtrace does not know";
        case READER_E_HEADER:
                return "the first bytes of the trace are damaged or cut";
        case READER_E_BUDGET:
                return "the trace unfolds to more than the reader's budget (MEMTRACE_READ_BUDGET, in GiB, "
                       "raises it)";
        default:
                return "a block of the trace cannot be read";
        }
}

const char *reader_damage_text(enum reader_damage_reason reason) {
        static const char *const texts[READER_DAMAGE_COUNT] = {
                [READER_DAMAGE_CUT] = "the file ends inside this block",
                [READER_DAMAGE_HEADER] = "no block can be made out here",
                [READER_DAMAGE_PAYLOAD] = "the payload does not match its checksum",
                [READER_DAMAGE_MISSING] = "blocks are missing before this one",
                [READER_DAMAGE_CONTENT] = "the content makes no sense",
                [READER_DAMAGE_FRAME] = "it goes on with a block that is lost",
        };

        return texts[reason];
}

static struct reader_limits default_limits(uint64_t file_bytes) {
        uint64_t definition_bytes = file_bytes < DEFINITION_BYTES_MAX / DEFINITION_BYTES_SHARE
                                            ? DEFINITION_BYTES_LEAST + file_bytes * DEFINITION_BYTES_SHARE
                                            : DEFINITION_BYTES_MAX;
        struct reader_limits limits = { RAW_BYTES_DEFAULT, definition_bytes };
        const char *asked = getenv("MEMTRACE_READ_BUDGET");
        char *end;
        unsigned long gib = asked ? strtoul(asked, &end, 10) : 0;

        if (asked && (*end || gib == 0 || gib > 1u << 20))
                message("MEMTRACE_READ_BUDGET=%s makes no sense (a number of GiB); taken as 64", asked);
        else if (asked)
                limits = (struct reader_limits){ (uint64_t)gib << 30, (uint64_t)gib << 30 };
        return limits;
}

int reader_read_at(struct reader *reader, void *into, size_t length_bytes, uint64_t offset_bytes) {
        uint8_t *to = into;

        while (length_bytes > 0) {
                ssize_t got = pread(reader->fd, to, length_bytes, (off_t)offset_bytes);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0)
                        return got < 0 ? -errno : -EIO;
                to += got;
                offset_bytes += (uint64_t)got;
                length_bytes -= (size_t)got;
        }
        return 0;
}

void reader_note_damage(struct reader *reader, const struct reader_damage *damage) {
        reader->damage_count++;
        /* no room for the note loses the note, never the count */
        if (reader->damage_listed < READER_DAMAGE_LISTED &&
            array_reserve(&reader->damages, &reader->damage_capacity, reader->damage_listed + 1,
                          sizeof(*reader->damages)) == 0)
                reader->damages[reader->damage_listed++] = *damage;
}

static int read_file_header(struct reader *reader) {
        struct mtr_file_header *header = &reader->header;

        if (reader->file_bytes == 0)
                return READER_E_EMPTY;
        if (reader->file_bytes < sizeof(*header)) {
                uint8_t magic[sizeof(header->magic)] = { 0 };
                size_t length =
                        reader->file_bytes < sizeof(magic) ? (size_t)reader->file_bytes : sizeof(magic);

                /* cut inside the header: still a trace as far as it goes */
                if (reader_read_at(reader, magic, length, 0) == 0 && memcmp(magic, MTR_MAGIC, length) == 0)
                        return READER_E_HEADER;
                return READER_E_NOT_A_TRACE;
        }
        if (reader_read_at(reader, header, sizeof(*header), 0) < 0)
                return message_errno(EIO, reader->name, "cannot read the first bytes");
        if (memcmp(header->magic, MTR_MAGIC, sizeof(header->magic)) != 0)
                return READER_E_NOT_A_TRACE;
        if (header->version != MTR_VERSION)
                return READER_E_VERSION;
        if (header->header_bytes != sizeof(*header) ||
            header->checksum != mtr_crc32c(header, offsetof(struct mtr_file_header, checksum)))
                return READER_E_HEADER;
        return 0;
}

int reader_open_fd(int fd, const char *name, const struct reader_limits *limits, struct reader **out) {
        struct reader *reader = calloc(1, sizeof(*reader));
        struct stat status;
        int error;

        if (!reader || !(reader->name = strdup(name))) {
                free(reader);
                return message_errno(ENOMEM, name, "cannot open");
        }
        reader->fd = -1; /* not ours yet */
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
                reader_free(reader);
                return message_errno(S_ISDIR(status.st_mode) ? EISDIR : EINVAL, name,
                                     "is not a regular file");
        }
        reader->fd = fd;
        reader->file_bytes = (uint64_t)status.st_size;
        error = read_file_header(reader);
        if (error == 0 && lock_is_held(fd)) {
                reader->running =
                        lock_wait(fd, (pid_t)reader->header.pid, LOCK_WAIT_MS, name) == LOCK_RUNNING;
                if (fstat(fd, &status) == 0)
                        reader->file_bytes = (uint64_t)status.st_size;
        }
        reader->limits = limits ? *limits : default_limits(reader->file_bytes);
        if (error == 0)
                error = reader_scan(reader);
        if (error != 0) {
                reader->fd = -1;
                reader_free(reader);
                return error;
        }
        *out = reader;
        return 0;
}

int reader_open(const char *path, struct reader **out) {
        /* O_NONBLOCK: a fifo named as a trace must not hang the reader */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        int error;

        if (fd < 0)
                return message_errno(errno, path, "cannot open");
        error = reader_open_fd(fd, path, NULL, out);
        if (error != 0)
                close(fd);
        return error;
}

void reader_free(struct reader *reader) {
        if (!reader)
                return;
        ZSTD_freeDCtx(reader->decompressor);
        free(reader->blocks);
        free(reader->damages);
        free(reader->stored);
        free(reader->raw);
        free(reader->name);
        if (reader->fd >= 0)
                close(reader->fd);
        free(reader);
}
