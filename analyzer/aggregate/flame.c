/*
 * See flame.h. Nodes are the keys' paths, each behind its parent, so that one pass from the last to the first
 * adds up. What is left out is so with all above it; only the rest is put in order. One thread.
 */
#include "aggregate/flame.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"

#include <math.h>
#include <string.h>

/* The root is the first, behind it the keys' nodes: there may be millions. */
struct flame_sum {
        struct compare_value all, earlier; /* of those that end there alone, until all is added up */
        uint64_t width;
        uint32_t least_line, most_line;
        uint32_t item; /* that shows it, + 1; 0: left out */
        uint32_t left; /* frames left out above it that are not yet its parent's */
        bool called;   /* not inlined, in some path */
};

/* A node that is shown. */
struct item {
        uint32_t number, position; /* in sums; in frames */
        uint32_t frames;           /* it and all above it that are shown come to so many */
        uint32_t next;             /* where the next frame directly above it goes */
        struct flame_frame frame, rest;
};

void flame_init(struct flame *flame, const struct flame_wish *wish) {
        *flame = (struct flame){ .wish = *wish, .keys.by = wish->by };
}

void flame_deinit(struct flame *flame) {
        free(flame->frames);
        free(flame->sums);
        free(flame->path.frames);
        free(flame->steps);
        keys_deinit(&flame->keys);
        *flame = (struct flame){ 0 };
}

static int no_memory(void) {
        return message_errno(ENOMEM, "flamegraph", "cannot add up");
}

static void add_value(struct compare_value *value, struct compare_value more) {
        value->size_bytes = saturate_add(value->size_bytes, more.size_bytes);
        value->count = saturate_add(value->count, more.count);
}

/* A sum that stopped at the largest number may be less than its parts. */
static uint64_t without(uint64_t all, uint64_t part) {
        return all > part ? all - part : 0;
}

static void take_value(struct compare_value *value, struct compare_value part) {
        value->size_bytes = without(value->size_bytes, part.size_bytes);
        value->count = without(value->count, part.count);
}

/* The path as it is drawn, into flame->path and what each frame of it comes from into flame->steps. */
static int take_path(struct flame *flame, const struct aggregate_node *nodes, uint32_t node) {
        struct charge_frames *path = &flame->path;
        size_t depth = nodes[node].depth;
        uint32_t place = 0, before = 0;

        if (array_reserve(&path->frames, &path->capacity, depth, sizeof(*path->frames)) < 0 ||
            array_reserve(&flame->steps, &flame->steps_capacity, depth, sizeof(*flame->steps)) < 0)
                return -ENOMEM;
        path->count = 0;
        for (; node != AGGREGATE_NO_NODE; node = nodes[node].parent, before = place) {
                if (keys_place(&flame->keys, nodes[node].frame, &place) < 0)
                        return -ENOMEM;
                if (!flame->wish.fold_recursion || path->count == 0 || place != before)
                        flame->steps[path->count++] = &nodes[node];
        }
        for (size_t i = 0; flame->wish.inverted && i < path->count / 2; i++) {
                const struct aggregate_node *step = flame->steps[i];

                flame->steps[i] = flame->steps[path->count - 1 - i];
                flame->steps[path->count - 1 - i] = step;
        }
        for (size_t i = 0; i < path->count; i++)
                path->frames[i] = flame->steps[i]->frame;
        return 0;
}

static int reserve(struct flame *flame, size_t count) {
        if (count <= flame->sum_count)
                return 0;
        if (array_reserve(&flame->sums, &flame->sums_capacity, count, sizeof(*flame->sums)) < 0)
                return -ENOMEM;
        memset(flame->sums + flame->sum_count, 0, (count - flame->sum_count) * sizeof(*flame->sums));
        flame->sum_count = count;
        return 0;
}

static void see_step(struct flame_sum *sum, const struct aggregate_node *step) {
        uint32_t line = step->frame->line;

        sum->called |= !step->inlined;
        if (line > 0 && (sum->least_line == 0 || line < sum->least_line))
                sum->least_line = line;
        if (line > sum->most_line)
                sum->most_line = line;
}

