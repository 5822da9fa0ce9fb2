/*
 * Registration of session->alive with the kernel: see alive.h.
 */
#include "collector/alive.h"

#include <linux/futex.h>

#include "collector/sys.h"

_Static_assert(offsetof(struct robust_link, next) == 0, "the kernel follows it from the entry's start");
_Static_assert(sizeof(struct robust_list *) == sizeof(struct robust_link *), "the same to the kernel");

/* The kernel reads it when this thread dies; it replaces the list that the fork copied. */
static struct robust_list_head list;

void alive_begin(struct session *session) {
        long tid = sys_call3(SYS_gettid, 0, 0, 0);

        session->alive.next = (struct robust_link *)&list.list;
        list.list.next = (struct robust_list *)&session->alive;
        list.futex_offset = offsetof(struct robust_link, owner) - offsetof(struct robust_link, next);
        list.list_op_pending = NULL;
        /* Release pairs with the status word's acquire: whoever sees us ready sees us alive. */
        atomic_store_explicit(&session->alive.owner, tid > 0 ? (uint32_t)tid : 0, memory_order_release);
        (void)sys_call3(SYS_set_robust_list, (long)&list, sizeof(list), 0);
}
