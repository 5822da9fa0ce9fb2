/*
 * See chrome_events.h. One thread.
 */
#include "render/export/chrome_events.h"

#include "base/message.h"
#include "render/values.h"

#include <errno.h>

json_t *chrome_events_time(uint64_t time_ns) {
        return json_real((double)time_ns / 1000);
}

int chrome_events_put(struct chrome_events *events, json_t *event, uint64_t tid) {
        bool failed = json_object_set_new(event, "pid", json_integer(events->pid)) < 0 ||
                      json_object_set_new(event, "tid", values_number(tid ? tid : events->pid)) < 0;

        if (!failed) {
                fputs(events->count++ > 0 ? ",\n" : "\n", events->stream);
                failed = values_put(json_incref(event),
                                    JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15),
                                    events->stream) < 0;
        }
        json_decref(event);
        return failed ? message_errno(ENOMEM, events->name, "cannot export") : 0;
}
