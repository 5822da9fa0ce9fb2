#!/usr/bin/env bash
# What memtrace check prints, in each format: golden documents, schemas, and names that try to break out.
# After a wanted change the golden ones are made anew, by: make_checks rich FORMAT, with VERSION for each version.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
schemas="/usr/bin/python3 -B $here/check_schemas.py"

for sample in rich hostile passed 30 0; do
    for format in text json junit sarif github; do
        run 0 "$MAKE_CHECKS" $sample $format
        err_empty
        cp out "$sample.$format"
    done
done

for format in text json junit sarif github; do
    sed 's/"version": "[0-9.]*",$/"version": "VERSION",/' rich.$format >rich
    diff "$here/check/rich.$format" rich >difference || fail "rich.$format is another: $(cat difference)"
done

if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
    for format in json sarif; do
        for sample in hostile passed 30 0; do
            run 0 $schemas $format $sample.$format
        done
        run 0 $schemas $format rich.$format --mutate
    done
    sed 's/"startLine": 42/"startLine": "42"/' rich.sarif >broken
    run 1 $schemas sarif broken
    out_has "startLine: '42' is not of type 'integer'"
    sed 's/"ruleIndex": 0/"ruleIndex": 1/' rich.sarif >broken
    run 1 $schemas sarif broken
    out_has "rule 1 is not MT001"
    sed 's/"verdict": "failed"/"verdict": "bad"/' rich.json >broken
    run 1 $schemas json broken
    out_has "verdict: 'bad' is not one of"
else
    echo "no jsonschema here: JSON and SARIF are not held against their schemas"
fi
if command -v xmllint >/dev/null && /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
    for sample in hostile passed 30 0; do
        run 0 $schemas junit $sample.junit
    done
    run 0 $schemas junit rich.junit --mutate
    sed 's/ tests="10"/ tests="9"/' rich.junit >broken
    run 1 $schemas junit broken
    out_has "[9, 6, 1] told, [10, 6, 1] there"
else
    echo "no xmllint here: JUnit XML is not held against its schema"
fi

# nothing that a terminal obeys, and no sign that turns text around, in any format
for format in text json junit sarif github; do
    LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80\xae' hostile.$format && fail "a control character in hostile.$format"
    iconv -f UTF-8 -t UTF-8 hostile.$format >/dev/null || fail "hostile.$format is not UTF-8"
done
# every line is a command whose properties are three, and one of its own
! grep -vE '^::(error (file=[^,:]*,line=[0-9]+,)?|notice )title=[^,:]*::' hostile.github || fail "a name broke out of a workflow command"
run 0 /usr/bin/python3 -B "$here/check_terminal.py" "$MAKE_CHECKS"
finish
