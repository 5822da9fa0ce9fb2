/* The collector as a process: its answer at the start, its file's name, and how a process's end is told. */
#include <criterion/criterion.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/collector_entry.h"
#include "stage.h"

#define A UINT64_C(0x555500001000)
#define PATIENCE_NS UINT64_C(10000000000)

static char directory[64];

/* The part of a traced program: registers, has its collector forked, and records a little. */
struct program {
        struct session *session;
        struct process *process;
        struct ring *ring;
};

static void program_start(struct program *program, const char *template) {
        struct options options = { .depth = 64, .rss_interval_ms = 2, .argv = true, .enabled = true };
        uint32_t chunk, ring;
        pid_t child;

        (void)snprintf(options.output, sizeof(options.output), "%s/%s", directory, template);
        program->session = session_new(&options);
        chunk = session_chunk_take(program->session);
        program->process = session_chunk(program->session, chunk);
        program->process->pid = (uint32_t)getpid();
        program->process->ppid = (uint32_t)getppid();
        program->process->depth = 64;
        program->session->processes[0].chunk = chunk;
        atomic_store(&program->session->processes[0].state, PROCESS_SLOT_READY);
        atomic_store(&program->session->process_high, 1);
        child = fork();
        if (child == 0) {
                if (fork() == 0)
                        collector_run(program->session);
                _exit(0);
        }
        (void)waitpid(child, NULL, 0);
        while (atomic_load(&program->session->status) == SESSION_STARTING)
                session_futex_wait(&program->session->status, SESSION_STARTING, STAGE_MS);
        ring = session_chunk_take(program->session);
        program->ring = session_chunk(program->session, ring);
        atomic_store(&program->ring->owner, (uint32_t)getpid());
        atomic_store(&program->process->rings[0], ring);
        atomic_store(&program->process->ring_count, 1);
}

static void program_allocate(struct program *program, uint32_t count) {
        for (uint32_t i = 0; i < count; i++) {
                uint64_t position = ring_reserve(program->ring, 2);

                ring_put(program->ring, position + 1, record_stack(0, 16));
                ring_put(program->ring, position, record_first(RECORD_ALLOC, 0, A + i * 16));
        }
}

/* Run `body` as a program of its own; its wait status. */
static int run(void (*body)(struct program *program), const char *template, pid_t *pid) {
        struct program program = { 0 };
        int status;

        *pid = fork();
        if (*pid == 0) {
                program_start(&program, template);
                if (atomic_load(&program.session->status) != SESSION_READY)
                        _exit(99);
                body(&program);
                _exit(0);
        }
        (void)waitpid(*pid, &status, 0);
        return status;
}

/* The trace, once its collector has let it go. */
static struct seen *trace_of(const char *name) {
        char path[128];
        struct seen *seen;
        int fd;

