/*
 * Row 31: a program that limits the size of its own files, and meets the limit: SIGXFSZ and EFBIG come to it
 * as untraced, and its trace, which is no file of its, goes on.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "harness.h"

static volatile sig_atomic_t signals;

static void on_signal(int number) {
        signals += number == SIGXFSZ;
}

static void busy(size_t rounds) {
        void *slots[64] = { 0 };
        size_t sizes[64] = { 0 };

        for (size_t i = 0; i < rounds; i++) {
                size_t slot = i * 37 % 64;

                h_free(slots[slot], sizes[slot]);
                sizes[slot] = 1 + i % 700;
                slots[slot] = h_malloc(sizes[slot]);
        }
        for (size_t i = 0; i < 64; i++)
                h_free(slots[i], sizes[i]);
}

int main(int argc, char **argv) {
        struct sigaction action = { .sa_handler = on_signal };
        struct rlimit limit = { 1000, 1000 };
        char data[600] = { 0 };
        int fd;

        (void)argc;
        sigaction(SIGXFSZ, &action, NULL);
        busy(20000);
        setrlimit(RLIMIT_FSIZE, &limit);
        fd = open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        for (int i = 0; i < 4; i++) {
                long written = write(fd, data, sizeof data);
                h_say("wrote %ld, %s, %d signals\n", written, written < 0 ? strerrorname_np(errno) : "fine",
                      (int)signals);
                busy(20000);
        }
        close(fd);
        if (argc > 1) {
                /* Untold, it kills. */
                signal(SIGXFSZ, SIG_DFL);
                fd = open("file", O_WRONLY | O_APPEND | O_CLOEXEC);
                h_report(H_ONE_THREAD | H_NO_STATE, "signaled", SIGXFSZ);
                close((int)write(fd, data, sizeof data));
                return 98;
        }
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
