/*
 * The lines of heaptrack's files: see heaptrack.h. Each begins with a letter that says what it is; numbers
 * are hexadecimal.
 */
#include "import/from_heaptrack_parts.h"

#include "base/array.h"
#include "import/fields.h"
#include "import/told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VERSION_MAX 3u
#define VERSION_BEFORE_VERSIONS 0x010200u /* this one wrote no format version, and meant 1 */
#define TIME_MS_MAX (UINT64_C(1) << 43)

static const char wrong_line[] = "is not as heaptrack writes it";

bool from_heaptrack_is(const char *line) {
        uint64_t version;

        if (strncmp(line, "v ", 2) != 0)
                return false;
        line += 2;
        return fields_hex(&line, &version);
}

int from_heaptrack_add(struct from_heaptrack *heaptrack, struct from_heaptrack_list *list, uint32_t item) {
        int error = input_spend(heaptrack->input, sizeof(item));

        if (error < 0)
                return error;
        if (list->count == SITES_NONE ||
            array_reserve(&list->items, &list->capacity, list->count + 1, sizeof(item)) < 0)
                return input_no_memory(heaptrack->input);
        list->items[list->count++] = item;
        return 0;
}

static int tell_process(const struct from_heaptrack *heaptrack) {
        return told_command(heaptrack->input, heaptrack->writer, heaptrack->exe,
                            heaptrack->command ? heaptrack->command : "",
                            &(struct writer_process){ .tool = heaptrack->tool,
                                                      .page_bytes = (uint32_t)heaptrack->page_bytes });
}

static int keep(struct from_heaptrack *heaptrack, char **kept, const char *text) {
        free(*kept);
        *kept = strndup(text, MTR_ARGV_MAX);
        return *kept ? 0 : input_no_memory(heaptrack->input);
}

static int take_version(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t tool;

        if (!fields_hex_max(&at, UINT32_MAX, &tool))
                return input_wrong(heaptrack->input, wrong_line);
        if (!fields_hex(&at, &heaptrack->version))
                heaptrack->version = tool == VERSION_BEFORE_VERSIONS;
        if (heaptrack->version > VERSION_MAX)
                return input_wrong(heaptrack->input, "heaptrack's format %" PRIu64 " is not known, %u is",
                                   heaptrack->version, VERSION_MAX);
        free(heaptrack->tool);
        if (asprintf(&heaptrack->tool, "heaptrack %u.%u.%u", (unsigned)(tool >> 16),
                     (unsigned)(tool >> 8 & 0xff), (unsigned)(tool & 0xff)) < 0)
                heaptrack->tool = NULL;
        return heaptrack->tool ? tell_process(heaptrack) : input_no_memory(heaptrack->input);
}

static int take_command(struct from_heaptrack *heaptrack, const char *at) {
        int error = keep(heaptrack, &heaptrack->command, at);

        return error < 0 ? error : tell_process(heaptrack);
}

/* With sized strings: what comes before the path is its length. */
static int take_exe(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t length;

        if (heaptrack->version >= 3 && !fields_hex(&at, &length))
                return input_wrong(heaptrack->input, wrong_line);
        heaptrack->raw = true;
        return keep(heaptrack, &heaptrack->exe, at);
}

static int take_system(struct from_heaptrack *heaptrack, const char *at) {
        if (!fields_hex_max(&at, UINT32_MAX, &heaptrack->page_bytes))
                return input_wrong(heaptrack->input, wrong_line);
        return tell_process(heaptrack);
}

int from_heaptrack_stack(struct from_heaptrack *heaptrack, uint32_t frame, uint64_t parent) {
        uint32_t depth;

        if (parent > heaptrack->depths.count)
                return input_wrong(heaptrack->input, "a stack's caller is not defined");
        depth = parent ? heaptrack->depths.items[parent - 1] + 1 : 1;
        if (depth > MTR_STACK_DEPTH_MAX)
                return input_wrong(heaptrack->input, "a stack has more than %u frames", MTR_STACK_DEPTH_MAX);
        writer_stack(heaptrack->writer, (uint32_t)parent, frame);
        return from_heaptrack_add(heaptrack, &heaptrack->depths, depth);
}

static int take_stack(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t frame, parent;

        if (!fields_hex(&at, &frame) || !fields_hex(&at, &parent))
                return input_wrong(heaptrack->input, wrong_line);
        if (frame == 0 || frame > heaptrack->frame_count)
                return input_wrong(heaptrack->input, "a stack's frame is not defined");
        return from_heaptrack_stack(heaptrack, (uint32_t)frame - 1, parent);
}

