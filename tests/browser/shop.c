/*
 * A program to make pictures of: what it holds goes up and down in phases of some hundredths of a second, in
 * functions that call each other and themselves, in two threads, with temporaries. What it allocates is the
 * same in each run.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORDERS 400
#define PHASE_US 40000

struct order {
        char *customer, *items;
};

struct node {
        struct node *left, *right;
        char payload[100];
};

static struct order orders[ORDERS];
static struct node *catalogue;
static void *volatile sink;
static char *images[8];

static struct node *plant_tree(int depth) {
        struct node *node = malloc(sizeof(*node));

        node->left = depth > 0 ? plant_tree(depth - 1) : NULL;
        node->right = depth > 0 ? plant_tree(depth - 1) : NULL;
        return node;
}

static void fell_tree(struct node *node) {
        if (!node)
                return;
        fell_tree(node->left);
        fell_tree(node->right);
        free(node);
}

static char *copy_name(const char *name, size_t length) {
        char *copy = calloc(1, length);

        strcpy(copy, name);
        return copy;
}

static void format_line(void) {
        sink = malloc(80);
        free(sink);
}

static void take_order(int i) {
        orders[i].customer = copy_name("customer", 32 + i % 7);
        orders[i].items = copy_name("items", 500 + i);
        format_line();
}

static void ship_order(int i) {
        free(orders[i].items);
        orders[i].items = NULL;
}

static void *load_images(void *unused) {
        pthread_setname_np(pthread_self(), "images");
        for (int i = 0; i < 8; i++) {
                images[i] = malloc(20000 + 1000u * (unsigned)i);
                usleep(PHASE_US / 8);
        }
        return unused;
}

int main(void) {
        pthread_t thread;

        catalogue = plant_tree(9);
        usleep(PHASE_US);
        for (int i = 0; i < ORDERS; i++)
                take_order(i);
        usleep(PHASE_US);
        pthread_create(&thread, NULL, load_images, NULL);
        pthread_join(thread, NULL);
        for (int i = 0; i < ORDERS; i += 2)
                ship_order(i);
        usleep(PHASE_US);
        fell_tree(catalogue);
        usleep(PHASE_US);
        for (int i = 0; i < 4; i++)
                free(images[i]);
        return 0;
}
