/*
 * See charge.h. Modules are judged once each, by name alone, so that frames of the runtime are
 * passed over without being looked up. One thread.
 */
#include "aggregate/charge.h"

#include "base/message.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct charge {
        const struct trace *trace;
        struct symbols *symbols;
        enum charge_frame which;
        bool *runtime_module;
        const struct symbol_frame **answers; /* by stack */
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
        "malloc",        "calloc",         "realloc",        "reallocarray", "free",          "cfree",
        "aligned_alloc", "memalign",       "posix_memalign", "valloc",       "pvalloc",       "strdup",
        "strndup",       "wcsdup",         "asprintf",       "vasprintf",    "getline",       "getdelim",
        "operator new",  "operator new[]", "__strdup",       "__strndup",    "__libc_malloc",
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

struct charge *charge_new(const struct trace *trace, struct symbols *symbols, enum charge_frame which) {
        struct charge *charge = calloc(1, sizeof(*charge));
        size_t module_count = trace->tables[TRACE_MODULES].count;

        if (charge) {
                *charge = (struct charge){ .trace = trace, .symbols = symbols, .which = which };
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

static int leaf(struct charge *charge, uint32_t id, const struct symbol_frame **answer) {
        const struct trace_stack *stack = trace_stack(charge->trace, id);
        struct symbol_frames frames;
        int error = symbols_lookup(charge->symbols, stack ? stack->frame : TRACE_NO_NUMBER, &frames);

        if (error == 0)
                *answer = &frames.frames[0];
        return error;
}

static bool is_passed_over(const struct charge *charge, const struct symbol_frame *frame) {
        if (frame->function && charge_is_runtime_function(frame->function))
                return true;
        return charge->which == CHARGE_SKIP_STD && charge_is_std(frame);
}

static int first_user(struct charge *charge, uint32_t id, const struct symbol_frame **answer) {
        const struct trace_stack *stack = trace_stack(charge->trace, id);

        /* the cap is the format's: a longer chain is not a stack */
        for (unsigned depth = 0; stack && depth < MTR_STACK_DEPTH_MAX; depth++) {
                const struct trace_frame *frame = trace_frame(charge->trace, stack->frame);
                struct symbol_frames frames;
                int error;

                if (frame && frame->module != TRACE_NO_MODULE && charge->runtime_module[frame->module]) {
                        stack = trace_stack(charge->trace, stack->parent);
                        continue;
                }
                error = symbols_lookup(charge->symbols, stack->frame, &frames);
                if (error < 0)
                        return error;
                for (size_t i = 0; i < frames.count; i++) {
                        if (is_passed_over(charge, &frames.frames[i]))
                                continue;
                        *answer = &frames.frames[i];
                        return 0;
                }
                stack = trace_stack(charge->trace, stack->parent);
        }
        /* nothing but runtime, as in its own start-up: then it is the runtime's */
        return leaf(charge, id, answer);
}

int charge_stack(struct charge *charge, uint32_t id, const struct symbol_frame **frame) {
        const struct symbol_frame **kept = &charge->answers[id];
        int error = 0;

        if (!*kept)
                error = charge->which == CHARGE_LEAF ? leaf(charge, id, kept) : first_user(charge, id, kept);
        *frame = *kept;
        return error;
}
