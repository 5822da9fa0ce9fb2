/*
 * The entries of .eh_frame and the sorted table that leads to them: see cfi_entry.h. Any thread, signal-safe.
 */
#include "tracer/cfi_entry.h"

struct cursor cfi_entry_body(const uint8_t *entry) {
        struct cursor in = { entry, entry + 12, false };
        uint64_t length = read_fixed(&in, 4);

        if (length == 0xffffffff)
                length = read_fixed(&in, 8);
        in.end = in.at + length;
        return in;
}

const uint8_t *cfi_entry_find(const uint8_t *hdr, uintptr_t pc) {
        struct cursor in = { hdr, hdr + 16, false };
        const uint8_t *table;
        uint64_t count, low, high;
        int64_t target = (int64_t)(pc - (uintptr_t)hdr);
        int32_t pair[2];
        uint8_t eh_frame_enc, count_enc, table_enc;

        if (read_fixed(&in, 1) != 1)
                return NULL;
        eh_frame_enc = (uint8_t)read_fixed(&in, 1);
        count_enc = (uint8_t)read_fixed(&in, 1);
        table_enc = (uint8_t)read_fixed(&in, 1);
        /* Every linker writes this form; another would be searched in vain, so it is not. */
        if (count_enc != ENC_UDATA4 || table_enc != (ENC_DATAREL | ENC_SDATA4))
                return NULL;
        (void)read_encoded(&in, eh_frame_enc);
        count = read_fixed(&in, 4);
        if (in.bad || count == 0)
                return NULL;
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
        return pair[0] <= target ? hdr + pair[1] : NULL;
}

bool cfi_cie_read(const uint8_t *entry, struct cie *cie) {
        struct cursor in = cfi_entry_body(entry);
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
