/*
 * Why a preloaded library cannot trace a program, from its file: for `memtrace run`, which says so, and for
 * the tracer's exec hooks, which leave themselves out where the new program would not bear them.
 *
 * Reads what it needs and no more, by system calls. A wrong guess costs a message, never the program. Must
 * not allocate: it runs in vfork children.
 */
#ifndef MEMTRACE_OBSTACLE_H
#define MEMTRACE_OBSTACLE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum mtr_obstacle {
        MTR_OBSTACLE_NONE, /* or none that is known */
        MTR_OBSTACLE_32BIT,
        MTR_OBSTACLE_MACHINE,
        MTR_OBSTACLE_STATIC,
        MTR_OBSTACLE_ASAN, /* ends itself where it is not loaded first */
};

static inline const char *mtr_obstacle_words(enum mtr_obstacle obstacle) {
        static const char *const words[] = {
                [MTR_OBSTACLE_32BIT] = "it is a 32-bit program",
                [MTR_OBSTACLE_MACHINE] = "it is built for another processor",
                [MTR_OBSTACLE_STATIC] = "it is statically linked",
                [MTR_OBSTACLE_ASAN] = "the address sanitizer in it wants to be loaded first",
        };

        return words[obstacle];
}

/* As the kernel: a script's interpreter may be a script, a few times; and so much of its first line counts.
 */
#define MTR_INTERPRETERS_MAX 4
#define MTR_SCRIPT_LINE_MAX 258

#define MTR_ELF_HEADERS_MAX 256u
#define MTR_ELF_DYNAMIC_MAX 4096u
#define MTR_ELF_DYNAMIC_STEP 64u

static inline bool mtr_elf_read(int fd, uint64_t at, void *data, size_t size) {
        return syscall(SYS_pread64, fd, data, size, at) == (long)size;
}

static inline bool mtr_elf_header(int fd, const Elf64_Ehdr *file, unsigned index, Elf64_Phdr *header) {
        return index < file->e_phnum && index < MTR_ELF_HEADERS_MAX &&
               mtr_elf_read(fd, file->e_phoff + (uint64_t)index * sizeof(*header), header, sizeof(*header));
}

/* Where in the file the byte at an address is; 0: nowhere. */
static inline uint64_t mtr_elf_offset(int fd, const Elf64_Ehdr *file, uint64_t address) {
        Elf64_Phdr header;

        for (unsigned i = 0; mtr_elf_header(fd, file, i, &header); i++)
                if (header.p_type == PT_LOAD && address - header.p_vaddr < header.p_filesz)
                        return address - header.p_vaddr + header.p_offset;
        return 0;
}

/* The entries of a dynamic section from `first` on that fit into `entries`; how many there are of them. */
static inline unsigned mtr_elf_dynamic(int fd, const Elf64_Phdr *dynamic, unsigned first,
                                       Elf64_Dyn entries[MTR_ELF_DYNAMIC_STEP]) {
        uint64_t all = dynamic->p_filesz / sizeof(*entries), count;

        if (first >= all || first >= MTR_ELF_DYNAMIC_MAX)
                return 0;
        count = all - first < MTR_ELF_DYNAMIC_STEP ? all - first : MTR_ELF_DYNAMIC_STEP;
        if (!mtr_elf_read(fd, dynamic->p_offset + first * sizeof(*entries), entries,
                          count * sizeof(*entries)))
                return 0;
        for (unsigned i = 0; i < count; i++)
                if (entries[i].d_tag == DT_NULL)
                        return i;
        return (unsigned)count;
}

/* Whether a needed library's name begins with one of the address sanitizer's. */
static inline bool mtr_elf_needs_asan(int fd, const Elf64_Ehdr *file, const Elf64_Phdr *dynamic) {
        static const char *const names[] = { "libasan.so", "libclang_rt.asan" };
        Elf64_Dyn entries[MTR_ELF_DYNAMIC_STEP];
        uint64_t strings = 0;
        unsigned count;
        char name[16];

        for (unsigned first = 0; (count = mtr_elf_dynamic(fd, dynamic, first, entries)) > 0; first += count)
                for (unsigned i = 0; i < count; i++)
                        if (entries[i].d_tag == DT_STRTAB)
                                strings = mtr_elf_offset(fd, file, entries[i].d_un.d_ptr);
        for (unsigned first = 0; strings && (count = mtr_elf_dynamic(fd, dynamic, first, entries)) > 0;
             first += count)
                for (unsigned i = 0; i < count; i++)
                        for (size_t n = 0;
                             entries[i].d_tag == DT_NEEDED && n < sizeof(names) / sizeof(*names); n++)
                                if (mtr_elf_read(fd, strings + entries[i].d_un.d_val, name, sizeof(name)) &&
                                    strncmp(name, names[n], strlen(names[n])) == 0)
                                        return true;
        return false;
}

/* Of the ELF file open at `fd`; NONE for what is no such file. */
static inline enum mtr_obstacle mtr_obstacle_of(int fd) {
        Elf64_Ehdr file;
        Elf64_Phdr header;
        bool is_dynamic = false;

        if (!mtr_elf_read(fd, 0, &file, sizeof(file)) || memcmp(file.e_ident, ELFMAG, SELFMAG) != 0)
                return MTR_OBSTACLE_NONE;
        if (file.e_ident[EI_CLASS] == ELFCLASS32)
                return MTR_OBSTACLE_32BIT;
        if (file.e_machine != EM_X86_64)
                return MTR_OBSTACLE_MACHINE;
        if (file.e_phentsize != sizeof(header))
                return MTR_OBSTACLE_NONE;
        for (unsigned i = 0; i < file.e_phnum; i++) {
                if (!mtr_elf_header(fd, &file, i, &header))
                        return MTR_OBSTACLE_NONE;
                is_dynamic |= header.p_type == PT_INTERP;
                if (header.p_type == PT_DYNAMIC && mtr_elf_needs_asan(fd, &file, &header))
                        return MTR_OBSTACLE_ASAN;
        }
        return is_dynamic ? MTR_OBSTACLE_NONE : MTR_OBSTACLE_STATIC;
}

/* Whether the address sanitizer was told not to insist, or is preloaded itself. */
static inline bool mtr_obstacle_asan_bears(const char *asan_options, const char *preload) {
        return (asan_options && strstr(asan_options, "verify_asan_link_order=0")) ||
               (preload && strstr(preload, "asan"));
}

/* The interpreter named by the first line of a script, into `path`; false where there is none. */
static inline bool mtr_obstacle_interpreter(int fd, char *path, size_t path_bytes) {
        long length = syscall(SYS_pread64, fd, path, path_bytes - 1, 0);
        size_t from = 2, bytes;

        if (length < 3)
                return false;
        path[length] = '\0';
        if (memcmp(path, "#!", 2) != 0)
                return false;
        from += strspn(path + from, " \t");
        bytes = strcspn(path + from, " \t\n");
        /* the line goes on behind what was read */
        if (bytes == 0 || from + bytes == (size_t)length)
                return false;
        memmove(path, path + from, bytes);
        path[bytes] = '\0';
        return true;
}

#endif
