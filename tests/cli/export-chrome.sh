#!/usr/bin/env bash
# memtrace export --format chrome: JSON as Perfetto and chrome://tracing read it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small story scopes marks frames empty hostile instant vast; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
cp "$GOLDEN/v1.mtr" golden.mtr
run 0 /usr/bin/python3 "$here/export_chrome.py" "$MEMTRACE" small.mtr story.mtr scopes.mtr marks.mtr frames.mtr hostile.mtr \
    instant.mtr golden.mtr
out_has "story.mtr 6338 of live bytes 102 of the resident set 39 slices 0 across 4 marks"
out_has "scopes.mtr 18 of live bytes 4 of the resident set 5 slices 3 across 0 marks"

# to the letter; what is not seen of a scope is said
run 0 "$MEMTRACE" export -f chrome marks.mtr
out_has '{"displayTimeUnit":"ms","traceEvents":['
out_has '{"name":"kept","cat":"snapshot","ph":"i","s":"p","ts":3000.007,"pid":1234,"tid":1234}'
out_has '{"name":"\\x1b[31mred\\x0a","cat":"mark","ph":"i","s":"p","ts":4000.0,"pid":1234,"tid":1234}'
run 0 "$MEMTRACE" export -f chrome scopes.mtr
out_has '{"name":"not begun","cat":"scope","ph":"X","ts":0.0,"dur":6003.0,"args":{"begin":"not seen"},"pid":1234,"tid":1240}'
out_has '{"name":"not ended","cat":"scope","ph":"b","ts":14003.0,"id":6,"args":{"end":"not seen"},"pid":1234,"tid":1234}'
out_has '{"name":"thread_name","ph":"M","args":{"name":"\\xff\\x0asecond"},"pid":1234,"tid":1240}'
run 0 "$MEMTRACE" export -f chrome empty.mtr
out_is '{"displayTimeUnit":"ms","traceEvents":[
{"name":"process_name","ph":"M","args":{"name":"/nonexistent/bin/app"},"pid":1234,"tid":1234},
{"name":"live heap","ph":"C","ts":0.0,"args":{"bytes":0},"pid":1234,"tid":1234}
]}'

# a run of a hundred days has no more columns than one of ten seconds, and its peak
run 0 /usr/bin/python3 "$here/export_chrome.py" "$MEMTRACE" vast.mtr
run 2 "$MEMTRACE" export -f chrome small.mtr@peak
out_empty
err_lines 1
err_has "chrome: it is of a whole run"
finish
