/*
 * What a trace defines before events name it (see trace_builder.h): the process, modules, threads, frames,
 * stacks, sites. Each goes to its columns of the block being built; putting them into the block is not done
 * here.
 */
#include "trace_builder.h"
#include "trace_builder_bytes.h"

#include <stdlib.h>
#include <string.h>

void tb_process(struct tb *tb, const char *exe, const char *argv) {
        struct mtr_process process = { .pid = 1234,
                                       .ppid = 1,
                                       .started_unix_ns = 1700000000123456789u,
                                       .page_bytes = 4096,
                                       .depth_limit = MTR_STACK_DEPTH_MAX,
                                       .flags = tb->process_flags };
        struct tb_bytes body = { 0 };
        size_t length = strlen(argv);
        char *nul = tb_need(strdup(argv));

        for (size_t i = 0; i < length; i++)
                if (nul[i] == '\1')
                        nul[i] = '\0';
        tb_append(&body, &process, sizeof(process));
        tb_put_string(&body, exe, strlen(exe));
        tb_put_string(&body, "/", 1);
        tb_put_string(&body, nul, length ? length + 1 : 0);
        tb_put_string(&body, "test", 4);
        tb_put_record(&tb->records, MTR_PROCESS, body.data, body.length);
        free(body.data);
        free(nul);
}

uint32_t tb_module(struct tb *tb, uint64_t start, uint64_t end, uint64_t bias, const uint8_t *build_id,
                   size_t build_id_bytes, const char *path) {
        tb_varint(&tb->module_bodies, start);
        tb_varint(&tb->module_bodies, end - start);
        tb_svarint(&tb->module_bodies, (int64_t)(bias - start));
        tb_varint(&tb->module_bodies, 0);
        tb_put_string(&tb->module_bodies, (const char *)build_id, build_id_bytes);
        tb_put_string(&tb->module_bodies, path, strlen(path));
        tb->modules_new++;
        return tb->modules++;
}

uint32_t tb_thread(struct tb *tb, uint32_t tid, const char *name) {
        tb_varint(&tb->thread_bodies, tid);
        tb_varint(&tb->thread_bodies, tb->time_ns);
        tb_put_string(&tb->thread_bodies, name, strlen(name));
        tb->threads_new++;
        return tb->threads++;
}

uint32_t tb_frame(struct tb *tb, uint32_t module, uint64_t offset, bool exact) {
        uint64_t value = offset * 2 + exact;

        tb_varint(&tb->frame_modules, (uint32_t)(module + 1));
        tb_svarint(&tb->frame_offsets, (int64_t)(value - tb->previous_offset));
        tb->previous_offset = value;
        tb->frames_new++;
        return tb->frames++;
}

uint32_t tb_stack(struct tb *tb, uint32_t parent, uint32_t frame) {
        uint32_t id = ++tb->stacks;

        tb_varint(&tb->stack_parents, id - parent);
        tb_varint(&tb->stack_frames, frame);
        tb->stacks_new++;
        return id;
}

void tb_domain(struct tb *tb, uint32_t number, const char *name) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, 1);
        tb_varint(&body, number);
        tb_put_string(&body, name, strlen(name));
        tb_put_record(&tb->records, MTR_DOMAINS, body.data, body.length);
        free(body.data);
}

uint32_t tb_site(struct tb *tb, uint32_t stack, uint64_t size_bytes, enum mtr_site_kind kind) {
        uint8_t byte = (uint8_t)(tb->domain ? MTR_KIND_DOMAIN + tb->domain - 1 : kind);

        tb_svarint(&tb->site_stacks, (int64_t)stack - (int64_t)tb->previous_stack);
        tb->previous_stack = stack;
        tb_varint(&tb->site_sizes, size_bytes);
        tb_append(&tb->site_kinds, &byte, 1);
        if (tb->sites == tb->site_capacity) {
                tb->site_capacity = tb->site_capacity * 2 + 64;
                tb->site_books =
                        tb_need(realloc(tb->site_books, tb->site_capacity * sizeof(*tb->site_books)));
        }
        tb->site_books[tb->sites] =
                (struct tb_site){ .size_bytes = size_bytes, .domain = tb->domain, .no_stack = stack == 0 };
        tb->sites_new++;
        return tb->sites++;
}
