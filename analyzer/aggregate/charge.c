/*
 * See charge.h. Modules are judged once each, by name alone, so that frames of the runtime are
 * passed over without being looked up. One thread.
 */
#include "aggregate/charge.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where in a stack the answer stands. */
struct answer {
        uint32_t stack;   /* whose last frame it is of */
        uint32_t inlined; /* how many inlined frames are passed over there */
        bool known;
};

struct charge {
        const struct trace *trace;
        struct symbols *symbols;
        enum charge_frame which;
        bool *runtime_module;
        struct filter *skips;
        struct answer *answers; /* by stack */
};

/* Up to the version: "libc.so.6", "libc-2.31.so", "libstdc++.so.6.0.30" and "libtcmalloc_minimal.so.4". */
static const char *const runtime_modules[] = {
        "libmemtrace", "libc",      "libstdc++",   "libgcc_s",     "libc++",
        "libc++abi",   "libsupc++", "libpthread",  "libdl",        "librt",
        "libm",        "libmvec",   "libjemalloc", "libtcmalloc",  "libtcmalloc_minimal",
        "libmimalloc", "libunwind", "libresolv",   "libnss_files", "ld-linux-x86-64",
        "ld",          "ld-linux",
};

/* Where the runtime is linked into the program itself. */
static const char *const runtime_functions[] = {
        "malloc",
        "calloc",
        "realloc",
        "reallocarray",
        "free",
        "cfree",
        "aligned_alloc",
        "memalign",
        "posix_memalign",
        "valloc",
        "pvalloc",
        "strdup",
        "strndup",
        "wcsdup",
        "asprintf",
        "vasprintf",
        "getline",
        "getdelim",
        "operator new",
        "operator new[]",
        "__strdup",
        "__strndup",
        "__libc_malloc",
        "memtrace_report_alloc",
        "memtrace_report_realloc",
};

/* Rust's way to the allocator, and what belongs to its library and to C++'s. */
static const char *const runtime_prefixes[] = { "__rust_", "__rdl_", "__rg_",
                                                "alloc::alloc::", "<alloc::alloc::Global" };
static const char *const std_prefixes[] = { "std::",    "<std::", "__gnu_cxx::", "alloc::",
                                            "<alloc::", "core::", "<core::" };
