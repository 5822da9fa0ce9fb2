// Row 7: every replaceable form of new and delete is one call, whichever functions it goes through.

#include <new>

#include "harness.h"

struct alignas(64) Wide {
        char bytes[192];
};

struct Narrow {
        char bytes[24];
};

// libstdc++ serves an alignment beyond malloc's through aligned_alloc, with the size rounded up to it.
static void *took_new(void *block, size_t bytes) {
        h_took(H_MALLOC, block, bytes);
        return block;
}

static void *took_aligned(void *block, size_t bytes) {
        h_took(H_ALIGNED_ALLOC, block, bytes);
        return block;
}

int main() {
        const std::align_val_t wide = std::align_val_t(64);

        void *a = took_new(::operator new(11), 11);
        h_gave(a, 11);
        ::operator delete(a);
        void *b = took_new(::operator new(12, std::nothrow), 12);
        h_gave(b, 12);
        ::operator delete(b, std::nothrow);
        void *c = took_new(::operator new(13), 13);
        h_gave(c, 13);
        ::operator delete(c, size_t(13));
        void *d = took_new(::operator new[](14), 14);
        h_gave(d, 14);
        ::operator delete[](d);
        void *e = took_new(::operator new[](15, std::nothrow), 15);
        h_gave(e, 15);
        ::operator delete[](e, std::nothrow);
        void *f = took_new(::operator new[](16), 16);
        h_gave(f, 16);
        ::operator delete[](f, size_t(16));

        void *g = took_aligned(::operator new(64, wide), 64);
        h_gave(g, 64);
        ::operator delete(g, wide);
        void *h = took_aligned(::operator new(128, wide, std::nothrow), 128);
        h_gave(h, 128);
        ::operator delete(h, wide, std::nothrow);
        void *i = took_aligned(::operator new(192, wide), 192);
        h_gave(i, 192);
        ::operator delete(i, size_t(192), wide);
        void *j = took_aligned(::operator new[](256, wide), 256);
        h_gave(j, 256);
        ::operator delete[](j, wide);
        void *k = took_aligned(::operator new[](320, wide, std::nothrow), 320);
        h_gave(k, 320);
        ::operator delete[](k, wide, std::nothrow);
        void *l = took_aligned(::operator new[](384, wide), 384);
        h_gave(l, 384);
        ::operator delete[](l, size_t(384), wide);

        Narrow *m = new Narrow;
        took_new(m, sizeof *m);
        h_gave(m, sizeof *m);
        delete m;
        Narrow *n = new Narrow[10];
        took_new(n, sizeof(Narrow) * 10);
        h_gave(n, sizeof(Narrow) * 10);
        delete[] n;
        Wide *o = new Wide;
        took_aligned(o, sizeof *o);
        h_gave(o, sizeof *o);
        delete o;

        // new of nothing asks for one byte
        void *p = took_new(::operator new(0), 1);
        h_gave(p, 1);
        ::operator delete(p);
        ::operator delete(nullptr);

        // fails by an exception inside: its header of 128 bytes and the bad_alloc itself
        volatile size_t huge = PTRDIFF_MAX;
        took_new(m, 128 + sizeof(std::bad_alloc));
        h_gave(m, 128 + sizeof(std::bad_alloc));
        h_say("too much, nothrow: %s\n", ::operator new(huge, std::nothrow) ? "block" : "null");
        took_new(::operator new(77), 77);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
