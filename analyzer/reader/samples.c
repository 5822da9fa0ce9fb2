/*
 * See samples.h. One thread.
 */
#include "reader/samples.h"

#include "reader/records.h"

struct samples samples_over(struct cursor body) {
        struct samples samples = { .cursor = body };

        if (!cursor_varint(&samples.cursor, &samples.left))
                samples.left = 0;
        return samples;
}

bool samples_next(struct samples *samples, struct samples_sample *sample) {
        uint64_t step, kib;

        if (samples->left == 0 || !cursor_varint(&samples->cursor, &step) ||
            !cursor_varint_max(&samples->cursor, UINT64_MAX >> 10, &kib) ||
            __builtin_add_overflow(samples->units, step, &samples->units) ||
            samples->units > UINT64_MAX / MTR_TIME_UNIT_NS)
                return false;
        samples->left--;
        *sample = (struct samples_sample){ samples->units, kib << 10 };
        return true;
}

static int tell_record(struct cursor body, samples_take *take, void *context) {
        struct samples samples = samples_over(body);
        struct samples_sample sample;
        int error = 0;

        while (error == 0 && samples_next(&samples, &sample))
                error = take(context, &sample);
        return error;
}

int samples_tell(struct trace *trace, samples_take *take, void *context) {
        struct cursor payload, body;
        const uint8_t *data;
        size_t length_bytes;
        uint32_t type;
        int error = 0;

        for (size_t i = 0; error == 0 && i < trace->reader->block_count; i++) {
                error = reader_payload(trace->reader, i, &data, &length_bytes);
                payload = cursor_over(data, error == 0 ? length_bytes : 0);
                if (error == READER_E_BLOCK)
                        error = 0; /* it is listed as damage */
                while (error == 0 && records_next(&payload, &type, &body))
                        if (type == MTR_RSS)
                                error = tell_record(body, take, context);
        }
        return error;
}