static const char *const std_files[] = { "/include/c++/", "library/alloc/src/", "library/core/src/",
                                         "library/std/src/" };

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static bool begins_with_any(const char *text, const char *const *prefixes, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

bool charge_is_runtime_module(const char *path) {
        const char *base = path_base(path);

        for (size_t i = 0; i < LENGTH(runtime_modules); i++) {
                size_t length = strlen(runtime_modules[i]);

                if (strncmp(base, runtime_modules[i], length) != 0)
                        continue;
                if (strncmp(base + length, ".so", 3) == 0 &&
                    (base[length + 3] == '\0' || base[length + 3] == '.'))
                        return true;
                /* glibc before 2.34: libc-2.31.so */
                if (base[length] == '-' && base[length + 1] >= '0' && base[length + 1] <= '9')
                        return true;
        }
        return false;
}

bool charge_is_runtime_function(const char *name) {
        size_t length = strcspn(name, "(@");

        for (size_t i = 0; i < LENGTH(runtime_functions); i++)
                if (strlen(runtime_functions[i]) == length &&
                    strncmp(name, runtime_functions[i], length) == 0)
                        return true;
        return begins_with_any(name, runtime_prefixes, LENGTH(runtime_prefixes));
}

bool charge_is_std(const struct symbol_frame *frame) {
        if (frame->function && begins_with_any(frame->function, std_prefixes, LENGTH(std_prefixes)))
                return true;
        for (size_t i = 0; frame->has_line && i < LENGTH(std_files); i++)
                if (strstr(frame->file, std_files[i]))
                        return true;
        return false;
}

struct charge *charge_new(const struct trace *trace, struct symbols *symbols, enum charge_frame which,
                          struct filter *skips) {
        struct charge *charge = calloc(1, sizeof(*charge));
        size_t module_count = trace->tables[TRACE_MODULES].count;

        if (charge) {
                *charge =
                        (struct charge){ .trace = trace, .symbols = symbols, .which = which, .skips = skips };
                charge->runtime_module = calloc(module_count + 1, sizeof(*charge->runtime_module));
                charge->answers = calloc(trace->tables[TRACE_STACKS].count + 1, sizeof(*charge->answers));
        }
        if (!charge || !charge->runtime_module || !charge->answers) {
                charge_free(charge);
                message("%s: no memory for its stacks", trace->reader->name);
                return NULL;
        }
        for (uint32_t i = 0; i < module_count; i++) {
                const char *path = trace_module(trace, i)->path;

                charge->runtime_module[i] = path && charge_is_runtime_module(path);
        }
        return charge;
}

void charge_free(struct charge *charge) {
        if (!charge)
                return;
        free(charge->runtime_module);
        free(charge->answers);
        free(charge);
}

static int look_up(struct charge *charge, uint32_t id, struct symbol_frames *frames) {
        const struct trace_stack *stack = trace_stack(charge->trace, id);

        return symbols_lookup(charge->symbols, stack ? stack->frame : TRACE_NO_NUMBER, frames);
}

static bool is_passed_over(const struct charge *charge, const struct symbol_frame *frame) {
        if (charge->skips && filter_match(charge->skips, &frame, 1))
                return true;
        if (frame->function && charge_is_runtime_function(frame->function))
                return true;
        return charge->which == CHARGE_SKIP_STD && charge_is_std(frame);
}

/* Leaves `answer` alone where all of it is runtime, as in its own start-up: then it is the innermost's. */
static int first_user(struct charge *charge, uint32_t id, struct answer *answer) {
        const struct trace_stack *stack;

        /* the cap is the format's: a longer chain is not a stack */
        for (unsigned depth = 0; (stack = trace_stack(charge->trace, id)) && depth < MTR_STACK_DEPTH_MAX;
             depth++, id = stack->parent) {
                const struct trace_frame *frame = trace_frame(charge->trace, stack->frame);
                struct symbol_frames frames;
                int error;

                if (frame && frame->module != TRACE_NO_MODULE && charge->runtime_module[frame->module])
                        continue;
                error = look_up(charge, id, &frames);
                if (error < 0)
                        return error;
                for (uint32_t i = 0; i < frames.count; i++)
                        if (!is_passed_over(charge, &frames.frames[i])) {
                                answer->stack = id;
                                answer->inlined = i;
                                return 0;
                        }
        }
        return 0;
}

static int find_answer(struct charge *charge, uint32_t id, struct answer *found) {
        struct answer *answer = &charge->answers[id];
        int error = 0;

        if (!answer->known) {
                *answer = (struct answer){ .stack = id, .known = true };
                if (charge->which != CHARGE_LEAF)
                        error = first_user(charge, id, answer);
        }
        *found = *answer;
        return error;
}

int charge_stack(struct charge *charge, uint32_t id, const struct symbol_frame **frame) {
        struct symbol_frames frames;
        struct answer answer;
        int error = find_answer(charge, id, &answer);

        if (error == 0)
                error = look_up(charge, answer.stack, &frames);
        if (error == 0)
                *frame = &frames.frames[answer.inlined];
        return error;
}

int charge_frames(struct charge *charge, uint32_t id, bool whole, struct charge_frames *out) {
        struct answer from = { .stack = id };
        int error = whole ? 0 : find_answer(charge, id, &from);

        out->count = 0;
        for (unsigned depth = 0; error == 0 && depth < MTR_STACK_DEPTH_MAX; depth++) {
                const struct trace_stack *stack = trace_stack(charge->trace, from.stack);
                struct symbol_frames frames;

                error = look_up(charge, from.stack, &frames);
                if (error < 0)
                        break;
                if (array_reserve(&out->frames, &out->capacity, out->count + frames.count,
                                  sizeof(*out->frames)) < 0)
                        return message_errno(ENOMEM, charge->trace->reader->name, "cannot follow its stacks");
                for (size_t i = from.inlined; i < frames.count; i++)
                        out->frames[out->count++] = &frames.frames[i];
                if (!stack || !stack->parent)
                        break;
                from = (struct answer){ .stack = stack->parent };
        }
        return error;
}
