/*
 * See check_json.h. docs/check-output.md describes it.
 */
#include "render/check_json.h"

#include "render/list.h"
#include "render/values.h"

#define SCHEMA "memtrace-check-result/1"

static json_t *amount(const struct check_amount *from) {
        return json_pack("{s:o, s:o, s:o}", "bytes",
                         from->has_bytes ? values_number(from->bytes) : json_null(), "count",
                         from->has_count ? values_number(from->count) : json_null(), "share",
                         from->has_share ? values_real(from->share) : json_null());
}

/* An array of `count` values, each made by `make` from the item at its index. NULL: no memory. */
static json_t *array_of(size_t count, json_t *(*make)(const void *items, size_t index), const void *items) {
        json_t *array = json_array();

        for (size_t i = 0; array && i < count; i++)
                if (json_array_append_new(array, make(items, i)) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

static json_t *number_at(const void *items, size_t index) {
        return values_number(((const uint64_t *)items)[index]);
}

static json_t *text_at(const void *items, size_t index) {
        return values_text(((char *const *)items)[index]);
}

static json_t *frame_at(const void *items, size_t index) {
        return values_frame(((const struct symbol_frame *const *)items)[index]);
}

static json_t *trend(const struct check_trend *from) {
        if (!from)
                return json_null();
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "slope_bytes",
                         values_real(from->slope), "slope_low_bytes", values_real(from->slope_low),
                         "slope_high_bytes", values_real(from->slope_high), "confidence",
                         values_real(from->confidence), "p", values_real(from->p), "p_adjusted",
                         values_real(from->p_adjusted), "repetitions", values_number(from->repetitions),
                         "warm_up", values_number(from->warm_up), "blocks", values_number(from->blocks),
                         "block_length", values_number(from->block_length), "least_bytes",
                         array_of(from->least_bytes ? from->repetitions : 0, number_at, from->least_bytes));
}

/* Whose block it is, where that is not malloc's; takes the finding. */
static json_t *with_domain(json_t *made, const char *domain) {
        if (!made || !domain || json_object_set_new(made, "domain", values_text(domain)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

static json_t *finding_at(const void *items, size_t index) {
        const struct check_finding *from = (const struct check_finding *)items + index;
        json_t *made = json_pack(
                "{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "place", values_text(from->place), "frame",
                from->frame ? values_frame(from->frame) : json_null(), "actual", amount(&from->actual),
                "before", amount(&from->before), "undecided", from->undecided, "why", values_text(from->why),
                "trend", trend(from->trend), "charged", values_number(from->charged), "frames",
                array_of(from->frame_count, frame_at, from->frames));

        return with_domain(made, from->domain);
}

static json_t *check_value(const struct check *from) {
        return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind",
                         check_kind_names[from->kind], "verdict", check_verdict_names[from->verdict],
                         "subject", values_text(from->subject), "glob", values_text(from->glob), "each",
                         from->each, "origin", values_text(from->origin), "limit", amount(&from->limit),
                         "actual", amount(&from->actual), "unit", values_text(from->unit), "place_count",
                         values_number(from->place_count), "why", values_text(from->why), "note",
                         values_text(from->note), "finding_total", values_number(from->finding_total),
                         "findings", array_of(from->finding_count, finding_at, from->findings));
}

static json_t *suppression_at(const void *items, size_t index) {
        const struct check_suppression *from = (const struct check_suppression *)items + index;

        return json_pack("{s:o, s:o, s:b, s:o, s:o}", "text", values_text(from->text), "origin",
                         values_text(from->origin), "used", from->used, "bytes", values_number(from->bytes),
                         "count", values_number(from->blocks));
}

static json_t *head(const struct checks *checks) {
        return json_pack("{s:s, s:s, s:o, s:{s:o, s:o, s:o}}", "schema", SCHEMA, "verdict",
                         check_verdict_names[checks_verdict(checks)], "traces",
                         array_of(checks->trace_count, text_at, checks->traces), "suppressed", "bytes",
                         values_number(checks->suppressed_bytes), "count",
                         values_number(checks->suppressed_blocks), "suppressions",
                         array_of(checks->suppression_count, suppression_at, checks->suppressions));
}

static json_t *glob_at(const void *items, size_t index) {
        return values_text(((const struct domain_glob *)items)[index].glob);
}

/* The head, and whose memory it is about where that is not the heap; takes it. */
static json_t *with_domains(json_t *made, const struct checks *checks) {
        const struct domain_choice *domains = checks->domains;

        if (!made || !domains || domains->count == 0 ||
            json_object_set_new(made, "domains", array_of(domains->count, glob_at, domains->globs)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

int check_json(const struct checks *checks, FILE *stream) {
        struct list list;

        list_begin(&list, with_domains(head(checks), checks), "checks", stream);
        for (size_t i = 0; i < checks->count && !list.failed; i++)
                list_add(&list, check_value(&checks->items[i]));
        return list_end(&list, "check");
}
