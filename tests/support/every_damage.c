/*
 * every_damage TRACE...: each whole trace cut at every byte, and with every single bit flipped. What must
 * hold: the file header's damage is an error of its own; any other costs the block it hits and those that go
 * on with its frame, and no other: every event of the rest is counted.
 */
#include "base/message.h"
#include "reader/trace.h"
#include "replay/replay.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCKS_MAX 4096u

/* A block of the trace as it was whole. */
struct part {
        uint64_t start, end, events;
        size_t frame_first;
        uint32_t sequence;
};

struct subject {
        const char *name;
        uint8_t *bytes;
        size_t length;
        struct part parts[BLOCKS_MAX];
        size_t count;
        int fd;
};

static void need(bool holds, const struct subject *subject, const char *damage, uint64_t at,
                 const char *what) {
        if (holds)
                return;
        fprintf(stderr, "%s, %s %llu: %s\n", subject->name, damage, (unsigned long long)at, what);
        exit(1);
}

static int load(const struct subject *subject, struct trace **trace) {
        struct reader *reader;
        int fd = dup(subject->fd), error = reader_open_fd(fd, subject->name, NULL, &reader);

        if (error != 0)
                close(fd);
        return error != 0 ? error : trace_load(reader, trace);
}

static void learn(struct subject *subject) {
        struct trace *trace;

        need(load(subject, &trace) == 0, subject, "whole", 0, "cannot be read");
        need(trace_is_complete(trace), subject, "whole", 0, "is not whole");
        subject->count = trace->reader->block_count;
        need(subject->count <= BLOCKS_MAX, subject, "whole", subject->count, "too many blocks");
        for (size_t i = 0; i < subject->count; i++) {
                const struct reader_block *block = &trace->reader->blocks[i];

                subject->parts[i] = (struct part){ .start = block->offset_bytes - sizeof(block->header),
                                                   .end = block->offset_bytes + block->header.stored_bytes,
                                                   .events = block->header.event_count,
                                                   .frame_first = block->frame_first,
                                                   .sequence = block->header.sequence };
        }
        trace_free(trace);
}

static bool is_read(const struct trace *trace, uint32_t sequence) {
        for (size_t i = 0; i < trace->reader->block_count; i++)
                if (trace->reader->blocks[i].header.sequence == sequence)
                        return trace->reader->blocks[i].whole;
        return false;
}

/* The blocks first..end-1 are hit; the file as it is now must give all the others. */
static void check(const struct subject *subject, size_t first, size_t end, const char *damage, uint64_t at) {
        struct trace *trace;
        struct replay replay;
        uint64_t events = 0;

        need(load(subject, &trace) == 0, subject, damage, at, "cannot be read at all");
        for (size_t i = 0; i < subject->count; i++) {
                const struct part *part = &subject->parts[i];
                bool hit = i >= first && i < end;

                need(is_read(trace, part->sequence) == !hit, subject, damage, at,
                     hit ? "a damaged block counts as whole" : "a whole block is lost");
                events += hit ? 0 : part->events;
        }
        need(replay_init(&replay, trace) == 0 &&
                     replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING) == 0,
             subject, damage, at, "cannot be replayed");
        need(replay.totals.allocations + replay.totals.frees + replay.bad_events == events, subject, damage,
             at, "not all events of the whole blocks are counted");
        need(!trace_is_complete(trace) || first == end, subject, damage, at, "counts as complete");
        replay_deinit(&replay);
        trace_free(trace);
}

/* The block that holds a byte of the file. */
static size_t part_at(const struct subject *subject, uint64_t at) {
        size_t i = 0;

        while (i < subject->count && subject->parts[i].end <= at)
                i++;
        return i;
}

static void check_header(const struct subject *subject, const char *damage, uint64_t at) {
        struct trace *trace;

        need(load(subject, &trace) > 0, subject, damage, at, "a damaged file header was read");
}

static void cut(struct subject *subject) {
        for (size_t length = subject->length; length-- > 0;) {
                need(ftruncate(subject->fd, (off_t)length) == 0, subject, "cut at", length, "ftruncate");
                if (length < sizeof(struct mtr_file_header))
                        check_header(subject, "cut at", length);
                else
                        check(subject, part_at(subject, length), subject->count, "cut at", length);
        }
        need(pwrite(subject->fd, subject->bytes, subject->length, 0) == (ssize_t)subject->length, subject,
             "whole", 0, "pwrite");
}

static void flip(struct subject *subject) {
        for (uint64_t bit = 0; bit < subject->length * 8; bit++) {
                size_t at = bit / 8, hit = part_at(subject, at);
                uint8_t byte = subject->bytes[at] ^ (uint8_t)(1u << bit % 8);

                need(pwrite(subject->fd, &byte, 1, (off_t)at) == 1, subject, "bit", bit, "pwrite");
                if (at < sizeof(struct mtr_file_header)) {
                        check_header(subject, "bit", bit);
                } else {
                        size_t end = hit + 1;

                        while (end < subject->count && subject->parts[end].frame_first <= hit)
                                end++;
                        check(subject, hit, end, "bit", bit);
                }
                need(pwrite(subject->fd, &subject->bytes[at], 1, (off_t)at) == 1, subject, "bit", bit,
                     "pwrite");
        }
}

static void take(struct subject *subject, const char *path) {
        struct stat status;
        int fd = open(path, O_RDONLY);

        *subject = (struct subject){ .name = path, .fd = memfd_create("damaged", 0) };
        need(fd >= 0 && subject->fd >= 0 && fstat(fd, &status) == 0, subject, "whole", 0, "cannot be opened");
        subject->length = (size_t)status.st_size;
        subject->bytes = malloc(subject->length + 1);
        need(subject->bytes && read(fd, subject->bytes, subject->length) == (ssize_t)subject->length &&
                     write(subject->fd, subject->bytes, subject->length) == (ssize_t)subject->length,
             subject, "whole", 0, "cannot be copied");
        close(fd);
}

int main(int argc, char **argv) {
        static struct subject subject;

        message_silence();
        for (int i = 1; i < argc; i++) {
                take(&subject, argv[i]);
                learn(&subject);
                cut(&subject);
                flip(&subject);
                printf("%s: %zu blocks, %zu cuts, %zu bits\n", argv[i], subject.count, subject.length,
                       subject.length * 8);
                free(subject.bytes);
                close(subject.fd);
        }
        return argc > 1 ? 0 : 2;
}
