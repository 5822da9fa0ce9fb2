/*
 * See memo.h.
 */
#include "base/memo.h"

#include "base/message.h"

#include <errno.h>

int memo_begin(struct memo *memo) {
        *memo = (struct memo){ 0 };
        memo->stream = open_memstream(&memo->text, &memo->length);
        return memo->stream ? 0 : message_errno(ENOMEM, "output", "cannot print");
}

int memo_end(struct memo *memo) {
        return fclose(memo->stream) == 0 ? 0 : message_errno(ENOMEM, "output", "cannot print");
}
