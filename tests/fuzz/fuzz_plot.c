/*
 * A trace or a file of mprof's, whatever it holds: it is drawn or refused. What is drawn has no control
 * character, what is told as JSON is some, and each column's lowest is not above its highest.
 */
#include "output.h"

#include "base/message.h"
#include "render/plot.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length_bytes);

static void draw(const struct plot *plot) {
        struct output output;

        output_begin(&output);
        if (plot_svg(plot, output.stream) != 0)
                abort();
        output_end(&output);
        for (size_t i = 0; i < output.length; i++)
                if ((unsigned char)output.text[i] < 0x20 && output.text[i] != '\n')
                        abort();
        if (strstr(output.text, "nan") || strstr(output.text, "inf"))
                abort();
        free(output.text);
}

static void tell(const struct plot *plot) {
        struct output output;
        json_t *root;

        output_begin(&output);
        if (plot_json(plot, output.stream) != 0)
                abort();
        output_end(&output);
        root = json_loadb(output.text, output.length, JSON_REJECT_DUPLICATES, NULL);
        if (!root)
                abort();
        json_decref(root);
        free(output.text);
        output_begin(&output);
        if (plot_csv(plot, output.stream) != 0)
                abort();
        output_end(&output);
        free(output.text);
}

static void check(const struct charts *charts) {
        for (size_t i = 0; i < charts->count; i++) {
                const struct curve *curve = &charts->items[i].curve;

                for (size_t k = 0; k < curve->count; k++)
                        if (curve->columns[k].low_bytes > curve->columns[k].high_bytes ||
                            curve->columns[k].rss_low_bytes > curve->columns[k].rss_high_bytes)
                                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length_bytes) {
        struct domain_choice heap = { 0 };
        const struct chart_wish wish = { .columns = 40, .slope = true, .domains = &heap };
        struct charts charts;
        struct plot plot = { .charts = &charts, .width = 400 };
        char name[40], *path = name;
        int fd = memfd_create("fuzz", MFD_CLOEXEC);

        message_silence();
        if (fd < 0 || write(fd, data, length_bytes) != (ssize_t)length_bytes)
                abort();
        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        if (chart_open(&path, 1, &wish, &charts) == 0) {
                check(&charts);
                draw(&plot);
                plot.log = true;
                draw(&plot);
                tell(&plot);
        }
        chart_close(&charts);
        close(fd);
        return 0;
}
