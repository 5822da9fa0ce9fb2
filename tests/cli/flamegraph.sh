#!/usr/bin/env bash
# memtrace flamegraph: the figures of its frames beside the tables', what the file is like, and what cannot be drawn.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY
oracle="/usr/bin/python3 -B $here/flamegraph_oracle.py $MEMTRACE"

for scenario in small recursive frames marks empty lossy markup deep vast instant; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
"$MAKE_TRACE" places places.mtr 300

# a program with names and lines: recursion, inlined functions, a library's frames, and something else at its end
cat >tree.c <<'END'
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>
#include <string.h>
static void *kept[64];
static int used;
static inline __attribute__((always_inline)) void keep(size_t size) { kept[used++] = malloc(size); }
static __attribute__((noinline)) void walk(int depth) {
    keep(1000);
    if (depth > 0)
        walk(depth - 1);
    keep(10);
}
static __attribute__((noinline)) void visit(int depth) { depth % 2 ? walk(depth) : keep(200); }
static int compare(const void *left, const void *right) { return strcmp(left, right); }
int main(void) {
    visit(5);
    visit(4);
    kept[used++] = strdup("a string");
    tsearch("key", &kept[63], compare);
    for (int i = 0; i < 6; i++)
        free(kept[i]), kept[i] = NULL;
    visit(4);
    return kept[0] != NULL;
}
END
cc -g -O1 -fno-builtin -fno-optimize-sibling-calls -o tree tree.c || fail "the program does not compile"
run 0 "$MEMTRACE" run -o tree.mtr -- ./tree

run 0 $oracle tree.mtr tree.mtr@end small.mtr recursive.mtr frames.mtr marks.mtr markup.mtr vast.mtr instant.mtr \
    "--cost total" tree.mtr places.mtr "--cost count" tree.mtr "--cost temporary" places.mtr "--frame leaf" tree.mtr \
    "--function walk --all-frames" tree.mtr -- tree.mtr,tree.mtr@end small.mtr@2ms,small.mtr frames.mtr@30%,frames.mtr \
    places.mtr@30%,places.mtr@end small.mtr,recursive.mtr "--cost count" tree.mtr@1%,tree.mtr@end
"$MEMTRACE" snapshot save -o tree.json tree.mtr@end 2>err || fail "no snapshot"
run 0 $oracle tree.json

# draw ARGUMENT...: into `out`, as XML
draw() {
    run 0 "$MEMTRACE" flamegraph -o - "$@"
    err_empty
    xmllint --noout out 2>err || fail "no XML: $*"
}
# the same picture of a snapshot; inlined functions are marked, also in it
draw tree.mtr@end
sed -n '/class="frames"/,/class="panel"/p' out >frames_of_trace
grep -A 2 '<title>keep (inlined)$' out >place
printf '%s\n' "$work/tree.c:7" "in $work/tree" >wanted
sed -n '2,3p' place | cmp - wanted || fail "where keep is: $(cat place)"
out_has '<title>__libc_start_call_main [libc.so.6]'
draw tree.json
sed -n '/class="frames"/,/class="panel"/p' out | cmp - frames_of_trace || fail "of a snapshot"

# what stands above: the program or a title, what is drawn, and what makes it less than the truth
draw --title 'a <b> & "c"' small.mtr
out_has 'class="big" x="10" y="24">a &lt;b&gt; &amp; &quot;c&quot;</text>'
out_has 'y="43">live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks</text>'
draw small.mtr@end
out_has 'y="24">app --input &#39;two words&#39;</text>'
draw --from 1ms small.mtr@peak
out_has 'live bytes from @1ms (0.001 s) to the peak (0.005 s), 6496 B in 101 blocks more, 0 B in 0 blocks less</text>'
draw lossy.mtr
out_has '111 blocks; LOST: 17 events; the figures are too low by as much</text>'
draw --by line --diff small.mtr @end
out_has 'before: small.mtr at the peak (0.005 s), 16.1 KiB in 111 blocks; after: small.mtr at the end (0.012 s), 10.0 KiB in 20 blocks</text>'
out_has 'before: 2400 B in 100 blocks'
out_has 'change: -2160 B, -90 blocks</title>'
draw --diff small.mtr@end @start
out_has 'class="frame less4 gone" id="f0" data-parent="0" data-depth="0" data-size="0" data-count="0" data-width="10240" '
out_has ', gone</title>'
draw --diff small.mtr small.mtr
[ "$(grep -c 'class="frame same"' out)" = 4 ] || fail "what is the same is not so"
draw --width 500 --inverted small.mtr
out_has '<svg xmlns="http://www.w3.org/2000/svg" width="500" '
out_has 'data-inverted="1"'

