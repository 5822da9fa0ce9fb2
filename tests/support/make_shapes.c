/* See make_shapes.h. */
#include "make_shapes.h"

#include <stdio.h>
#include <stdlib.h>

#define MS 1000000u
#define DAY (86400ull * 1000 * MS)

/* What would run or be seen, were it ever taken for markup: the page's `hostile` would be set. */
static const char *const hostile_names[] = {
        "<script>hostile=1</script>",
        "</script><script>hostile=1</script>",
        "\"><img src=x onerror=hostile=1>",
        "' onclick='hostile=1' x='",
        "]]><b>bold</b><!--",
        "&lt;&amp;&#60;i&#62;",
        "\u202eotni denrut\u2066\u200f",
        "\33[31mred\33[0m\302\233\r\nsecond line\t",
        "`${hostile=1}` \\\"\\u003c\\",
        "\xff\xfe\xc0\xaf no UTF-8",
        "</title></style></svg><h1>big</h1>",
        "__proto__",
};

#define HOSTILE_NAMES (sizeof(hostile_names) / sizeof(hostile_names[0]))

void make_shapes_markup(struct tb *tb) {
        uint32_t parent = 0;
        char text[256];

        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/<svg onload=hostile=1>/a\"b'c&d",
                   "<script>hostile=1</script>\1\"quoted\" & </title>\1\u202edenrut\33[2J\1]]>");
        for (uint32_t i = 0; i < HOSTILE_NAMES; i++)
                tb_thread(tb, 1000 + i, hostile_names[i]);
        for (uint32_t i = 0; i < HOSTILE_NAMES; i++) {
                uint32_t low = 0x10000 * (i + 1), module, frame;

                snprintf(text, sizeof(text), "/nonexistent/%s", hostile_names[i]);
                module = tb_module(tb, low, low + 0x1000, low, NULL, 0, text);
                frame = tb_frame(tb, module, 0x10 * i, false);
                parent = tb_stack(tb, i % 4 ? parent : 0, frame);
                tb_switch(tb, i);
                tb_at(tb, i * MS);
                tb_mark(tb, i % 2 ? MTR_SNAPSHOT : MTR_MARK, hostile_names[i]);
                for (uint32_t k = 0; k <= i; k++)
                        tb_alloc(tb, tb_site(tb, parent, 1000u << i % 3, MTR_KIND_MALLOC));
        }
        tb_unseen(tb, "<b>half</b> \u202eof it");
        tb_at(tb, HOSTILE_NAMES * MS);
}

void make_shapes_places(struct tb *tb, unsigned long count) {
        uint32_t app, library, *sites = malloc(count * sizeof(*sites)), stack = 0;
        uint64_t random = 88172645463325252u;

        if (!sites)
                abort();
        tb_process(tb, "/nonexistent/bin/places", "places");
        app = tb_module(tb, 0x400000, 0x10400000, 0, NULL, 0, "/nonexistent/bin/places");
        library = tb_module(tb, 0x7f0000000000, 0x7f0010000000, 0x7f0000000000, NULL, 0,
                            "/nonexistent/lib/libshapes.so.2");
        for (unsigned long i = 0; i < count; i++) {
                uint32_t frame;

                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                /* what is shared with the last stack, then four frames to twelve of which some are others'
                 * too */
                if (i % 16 == 0)
                        stack = 0;
                for (unsigned k = 0; k < 4 + random % 8; k++) {
                        frame = tb_frame(tb, k % 3 ? app : library, 16 * (random >> (8 + 4 * k) & 0xfff),
                                         false);
                        stack = tb_stack(tb, stack, frame);
                }
                frame = tb_frame(tb, app, 0x100000 + 16 * i, false);
                sites[i] = tb_site(tb, tb_stack(tb, stack, frame),
                                   16 + (random >> 40) % 64 * (i % 100 ? 1 : 1000), MTR_KIND_MALLOC);
                if (i % 8 == 7)
                        stack = 0;
                tb_at(tb, 1000ull * MS * i / count);
                for (uint64_t k = 0; k <= random >> 62; k++)
                        tb_alloc(tb, sites[i]);
                if (i % 5 == 4)
                        tb_release(tb, sites[i - 3], i % 2);
                if (i % 4096 == 4095)
                        tb_block(tb);
        }
        free(sites);
}

void make_shapes_deep(struct tb *tb) {
        uint32_t module, one, stack = 0;

        tb_process(tb, "/nonexistent/bin/deep", "deep");
        tb_thread(tb, 1234, "deep");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/bin/deep");
        one = tb_frame(tb, module, 0x10, false);
        for (uint32_t i = 0; i < MTR_STACK_DEPTH_MAX; i++)
                stack = tb_stack(tb, stack, one);
        tb_alloc(tb, tb_site(tb, stack, 1 << 20, MTR_KIND_MALLOC));
        stack = 0;
        for (uint32_t i = 0; i < MTR_STACK_DEPTH_MAX; i++) {
                stack = tb_stack(tb, stack, tb_frame(tb, module, 0x20 + 16 * i, false));
                if (i % 64 == 63)
                        tb_alloc(tb, tb_site(tb, stack, 4096 * (i + 1), MTR_KIND_MALLOC));
                tb_at(tb, i * MS);
        }
}