        (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
        fd = open(path, O_RDONLY);
        cr_assert_geq(fd, 0, "%s", path);
        for (uint64_t waited = 0; syscall(SYS_flock, fd, 2 | 4 /* LOCK_EX | LOCK_NB */) != 0;
             waited += STAGE_MS) {
                cr_assert_lt(waited, PATIENCE_NS, "the collector ends with its last process");
                (void)usleep(1000);
        }
        seen = seen_read(fd);
        close(fd);
        return seen;
}

static void begin(void) {
        strcpy(directory, "/tmp/memtrace-family-XXXXXX");
        cr_assert_not_null(mkdtemp(directory));
}

static void end(void) {
        char command[128];

        (void)snprintf(command, sizeof(command), "rm -r %s", directory);
        cr_assert_eq(system(command), 0);
}

TestSuite(family, .init = begin, .fini = end);

static void body_exit(struct program *program) {
        uint32_t flush;

        program_allocate(program, 1000);
        atomic_store(&program->process->end_code, 3);
        atomic_store(&program->process->end_how, MTR_END_EXITED);
        flush = atomic_fetch_add(&program->process->flush, 1) + 1;
        session_wake(program->session);
        while (atomic_load(&program->process->flushed) != flush)
                session_futex_wait(&program->process->flushed, flush - 1, STAGE_MS);
        _exit(3);
}

static void body_plain_exit(struct program *program) {
        program_allocate(program, 5);
        _exit(7);
}

static void body_kill(struct program *program) {
        program_allocate(program, 10000);
        (void)raise(SIGKILL);
}

static void body_exec(struct program *program) {
        program_allocate(program, 10);
        (void)execl("/bin/sleep", "sleep", "0.3", NULL);
}

Test(family, an_exit_is_told_with_its_code) {
        struct seen *seen;
        pid_t pid;

        cr_assert(WIFEXITED(run(body_exit, "a.mtr", &pid)));
        seen = trace_of("a.mtr");
        cr_assert_eq(seen->allocations, 1000);
        cr_assert_eq(seen->end.how, MTR_END_EXITED);
        cr_assert_eq(seen->end.code, 3);
        cr_assert_eq(seen->end_count, 1);
        cr_assert_eq(seen->file.pid, (uint32_t)pid);
        seen_free(seen);
}

Test(family, the_kernel_tells_an_exit_that_nobody_announced) {
        struct seen *seen;
        pid_t pid;

        (void)run(body_plain_exit, "a.mtr", &pid);
        seen = trace_of("a.mtr");
        cr_assert_eq(seen->allocations, 5);
        cr_assert(seen->end.how == MTR_END_EXITED ? seen->end.code == 7 : seen->end.how == MTR_END_UNKNOWN);
        seen_free(seen);
}

Test(family, all_that_a_killed_program_recorded_is_there) {
        struct seen *seen;
        pid_t pid;

        cr_assert(WIFSIGNALED(run(body_kill, "a.mtr", &pid)));
        seen = trace_of("a.mtr");
        cr_assert_eq(seen->allocations, 10000);
        cr_assert_eq(seen->end.lost, 0);
        cr_assert(seen->end.how == MTR_END_SIGNALED ? seen->end.code == SIGKILL
                                                    : seen->end.how == MTR_END_UNKNOWN);
        seen_free(seen);
}

Test(family, a_program_that_is_replaced_ends_there) {
        struct seen *seen;
        pid_t pid;

        (void)run(body_exec, "a.mtr", &pid);
        seen = trace_of("a.mtr");
        cr_assert_eq(seen->allocations, 10);
        cr_assert_eq(seen->end.how, MTR_END_EXEC);
        cr_assert_lt(seen->end.time_ns, 250 * STAGE_MS, "while the next program still ran");
        seen_free(seen);
}

Test(family, a_file_that_exists_is_left_alone) {
        char path[128], content[8] = { 0 };
        pid_t pid;
        int status, fd;

        (void)snprintf(path, sizeof(path), "%s/a.mtr", directory);
        fd = open(path, O_CREAT | O_RDWR, 0600);
        cr_assert_eq(write(fd, "hello", 5), 5);
        status = run(body_plain_exit, "a.mtr", &pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 99);
        cr_assert_eq(pread(fd, content, sizeof(content), 0), 5);
        cr_assert_str_eq(content, "hello");
        close(fd);
}

Test(family, what_cannot_be_written_is_named_with_its_reason) {
        struct program program = { 0 };
        char expected[256];

        program_start(&program, "missing/%%-%e.mtr");
        cr_assert_eq(atomic_load(&program.session->status), SESSION_FAILED);
        (void)snprintf(
                expected, sizeof(expected),
                "cannot write trace '%s/missing/%%-test-collector-family.mtr': No such file or directory",
                directory);
        if (strstr(program.session->status_text, "test-collector-family"))
                cr_assert_str_eq(program.session->status_text, expected);
        cr_assert_not_null(strstr(program.session->status_text, "No such file or directory"));
        cr_assert_null(strchr(program.session->status_text, '\n'));
}

static void body_again(struct program *program) {
        struct program again = { 0 };

        program_allocate(program, 1);
        program_start(&again, "a.mtr"); /* as an exec'd image of the same pid does */
        if (atomic_load(&again.session->status) == SESSION_READY)
                program_allocate(&again, 2);
}

Test(family, an_image_that_was_execd_has_a_trace_of_its_own) {
        struct seen *first, *second;
        char name[64];
        pid_t pid;

        (void)run(body_again, "a.mtr", &pid);
        (void)snprintf(name, sizeof(name), "a.%d.mtr", (int)pid);
        first = trace_of("a.mtr");
        second = trace_of(name);
        cr_assert_eq(first->allocations, 1);
        cr_assert_eq(second->allocations, 2);
        seen_free(first);
        seen_free(second);
}

Test(family, a_stopped_family_says_so) {
        struct program program = { 0 };
        struct seen *seen;

        program_start(&program, "a.mtr");
        program_allocate(&program, 4);
        atomic_store(&program.session->abandoned, 1);
        session_wake(program.session);
        seen = trace_of("a.mtr");
        cr_assert_eq(seen->allocations, 4);
        cr_assert_eq(seen->end.how, MTR_END_STOPPED);
        cr_assert_geq(seen->lost[MTR_LOSS_COLLECTOR], 1);
        cr_assert(session_is_orphaned(program.session));
        seen_free(seen);
}

/* What a late child tells: its pid, and whether its collector was there when it was taken. */
static struct late {
        _Atomic pid_t pid; /* -1: the collector had left before */
        bool orphaned;
} * late;

/* Registered as its starter ends: what the collector sees in the middle of taking its leave. */
static void body_late_child(struct program *program) {
        struct session *session = program->session;
        uint32_t chunk = session_chunk_take(session);
        struct process *child = session_chunk(session, chunk);
        pid_t parent = getpid();

        session->processes[1].chunk = chunk;
        atomic_store(&session->processes[1].state, PROCESS_SLOT_CLAIMED);
        atomic_store(&session->process_high, 2);
        if (fork() != 0)
                _exit(0);
        child->pid = (uint32_t)getpid();
        child->ppid = (uint32_t)parent;
        child->forked = true;
        child->depth = 64;
        while (atomic_load(&session->processes[0].state) != PROCESS_SLOT_EMPTY)
                (void)sched_yield();
        atomic_store(&session->processes[1].state, PROCESS_SLOT_READY);
        session_wake(session);
        while (atomic_load(&child->service) != PROCESS_SERVED) /* not asleep: to look at once */
                if (atomic_load(&session->alive.owner) & FUTEX_OWNER_DIED) {
                        late->pid = -1; /* it had waited a second for us */
                        _exit(0);
                }
        late->orphaned = session_is_orphaned(session);
        late->pid = getpid();
        atomic_store(&child->end_code, 5);
        atomic_store(&child->end_how, MTR_END_EXITED);
        _exit(5);
}

Test(family, a_child_that_is_taken_at_the_last_moment_finds_the_collector_there) {
        struct seen *seen;
        char name[64];
        pid_t pid;

        late = mmap(NULL, sizeof(*late), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        for (unsigned try = 0; late->pid <= 0; try++) {
                late->pid = 0;
                (void)snprintf(name, sizeof(name), "%u.mtr", try);
                (void)run(body_late_child, name, &pid);
                while (late->pid == 0)
                        (void)usleep(1000);
        }
        cr_assert(!late->orphaned);
        *strrchr(name, '.') = '\0';
        (void)snprintf(name + strlen(name), sizeof(name) - strlen(name), ".%d.mtr", (int)late->pid);
        seen = trace_of(name);
        cr_assert_eq(seen->end.how, MTR_END_EXITED);
        cr_assert_eq(seen->end.code, 5);
        seen_free(seen);
        (void)munmap(late, sizeof(*late));
}
