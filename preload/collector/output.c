/*
 * Naming and opening of trace files: see output.h. Runs in the collector's one thread.
 */
#include "collector/output.h"

#include <memtrace/crc32c.h>
#include <memtrace/harmless.h>
#include <sys/file.h>
#include <sys/utsname.h>

#include "collector/proc.h"
#include "collector/sys.h"

#define DEFAULT_TEMPLATE "memtrace.%e.%p.mtr"
#define ANCESTORS_MAX 256u
#define SUFFIX_MAX 10000u
#define LOCK_EXCLUSIVE_NOW (LOCK_EX | LOCK_NB)

static void expand(const struct trace *trace, struct text *path) {
        const struct options *options = &trace->identity->options;
        const char *at = options->output[0] != '\0' ? options->output : DEFAULT_TEMPLATE;
        struct utsname host;

        for (; *at != '\0'; at++) {
                if (at[0] != '%' || at[1] == '\0') {
                        text_bytes(path, at, 1);
                        continue;
                }
                switch (*++at) {
                case 'e':
                        text_string(path, trace->identity->name);
                        break;
                case 'p':
                        text_number(path, trace->process->pid);
                        break;
                case 'h':
                        if (sys_call3(SYS_uname, (long)&host, 0, 0) == 0)
                                text_string(path, host.nodename);
                        break;
                case 't':
                        text_number(path, sys_clock_ns(CLOCK_REALTIME) / 1000000000u);
                        break;
                case '%':
                        text_string(path, "%");
                        break;
                default: /* not ours: as it stands */
                        text_bytes(path, at - 1, 2);
                }
        }
}

/* `path` with ".PID" or ".PID.N" before its extension. */
static void with_suffix(const char *path, uint32_t pid, uint32_t number, struct text *suffixed) {
        const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        const char *dot = strrchr(name, '.');
        size_t stem = dot && dot != name ? (size_t)(dot - path) : strlen(path);

        suffixed->length = 0;
        text_bytes(suffixed, path, stem);
        text_string(suffixed, ".");
        text_number(suffixed, pid);
        if (number != 0) {
                text_string(suffixed, ".");
                text_number(suffixed, number);
        }
        text_string(suffixed, path + stem);
}

static int create(const char *path) {
        int fd = sys_open(path, O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0600);

        /* A file system without locks serves as well; readers then do not wait for the last block. */
        if (fd >= 0)
                (void)sys_call3(SYS_flock, fd, LOCK_EXCLUSIVE_NOW, 0);
        return fd;
}

/* Whether the file at `path` is a trace of this very pid (before it exec'd) or of an ancestor's. */
static bool is_of_family(const char *path, const struct trace *trace) {
        struct mtr_file_header header;
        struct proc_stat stat = { .ppid = trace->process->ppid };
        int fd = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
        uint32_t pid = trace->process->pid;
        long length;

        if (fd < 0)
                return false;
        length = sys_read(fd, &header, sizeof(header));
        sys_close(fd);
        if (length != (long)sizeof(header) || memcmp(header.magic, MTR_MAGIC, sizeof(header.magic)) != 0 ||
            header.checksum != mtr_crc32c(&header, offsetof(struct mtr_file_header, checksum)))
                return false;
        for (uint32_t i = 0; i < ANCESTORS_MAX && pid != 0; i++) {
                if (header.pid == pid)
                        return true;
                (void)proc_stat(pid, &stat);
                pid = stat.ppid;
                stat.ppid = 0;
        }
        return false;
}

/* One line about a path: it may hold anything but must not move a terminal's cursor. */
static void reason_line(struct text *reason, const char *before, const char *path, const char *after) {
        char shown[OPTIONS_PATH_MAX];

        text_string(reason, before);
        text_string(reason, mtr_harmless_text(path, shown, sizeof(shown)));
        text_string(reason, after);
}

int output_open(const struct trace *trace, char created[OPTIONS_PATH_MAX], struct text *reason) {
        char expanded[OPTIONS_PATH_MAX];
        struct text path = text_in(expanded, sizeof(expanded));
        struct text other = text_in(created, OPTIONS_PATH_MAX);
        int fd;

        expand(trace, &path);
        fd = path.cut ? -ENAMETOOLONG : create(path.data);
        if (fd >= 0)
                text_string(&other, path.data);
        if (fd == -EEXIST) {
                if (!trace->process->forked && !is_of_family(path.data, trace)) {
                        reason_line(reason, "trace '", path.data, "' exists; not overwritten");
                        return fd;
                }
                for (uint32_t number = 0; fd == -EEXIST && number < SUFFIX_MAX; number++) {
                        with_suffix(path.data, trace->process->pid, number, &other);
                        fd = other.cut ? -ENAMETOOLONG : create(other.data);
                }
        }
        if (fd < 0) {
                const char *why = strerrordesc_np(-fd);

                reason_line(reason, "cannot write trace '", path.data, "': ");
                text_string(reason, why ? why : "unknown error");
        }
        return fd;
}
