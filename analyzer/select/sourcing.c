/*
 * See sourcing.h.
 */
#include "select/sourcing.h"

static const struct option_spec specs[] = {
        { "source-dir", 'd', "DIR|OLD=NEW", "where source is: below DIR, or at NEW where it was at OLD",
          NULL },
        { 0 },
};

static int take(void *context, size_t index, const char *value) {
        (void)index;
        return sources_add(context, value);
}

const struct option_group sourcing_options = { specs, take };