void make_shapes_vast(struct tb *tb) {
        uint32_t module, stack, site;

        tb_process(tb, "/nonexistent/bin/vast", "vast");
        tb_thread(tb, 1234, "vast");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/bin/vast");
        stack = tb_stack(tb, 0, tb_frame(tb, module, 0x10, false));
        site = tb_site(tb, stack, 1ull << 42, MTR_KIND_MALLOC);
        for (uint32_t day = 0; day < 100; day++) {
                tb_at(tb, day * DAY);
                for (uint32_t i = 0; i < 1 + day % 7; i++)
                        tb_alloc(tb, site);
                tb_release(tb, site, false);
                if (day % 10 == 9)
                        tb_block(tb);
        }
        tb_at(tb, 100 * DAY);
}

void make_shapes_instant(struct tb *tb) {
        uint32_t module;

        tb_process(tb, "/nonexistent/bin/instant", "instant");
        tb_thread(tb, 1234, "instant");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/bin/instant");
        tb_alloc(tb, tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x10, false)), 1, MTR_KIND_MALLOC));
}

void make_shapes_temporaries(struct tb *tb) {
        uint32_t module, other, one, two;

        tb_process(tb, "/nonexistent/bin/temporaries", "temporaries");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/bin/temporaries");
        tb_thread(tb, 1, "first");
        other = tb_thread(tb, 2, "other");
        one = tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x10, false)), 100, MTR_KIND_MALLOC);
        two = tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x20, false)), 7, MTR_KIND_MALLOC);
        for (int i = 0; i < 700; i++)
                tb_alloc(tb, two);
        tb_alloc(tb, one);
        tb_release(tb, one, true); /* 1 */
        tb_alloc(tb, one);
        tb_release(tb, two, false);
        tb_release(tb, two, false);
        tb_release(tb, one, true); /* 2 */
        tb_alloc(tb, one);
        tb_alloc(tb, one);
        tb_release(tb, one, false); /* the older one */
        tb_release(tb, one, true);  /* 3 */
        tb_alloc(tb, one);
        tb_at(tb, 2000000);
        tb_release(tb, one, true); /* 4 */
        for (int i = 0; i < 3; i++) {
                tb_alloc(tb, one);
                tb_alloc(tb, one);
                tb_release(tb, one, false);
                tb_at(tb, 3000000 + (uint64_t)i * 1000000);
        }
        for (int i = 0; i < 2; i++) {
                tb_alloc(tb, one);
                for (int k = 0; k < (i ? 300 : 100); k++)
                        tb_release(tb, two, false);
                tb_release(tb, one, true); /* 5, 6 */
        }
        for (unsigned ms = 9; ms < 11; ms++) {
                tb_alloc(tb, one);
                tb_release(tb, two, false);
                tb_at(tb, tb->time_ns + ms * 1000000ul);
                tb_release(tb, one, true); /* 7, and one too late */
        }
        tb_block(tb);
        tb_alloc(tb, two);
        tb_switch(tb, other);
        tb_alloc(tb, one);
        tb_switch(tb, 0);
        tb_release(tb, two, true); /* the other thread's is the last */
        tb_switch(tb, other);
        tb_alloc(tb, two);
        tb_release(tb, two, true); /* 8 */
        tb_release(tb, one, false);
}

void make_shapes_scopes(struct tb *tb) {
        static const struct {
                unsigned ms;
                enum mtr_record_type type;
                const char *name;
                uint32_t thread;
        } ends[] = {
                { 1, MTR_SCOPE_BEGIN, "outer", 0 },      { 2, MTR_SCOPE_BEGIN, "inner", 0 },
                { 2, MTR_SCOPE_BEGIN, "of another", 1 }, { 4, MTR_SCOPE_BEGIN, "across", 0 },
                { 5, MTR_SCOPE_END, "inner", 0 },        { 6, MTR_SCOPE_END, "not begun", 1 },
                { 7, MTR_SCOPE_BEGIN, "inner", 0 },      { 7, MTR_SCOPE_END, "inner", 0 },
                { 10, MTR_SCOPE_END, "outer", 0 },       { 11, MTR_SCOPE_END, "of another", 1 },
                { 12, MTR_SCOPE_END, "across", 0 },      { 13, MTR_SCOPE_BEGIN, "\xff \33[31m\nMEM 1 1", 0 },
                { 14, MTR_SCOPE_BEGIN, "not ended", 0 }, { 15, MTR_SCOPE_END, "\xff \33[31m\nMEM 1 1", 0 },
        };
        uint32_t module, site;

        tb_process(tb, "/nonexistent/bin/scopes", "scopes\1\xff\nMEM");
        tb_thread(tb, 1234, "first");
        tb_thread(tb, 1240, "\xff\nsecond");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/bin/scopes");
        site = tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x10, false)), 1000, MTR_KIND_MALLOC);
        for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
                tb_at(tb, ends[i].ms * 1000000ul + 3000);
                tb_alloc(tb, site);
                if (i % 3 == 2) {
                        tb_alloc(tb, site);
                        tb_release(tb, site, true);
                        tb_rss(tb, 1000 + 4 * i);
                }
                tb_scope(tb, ends[i].type, ends[i].name, ends[i].thread);
        }
        tb_at(tb, 20000000);
        tb_release(tb, site, false);
}