# names are cut where their frame ends, and nowhere is a name anything but text
draw --title 'one that is much too long for a picture of three hundred pixels' --width 300 small.mtr
grep -qE 'y="24">one that is much [a-z ]*…</text>' out || fail "the title is not cut"
draw markup.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "hostile names: $(cat verdict)"
import unicodedata
import xml.etree.ElementTree as ElementTree
text = open("out").read()
document = ElementTree.fromstring(text)
names = {element.tag.split("}")[1] for element in document.iter()}
assert names == {"svg", "title", "desc", "style", "rect", "g", "text", "script"}, names
assert len([e for e in document.iter() if e.tag.endswith("}script")]) == 1
assert not {a for e in document.iter() for a in e.keys() if a.startswith("on") or a.endswith("href")}
assert not {c for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(c) in ("RLO", "RLI"))}
script = text[text.index("<script>"):]
assert "hostile" not in script
assert "&lt;script&gt;hostile=1&lt;/script&gt;" in text
END

# no more than so many frames, however deep or many
draw --by line --min 0% deep.mtr
[ "$(grep -c 'class="frame ' out)" = 2049 ] || fail "not each frame of the deep stacks"
"$MAKE_TRACE" places many.mtr 9000
draw --by line --min 0% many.mtr
[ "$(grep 'class="frame ' out | grep -vc 'class="frame rest')" = 20000 ] || fail "not 20000 frames"
[ "$(wc -c <out)" -lt 9000000 ] || fail "a picture of $(wc -c <out) bytes"

# where it goes
run 0 "$MEMTRACE" flamegraph small.mtr@end
err_has "saved as small.flamegraph.svg"
[ -s small.flamegraph.svg ] || fail "no picture"
says() {
    local word=$1
    shift
    run 2 "$MEMTRACE" flamegraph "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
cp small.flamegraph.svg before
says "exists, and is not overwritten" small.mtr
cmp small.flamegraph.svg before || fail "written over"
says "ends neither in .svg nor in .png" -o picture.jpg small.mtr
says "nowhere/x.svg" -o nowhere/x.svg small.mtr
if command -v rsvg-convert >/dev/null; then
    run 0 "$MEMTRACE" flamegraph -o small.png small.mtr
    err_empty
    [ "$(head -c 8 small.png | od -An -tx1)" = " 89 50 4e 47 0d 0a 1a 0a" ] || fail "no PNG"
fi
run 2 env PATH=/nonexistent "$MEMTRACE" flamegraph -o other.png small.mtr
err_lines 1
err_has "other.png: PNG is made by rsvg-convert of librsvg, which cannot be run"
ls ./*.part other.png 2>/dev/null && fail "something is left of what failed"

# what makes no sense: one line, nothing on stdout, exit 2
says "nothing to draw: live bytes at the peak (0.000 s), 0 B in 0 blocks" empty.mtr
says "flamegraph: one trace is needed; see memtrace flamegraph --help"
says "flamegraph: one trace is needed" small.mtr small.mtr
says "flamegraph: --diff needs two traces" --diff small.mtr
says "flamegraph: --cumulative is for tables" --cumulative small.mtr
says "flamegraph: --sort average is for tables" --sort average small.mtr
says "flamegraph: --from and --to go without --diff" --diff --from 1ms small.mtr @end
says "flamegraph: of --by traceback nobody knows" --by traceback small.mtr
says "flamegraph: --min 4K is no percentage" --min 4K small.mtr
says "flamegraph: --min 101% is no percentage" --min 101% small.mtr
says "flamegraph: --width 299 is not a number of pixels from 300 to 10000" --width 299 small.mtr
says "nosuch.mtr" nosuch.mtr
says "--cost leaked is about the end" --cost leaked small.mtr@peak
says "no moment" small.mtr@nowhere
finish