int flame_add(struct flame *flame, const struct aggregate *paths, uint32_t node, struct compare_value now,
              struct compare_value earlier) {
        uint32_t number;

        if (take_path(flame, paths->nodes, node) < 0 || keys_path(&flame->keys, &flame->path, &number) < 0 ||
            reserve(flame, flame->keys.node_count + 1) < 0)
                return no_memory();
        add_value(&flame->sums[number + 1].all, now);
        add_value(&flame->sums[number + 1].earlier, earlier);
        for (size_t i = 0; i < flame->path.count; i++) {
                see_step(&flame->sums[number + 1], flame->steps[i]);
                number = flame->keys.nodes[number].parent;
        }
        return 0;
}

static uint32_t parent_of(const struct flame *flame, uint32_t number) {
        uint32_t parent = flame->keys.nodes[number - 1].parent;

        return parent == AGGREGATE_NO_NODE ? FLAME_ROOT : parent + 1;
}

static uint32_t depth_of(const struct flame *flame, uint32_t number) {
        return number == FLAME_ROOT ? 0 : flame->keys.nodes[number - 1].depth;
}

static void add_up(struct flame *flame) {
        struct flame_sum *sums = flame->sums;

        for (size_t i = 0; i < flame->sum_count; i++)
                sums[i].width = flame_measure(flame, sums[i].all) ? flame_measure(flame, sums[i].all)
                                                                  : flame_measure(flame, sums[i].earlier);
        for (uint32_t i = (uint32_t)flame->sum_count; i-- > 1;) {
                struct flame_sum *parent = &sums[parent_of(flame, i)];

                add_value(&parent->all, sums[i].all);
                add_value(&parent->earlier, sums[i].earlier);
                parent->width = saturate_add(parent->width, sums[i].width);
        }
}

/* The widest first, and of these the least deep, so that no frame stands without its parent. */
static int compare_widths(const void *left_pointer, const void *right_pointer, void *context) {
        uint32_t left = *(const uint32_t *)left_pointer, right = *(const uint32_t *)right_pointer;
        const struct flame *flame = context;
        int order = aggregate_order_numbers(flame->sums[right].width, flame->sums[left].width);

        if (order == 0)
                order = aggregate_order_numbers(depth_of(flame, left), depth_of(flame, right));
        return order ? order : aggregate_order_numbers(left, right);
}

static int compare_places(const struct symbol_frame *left, const struct symbol_frame *right) {
        int order = aggregate_order_texts(left->function, right->function);

        if (order == 0)
                order = aggregate_order_texts(left->file, right->file);
        if (order == 0)
                order = aggregate_order_texts(left->module, right->module);
        return order ? order : aggregate_order_numbers(left->line, right->line);
}

/* Siblings together, those of the first parents first: whoever is behind its parent, its children are too. */
static int compare_siblings(const void *left_pointer, const void *right_pointer, void *context) {
        uint32_t left = *(const uint32_t *)left_pointer, right = *(const uint32_t *)right_pointer;
        const struct flame *flame = context;
        const struct flame_sum *one = &flame->sums[left], *other = &flame->sums[right];
        int order = 0;

        if (left == FLAME_ROOT || right == FLAME_ROOT)
                return aggregate_order_numbers(left, right);
        if (parent_of(flame, left) != parent_of(flame, right))
                return aggregate_order_numbers(parent_of(flame, left), parent_of(flame, right));
        if (flame->wish.sort == AGGREGATE_BY_COUNT)
                order = aggregate_order_numbers(other->all.count, one->all.count);
        if (order == 0 && flame->wish.sort != AGGREGATE_BY_PLACE)
                order = aggregate_order_numbers(other->width, one->width);
        if (order == 0)
                order = compare_places(flame->keys.nodes[left - 1].frame, flame->keys.nodes[right - 1].frame);
        return order ? order : aggregate_order_numbers(left, right);
}

/* The nodes that are shown, in the order of siblings. */
static size_t choose(struct flame *flame, uint32_t *numbers, size_t limit) {
        size_t count = 0;

        for (uint32_t i = 0; i < flame->sum_count; i++)
                if (i == FLAME_ROOT || flame->sums[i].width >= flame->least_width)
                        numbers[count++] = i;
        if (count > limit) {
                qsort_r(numbers, count, sizeof(*numbers), compare_widths, flame);
                count = limit;
                flame->least_width = flame->sums[numbers[count - 1]].width;
        }
        qsort_r(numbers, count, sizeof(*numbers), compare_siblings, flame);
        return count;
}

static struct flame_frame frame_of(const struct flame *flame, uint32_t number) {
        const struct flame_sum *sum = &flame->sums[number];

