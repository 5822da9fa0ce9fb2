/*
 * The search through /proc: see namesake.h. Runs in the collector's one thread.
 */
#include "collector/namesake.h"

#include <dirent.h>

#include "collector/proc.h"
#include "collector/sys.h"
#include "collector/text.h"

#define NSPID "\nNSpid:"

/* The process's pid in the innermost namespace it is in; 0 when unknown. */
static uint32_t innermost_pid(uint32_t pid) {
        char status[2048];
        long length = proc_read(pid, "status", status, sizeof(status));
        const char *at = length > 0 ? strstr(status, NSPID) : NULL;
        uint32_t inner = 0;

        if (!at)
                return 0;
        for (at += strlen(NSPID); *at == '\t'; inner = (uint32_t)text_parse(&at, 10))
                at++;
        return inner;
}

/* A process among one read of /proc's entries; 0 when it is none of these. */
static uint32_t search(const char *entries, long length, uint32_t pid, uint64_t session_inode,
                       const struct process *own) {
        for (long at = 0; at < length;) {
                const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
                const char *digits = entry->d_name;
                uint32_t candidate = (uint32_t)text_parse(&digits, 10);

                if (*digits == '\0' && innermost_pid(candidate) == pid &&
                    proc_writes(candidate, session_inode, own) == PROC_YES)
                        return candidate;
                at += entry->d_reclen;
        }
        return 0;
}

uint32_t namesake_of(uint32_t pid, uint64_t session_inode, const struct process *own) {
        char entries[4096] __attribute__((aligned(8)));
        uint32_t found = 0;
        long length;
        int fd;

        if (proc_writes(pid, session_inode, own) == PROC_YES)
                return pid;
        fd = sys_open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        while (fd >= 0 && found == 0 &&
               (length = sys_call3(SYS_getdents64, fd, (long)entries, sizeof(entries))) > 0)
                found = search(entries, length, pid, session_inode, own);
        if (fd >= 0)
                sys_close(fd);
        return found != 0 ? found : pid;
}
