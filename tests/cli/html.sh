#!/usr/bin/env bash
# memtrace html: each figure of the page beside the other commands' and the second reader's, what does not fit, names that are
# hostile, and input that makes no page.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

# refused WORD ARGUMENT...: one line that says why, no page
refused() {
    local word=$1
    shift
    run 2 "$MEMTRACE" html "$@"
    out_empty
    err_lines 1
    err_has "$word"
}

for scenario in small threads threads-walk threads-cut marks sizes instant deep vast markup wide; do
    "$MAKE_TRACE" $scenario $scenario.mtr
    run 0 "$MEMTRACE" html -o $scenario.html $scenario.mtr
    out_empty
    err_empty
    /usr/bin/python3 -B "$here/html.py" $scenario.html $scenario.mtr >out 2>&1 || fail "figures of $scenario"
    tail -n 1 out
done

# moments, snapshots and selections
run 0 "$MEMTRACE" html -o moment.html threads.mtr@peak
run 0 "$MEMTRACE" snapshot save -o saved.json threads.mtr@peak
run 0 "$MEMTRACE" html -o snapshot.html saved.json
run 0 "$MEMTRACE" html -o leaf.html --frame leaf threads-walk.mtr
run 0 "$MEMTRACE" html -o worker.html --title 'a <b> & "c"' --thread worker threads.mtr
"$MAKE_TRACE" threads-unsure unsure.mtr
run 0 "$MEMTRACE" html -o unsure.html unsure.mtr
err_lines 1
run 0 "$MEMTRACE" html -o only.html --function 'nothing' small.mtr
err_lines 1
err_has "html: --function nothing matches nothing here"
MEMTRACE=$MEMTRACE /usr/bin/python3 -B "$here/html_cases.py" >out 2>&1 || fail "cases"
cat out

# what is too much for a page
"$MAKE_TRACE" places many.mtr 140000
run 0 "$MEMTRACE" html -o many.html many.mtr
MEMTRACE=$MEMTRACE /usr/bin/python3 -B "$here/html_cases.py" many.html many.mtr >out 2>&1 || fail "what was folded"
cat out

# where it goes
mkdir elsewhere
cp small.mtr elsewhere
(cd elsewhere && run 0 "$MEMTRACE" html small.mtr && err_lines 1 && err_has "saved as small.html" && cmp -s small.html ../small.html) ||
    fail "the name that is not given"
(cd elsewhere && run 0 "$MEMTRACE" html -o - small.mtr && err_empty && tail -c +1 out | cmp -s - ../small.html) || fail "standard output"
refused "small.html: exists, and is not overwritten" -o small.html small.mtr
refused "page.pdf: what it writes is .html, or - for standard output" -o page.pdf small.mtr
refused ".html: what it writes is .html" -o .html small.mtr
refused "nowhere/page.html: cannot create: No such file" -o nowhere/page.html small.mtr
"$MAKE_TRACE" empty empty.mtr
refused "empty.mtr: nothing was ever allocated, so there is nothing to show" -o page.html empty.mtr
refused "html: one trace is needed" small.mtr threads.mtr
refused "html: one trace is needed"
refused "saved.json: a saved snapshot is one moment" -o page.html saved.json@peak
echo no >no.mtr
refused "no.mtr: this is not a memtrace trace" -o page.html no.mtr
[ ! -e page.html ] || fail "a page in spite of an error"
if [ -w /dev/full ]; then
    run 2 sh -c '"$MEMTRACE" html -o - small.mtr >/dev/full'
    err_lines 1
fi
finish
