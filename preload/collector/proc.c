/*
 * Readers of /proc: see proc.h. Runs in the collector's one thread.
 */
#include "collector/proc.h"

#include "collector/sys.h"
#include "collector/text.h"

#define PATH_ROOM 64u
#define MAPS_ROOM 16384u
#define DELETED " (deleted)"

static void proc_path(char path[PATH_ROOM], uint32_t pid, const char *name) {
        struct text text = text_in(path, PATH_ROOM);

        text_string(&text, "/proc/");
        text_number(&text, pid);
        text_string(&text, "/");
        text_string(&text, name);
}

/* Its numbers are not ours: a pid namespace was left for this one, and its /proc is still mounted. */
static bool is_foreign;

void proc_begin(void) {
        char self[16];
        const char *digits = self;
        long length = sys_readlink("/proc/self", self, sizeof(self) - 1);

        self[length > 0 ? length : 0] = '\0';
        is_foreign = length > 0 && text_parse(&digits, 10) != (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
}

int proc_open(uint32_t pid, const char *name) {
        char path[PATH_ROOM];

        if (is_foreign)
                return -ESRCH;
        proc_path(path, pid, name);
        return sys_open(path, O_RDONLY | O_CLOEXEC, 0);
}

long proc_read(uint32_t pid, const char *name, char *data, size_t size) {
        int fd = proc_open(pid, name);
        long length;

        if (fd < 0)
                return fd;
        length = sys_read(fd, data, size - 1);
        sys_close(fd);
        if (length >= 0)
                data[length] = '\0';
        return length;
}

bool proc_link(uint32_t pid, const char *name, char *target, size_t size) {
        char path[PATH_ROOM];
        long length = -ESRCH;

        proc_path(path, pid, name);
        if (!is_foreign)
                length = sys_readlink(path, target, size - 1);
        target[length > 0 ? length : 0] = '\0';
        if (length <= 0)
                return false;
        if ((size_t)length > strlen(DELETED) && strcmp(target + length - strlen(DELETED), DELETED) == 0)
                target[(size_t)length - strlen(DELETED)] = '\0';
        return true;
}

void proc_arguments(uint32_t pid, struct buffer *arguments, size_t max) {
        int fd = proc_open(pid, "cmdline");

        while (fd >= 0 && arguments->used < max && buffer_reserve(arguments, 4096)) {
                size_t room = max - arguments->used < 4096 ? max - arguments->used : 4096;
                long length = sys_read(fd, buffer_end(arguments), room);

                if (length <= 0)
                        break;
                arguments->used += (size_t)length;
        }
        if (fd >= 0)
                sys_close(fd);
}

size_t proc_thread_name(uint32_t pid, uint32_t tid, char *name, size_t size) {
        char file[PATH_ROOM];
        struct text text = text_in(file, sizeof(file));
        long length;

        text_string(&text, "task/");
        text_number(&text, tid);
        text_string(&text, "/comm");
        length = proc_read(pid, file, name, size);
        if (length > 0 && name[length - 1] == '\n')
                length--;
        return length > 0 ? (size_t)length : 0;
}

static bool stat_parse(const char *data, struct proc_stat *stat) {
        /* The name in parentheses may hold anything, another parenthesis too. */
        const char *at = strrchr(data, ')');

        if (!at || at[1] != ' ')
                return false;
        stat->state = at[2];
        at += 2;
        for (int field = 3; *at != '\0'; field++) {
                if (field == 4)
                        stat->ppid = (uint32_t)text_parse(&at, 10);
                if (field == 20)
                        stat->threads = (uint32_t)text_parse(&at, 10);
                if (field == 52)
                        stat->exit_code = (int32_t)text_parse(&at, 10);
                at = strchr(at, ' ');
                if (!at)
                        break;
                at++;
        }
        return true;
}

bool proc_stat(uint32_t pid, struct proc_stat *stat) {
        char data[1024];

        *stat = (struct proc_stat){ 0 };
        return proc_read(pid, "stat", data, sizeof(data)) > 0 && stat_parse(data, stat);
}

uint64_t proc_statm_kib(int fd) {
        char data[128];
        long length = sys_pread(fd, data, sizeof(data) - 1, 0);
        const char *at = data;

        if (length <= 0)
                return 0;
        data[length] = '\0';
        (void)text_parse(&at, 10);
        if (*at == ' ')
                at++;
        return text_parse(&at, 10) * 4;
}

uint64_t proc_own_private_kib(void) {
        int fd = sys_open("/proc/self/statm", O_RDONLY | O_CLOEXEC, 0);
        char data[128];
        const char *at = data;
        long length = fd < 0 ? 0 : sys_read(fd, data, sizeof(data) - 1);
        uint64_t kib[3] = { 0 }; /* in all, resident, of that shared */

        if (fd >= 0)
                sys_close(fd);
        if (length <= 0)
                return 0;
        data[length] = '\0';
        for (int field = 0; field < 3; field++) {
                kib[field] = text_parse(&at, 10) * 4;
                at += *at == ' ';
        }
        return kib[1] > kib[2] ? kib[1] - kib[2] : 0;
}

struct mapping {
        uint64_t start, end, inode;
        bool writable;
        bool anonymous; /* of no device, as shared anonymous memory is */
};

/* One line of /proc/PID/maps: "start-end perms offset major:minor inode  path". */
static struct mapping mapping_of(const char *line) {
        struct mapping mapping = { .start = text_parse(&line, 16) };

        line += *line == '-';
        mapping.end = text_parse(&line, 16);
        for (int field = 0; field < 3; field++) { /* perms, offset, device */
                line = strchr(line, ' ');
                if (!line)
                        return mapping;
                line++;
                mapping.writable |= field == 0 && line[0] != '\0' && line[1] == 'w';
        }
        mapping.anonymous = strncmp(line, "00:", 3) == 0;
        line = strchr(line, ' ');
        if (line) {
                line++;
                mapping.inode = text_parse(&line, 10);
        }
        return mapping;
}

/* The mapping that has `address`; where `inode` is not 0, if it is writable and of that. */
static enum proc_answer maps_find(int fd, uint64_t inode, uint64_t address, struct mapping *found) {
        static char data[MAPS_ROOM];
        size_t used = 0;

        if (fd < 0)
                return PROC_UNKNOWN;
        for (;;) {
                long length = sys_read(fd, data + used, sizeof(data) - 1 - used);
                char *line = data, *end;

                if (length <= 0)
                        break;
                used += (size_t)length;
                data[used] = '\0';
                for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
                        *end = '\0';
                        *found = mapping_of(line);
                        if (address >= found->start && address < found->end &&
                            (inode == 0 || (found->inode == inode && found->anonymous && found->writable)))
                                return PROC_YES;
                }
                used -= (size_t)(line - data);
                memmove(data, line, used);
                if (used == sizeof(data) - 1)
                        used = 0; /* a line longer than any path: not ours */
        }
        /* A process that is dying maps nothing any more, and may have begun to while we read. */
        return sys_pread(fd, data, 1, 0) > 0 ? PROC_NO : PROC_UNKNOWN;
}

uint64_t proc_own_inode(const void *address) {
        int fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
        struct mapping mapping = { 0 };
        bool found = maps_find(fd, 0, (uint64_t)address, &mapping) == PROC_YES;

        if (fd >= 0)
                sys_close(fd);
        return found ? mapping.inode : 0;
}

enum proc_answer proc_writes(uint32_t pid, uint64_t inode, const void *address) {
        int fd = inode ? proc_open(pid, "maps") : -1;
        struct mapping mapping;
        enum proc_answer answer = maps_find(fd, inode, (uint64_t)address, &mapping);

        if (fd >= 0)
                sys_close(fd);
        return answer;
}
