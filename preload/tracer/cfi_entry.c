/*
 * The entries of .eh_frame and the sorted table that leads to them: see cfi_entry.h. Any thread, signal-safe.
 */
#include "tracer/cfi_entry.h"

/* From `at` to the end of the piece of the image it is in; nothing, and bad, where it is in none. */
static struct cursor image_from(const struct cfi_image *image, uintptr_t at) {
        uintptr_t end = image->segment_count == 0 && at >= image->start ? image->end : at;

        for (uint32_t i = 0; i < image->segment_count; i++) {
                const Elf64_Phdr *segment = &image->segments[i];
                uintptr_t into = at - image->bias - segment->p_vaddr;

                if (segment->p_type == PT_LOAD && (segment->p_flags & PF_R) && into < segment->p_memsz)
                        end = at + (segment->p_memsz - into);
        }
        if (end > image->end)
                end = image->end;
        if (at < image->start || at >= end)
                return (struct cursor){ .bad = true };
        return (struct cursor){ (const uint8_t *)at, (const uint8_t *)end, false };
}

struct cursor cfi_entry_body(const struct cfi_image *image, uintptr_t entry) {
        struct cursor in = image_from(image, entry);
        uint64_t length = read_fixed(&in, 4);

        if (length == 0xffffffff)
                length = read_fixed(&in, 8);
        if (in.bad || (uint64_t)(in.end - in.at) < length)
                return (struct cursor){ .bad = true };
        in.end = in.at + length;
        return in;
}

uintptr_t cfi_entry_find(const struct cfi_image *image, uintptr_t hdr, uintptr_t pc) {
        struct cursor in = image_from(image, hdr);
        const uint8_t *table;
        uint64_t count, low, high;
        int64_t target = (int64_t)(pc - hdr);
        int32_t pair[2];
        uint8_t eh_frame_enc, count_enc, table_enc;

        if (read_fixed(&in, 1) != 1)
                return 0;
        eh_frame_enc = (uint8_t)read_fixed(&in, 1);
        count_enc = (uint8_t)read_fixed(&in, 1);
        table_enc = (uint8_t)read_fixed(&in, 1);
        /* Every linker writes this form; another would be searched in vain, so it is not. */
        if (count_enc != ENC_UDATA4 || table_enc != (ENC_DATAREL | ENC_SDATA4))
                return 0;
        (void)read_encoded(&in, eh_frame_enc);
        count = read_fixed(&in, 4);
        if (in.bad || count == 0 || count > (uint64_t)(in.end - in.at) / sizeof(pair))
                return 0;
        table = in.at;
        low = 0;
        high = count;
        while (high - low > 1) {
                uint64_t middle = low + (high - low) / 2;

                memcpy(pair, table + middle * 8, sizeof(pair));
                if (pair[0] <= target)
                        low = middle;
                else
                        high = middle;
        }
        memcpy(pair, table + low * 8, sizeof(pair));
        return pair[0] <= target ? hdr + (uintptr_t)(intptr_t)pair[1] : 0;
}

bool cfi_cie_read(struct cie *cie) {
        struct cursor in = cie->instructions;
        const char *augmentation;
        uint8_t version;

        if (read_fixed(&in, 4) != 0)
                return false;
        version = (uint8_t)read_fixed(&in, 1);
        augmentation = (const char *)in.at;
        while (read_fixed(&in, 1) != 0)
                ;
        cie->code_align = read_uleb(&in);
        cie->data_align = read_sleb(&in);
        if ((version == 1 ? read_fixed(&in, 1) : read_uleb(&in)) != CFI_REGISTER_RA)
                return false;
        cie->pointer_encoding = ENC_ABSPTR;
        cie->signal_frame = false;
        cie->augmented = *augmentation == 'z';
        if (cie->augmented) {
                struct cursor data = read_block(&in);

                for (const char *letter = augmentation + 1; *letter; letter++) {
                        if (*letter == 'R')
                                cie->pointer_encoding = (uint8_t)read_fixed(&data, 1);
                        else if (*letter == 'P')
                                (void)read_encoded(&data, (uint8_t)read_fixed(&data, 1) & 0x7f);
                        else if (*letter == 'L')
                                (void)read_fixed(&data, 1);
                        else if (*letter == 'S')
                                cie->signal_frame = true;
                        else
                                break; /* the length lets us skip what we do not know */
                }
                if (data.bad)
                        return false;
        } else if (*augmentation != '\0') {
                return false;
        }
        cie->instructions = in;
        return !in.bad;
}