/* What one of them allocates another of the same stack and size may free. */
static int take_info(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t size_bytes, stack;
        uint32_t site;
        int error;

        if (!fields_hex_max(&at, MTR_SITE_BYTES_MAX, &size_bytes) || !fields_hex(&at, &stack))
                return input_wrong(heaptrack->input, wrong_line);
        if (stack > heaptrack->depths.count)
                return input_wrong(heaptrack->input, "an allocation's stack is not defined");
        error = sites_number(&heaptrack->sites, heaptrack->input, heaptrack->writer, (uint32_t)stack,
                             size_bytes, &site);
        return error < 0 ? error : from_heaptrack_add(heaptrack, &heaptrack->infos, site);
}

int from_heaptrack_allocated(struct from_heaptrack *heaptrack, uint32_t site) {
        return writer_allocate(heaptrack->writer, site) < 0
                       ? input_wrong(heaptrack->input, "more bytes are held than can be counted")
                       : 0;
}

int from_heaptrack_released(struct from_heaptrack *heaptrack, uint32_t site, bool temporary) {
        return writer_release(heaptrack->writer, site, temporary) < 0
                       ? input_wrong(heaptrack->input, "frees more than was allocated there")
                       : 0;
}

static int take_event(struct from_heaptrack *heaptrack, const char *at, bool frees) {
        uint32_t last = heaptrack->last_info, site;
        uint64_t info;

        if (!fields_hex(&at, &info))
                return input_wrong(heaptrack->input, wrong_line);
        if (info >= heaptrack->infos.count)
                return input_wrong(heaptrack->input, "what is allocated or freed is not defined");
        site = heaptrack->infos.items[info];
        heaptrack->last_info = frees ? SITES_NONE : (uint32_t)info;
        return frees ? from_heaptrack_released(heaptrack, site, info == last)
                     : from_heaptrack_allocated(heaptrack, site);
}

static int take_time(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t time_ms;

        if (!fields_hex_max(&at, TIME_MS_MAX, &time_ms))
                return input_wrong(heaptrack->input, wrong_line);
        writer_at(heaptrack->writer, time_ms);
        return 0;
}

static int take_rss(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t pages, bytes;

        if (!fields_hex(&at, &pages) || __builtin_mul_overflow(pages, heaptrack->page_bytes, &bytes))
                return input_wrong(heaptrack->input, wrong_line);
        writer_rss(heaptrack->writer, bytes >> 10);
        return 0;
}

static int take_attached(struct from_heaptrack *heaptrack) {
        writer_unseen(heaptrack->writer, "what was allocated before heaptrack was attached");
        return 0;
}

/* Whether events have addresses and not numbers. */
static bool has_addresses(const struct from_heaptrack *heaptrack) {
        return heaptrack->raw || heaptrack->version == 0;
}

static int take_line(struct from_heaptrack *heaptrack) {
        const char *line = heaptrack->input->text, *at = line + (line[0] && line[1] == ' ' ? 2 : 1);

        switch (line[0]) {
        case '\0':
        case '#':
        case 'S': /* what heaptrack_print is to pass over */
                return 0;
        case 'v':
                return take_version(heaptrack, at);
        case 'x':
                return take_exe(heaptrack, at);
        case 'X':
                return take_command(heaptrack, at);
        case 'I':
                return take_system(heaptrack, at);
        case 'A':
                return take_attached(heaptrack);
        case 's':
                return from_heaptrack_string(heaptrack, at);
        case 'i':
                return from_heaptrack_frame(heaptrack, at);
        case 'm':
                return from_heaptrack_raw_module(heaptrack, at);
        case 't':
                return heaptrack->raw ? from_heaptrack_raw_stack(heaptrack, at) : take_stack(heaptrack, at);
        case 'a':
                return take_info(heaptrack, at);
        case '+':
                return has_addresses(heaptrack) ? from_heaptrack_raw_allocation(heaptrack, at)
                                                : take_event(heaptrack, at, false);
        case '-':
                return has_addresses(heaptrack) ? from_heaptrack_raw_free(heaptrack, at)
                                                : take_event(heaptrack, at, true);
        case 'c':
                return take_time(heaptrack, at);
        case 'R':
                return take_rss(heaptrack, at);
        }
        return input_wrong(heaptrack->input, wrong_line);
}

int from_heaptrack_read(struct input *input, struct writer *writer, uint64_t *foreign_frees) {
        struct from_heaptrack heaptrack = {
                .input = input, .writer = writer, .page_bytes = 4096, .last_info = SITES_NONE
        };
        int result;

        for (result = 1; result > 0; result = result < 0 ? result : input_line(input))
                result = take_line(&heaptrack) < 0 ? -EINVAL : 1;
        *foreign_frees = heaptrack.foreign_frees;
        from_heaptrack_raw_deinit(&heaptrack);
        from_heaptrack_names_deinit(&heaptrack);
        free(heaptrack.depths.items);
        free(heaptrack.infos.items);
        sites_deinit(&heaptrack.sites);
        free(heaptrack.exe);
        free(heaptrack.command);
        free(heaptrack.tool);
        return result;
}
