/*
 * The two words of calls.h.
 */
#include "session/calls.h"

_Atomic uint32_t calls_forbidden;
__thread uint32_t calls_forbidden_here;