        return (struct flame_frame){
                .frame = number == FLAME_ROOT ? NULL : flame->keys.nodes[number - 1].frame,
                .depth = depth_of(flame, number),
                .least_line = sum->least_line,
                .most_line = sum->most_line,
                .inlined = number != FLAME_ROOT && !sum->called,
                .self = sum->all,
                .all = sum->all,
                .earlier_self = sum->earlier,
                .earlier = sum->earlier,
                .width = sum->width,
        };
}

/* What goes to a frame's parent: it is not the parent's own, and perhaps left out. */
static void give(struct flame *flame, struct item *items, uint32_t number) {
        struct flame_sum *sum = &flame->sums[number], *parent = &flame->sums[parent_of(flame, number)];
        struct item *shown = parent->item > 0 ? &items[parent->item - 1] : NULL;

        if (sum->item == 0)
                flame->frames_left++;
        if (!shown) {
                parent->left += sum->left + 1;
                return;
        }
        take_value(&shown->frame.self, sum->all);
        take_value(&shown->frame.earlier_self, sum->earlier);
        if (sum->item > 0)
                return;
        shown->rest.frames_left += sum->left + 1u;
        shown->rest.width = saturate_add(shown->rest.width, sum->width);
        add_value(&shown->rest.all, sum->all);
        add_value(&shown->rest.earlier, sum->earlier);
}

static bool shows_rest(const struct flame *flame, const struct item *item) {
        return item->rest.frames_left > 0 && item->rest.width > 0 && item->rest.width >= flame->least_width;
}

/* Behind the last child. */
static void put_rest(struct flame *flame, const struct item *item) {
        struct flame_frame *rest = &flame->frames[item->next];

        *rest = item->rest;
        rest->left_out = true;
        rest->parent = item->position;
        rest->depth = item->frame.depth + 1;
        if (rest->depth > flame->depth)
                flame->depth = rest->depth;
}

static struct item *parent_item(const struct flame *flame, struct item *items, size_t index) {
        return &items[flame->sums[parent_of(flame, items[index].number)].item - 1];
}

/* Items stand behind their parents', so where a frame goes is known before those above it are placed. */
static int put_frames(struct flame *flame, struct item *items, size_t count) {
        for (size_t i = count; i-- > 0;) {
                items[i].frames += 1 + shows_rest(flame, &items[i]);
                if (i > 0)
                        parent_item(flame, items, i)->frames += items[i].frames;
        }
        flame->shown = count;
        flame->count = items[0].frames;
        flame->frames = calloc(flame->count, sizeof(*flame->frames));
        if (!flame->frames)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                struct item *item = &items[i];

                if (i > 0) {
                        struct item *parent = parent_item(flame, items, i);

                        item->position = parent->next;
                        item->frame.parent = parent->position;
                        parent->next += item->frames;
                }
                item->next = item->position + 1;
                flame->frames[item->position] = item->frame;
                if (item->frame.depth > flame->depth)
                        flame->depth = item->frame.depth;
                if (flame_change(flame, &item->frame) > flame->most_change)
                        flame->most_change = flame_change(flame, &item->frame);
        }
        for (size_t i = 0; i < count; i++)
                if (shows_rest(flame, &items[i]))
                        put_rest(flame, &items[i]);
        return 0;
}

static int lay_out(struct flame *flame, const uint32_t *numbers, size_t count) {
        struct item *items = calloc(count, sizeof(*items));
        int error;

        if (!items)
                return -ENOMEM;
        for (uint32_t i = 0; i < count; i++) {
                flame->sums[numbers[i]].item = i + 1;
                items[i].number = numbers[i];
                items[i].frame = frame_of(flame, numbers[i]);
        }
        for (uint32_t i = (uint32_t)flame->sum_count; i-- > 1;)
                give(flame, items, i);
        error = put_frames(flame, items, count);
        free(items);
        return error;
}

int flame_finish(struct flame *flame, double least_share, size_t limit) {
        uint32_t *numbers = NULL;
        double least;
        int error;

        if (reserve(flame, 1) < 0 || !(numbers = calloc(flame->sum_count, sizeof(*numbers))))
                return no_memory();
        add_up(flame);
        least = ceil(least_share * (double)flame->sums[FLAME_ROOT].width);
        flame->least_width = least < 1 ? 1 : least < 0x1p64 ? (uint64_t)least : UINT64_MAX;
        error = lay_out(flame, numbers, choose(flame, numbers, limit));
        free(numbers);
        return error < 0 ? no_memory() : 0;
}
