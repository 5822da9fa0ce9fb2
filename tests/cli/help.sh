#!/usr/bin/env bash
# --help, help, --version, and that each command's man page lists the very options it has.
. "$(dirname "$0")/lib.bash"

run 0 "$MEMTRACE" --version
grep -qE '^memtrace [0-9]+\.[0-9]+\.[0-9]+$' out || fail "no version"
run 0 "$MEMTRACE" --help
cp out overview
run 0 "$MEMTRACE" help
cmp -s out overview || fail "help is not --help"
run 2 "$MEMTRACE"
out_empty
cmp -s err overview || fail "a lone memtrace does not say how it is used"
run 2 "$MEMTRACE" frobnicate
err_lines 1
err_has "frobnicate"
run 2 "$MEMTRACE" help frobnicate
err_lines 1
run 0 "$MEMTRACE-report" --help
out_has "memtrace report [OPTIONS]"

commands=$(sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' overview)
[ "$(echo "$commands" | wc -l)" -ge 4 ] || fail "the overview lists no commands"
for command in $commands; do
    run 0 "$MEMTRACE" "$command" --help
    err_empty
    cp out help
    run 0 "$MEMTRACE" help "$command"
    cmp -s out help || fail "help $command is not $command --help"
    run 0 "$MEMTRACE" "$command" -h
    cmp -s out help || fail "$command -h is not $command --help"
    grep -q "^\.B $command\$" "$MAN/memtrace.1" || fail "memtrace.1 does not list $command"
    page=$MAN/memtrace-$command.1
    [ -s "$page" ] || { fail "no page for $command"; continue; }
    of_two=$(sed -n 's/^\.so man1\///p' "$page")
    [ -z "$of_two" ] || page=$MAN/$of_two
    # "-o, --output FILE" in both, as "-o --output"
    sed -n 's/^  \(-[a-zA-Z],\|   \) \(--[a-z-]*\).*/\1 \2/p' help | tr -d ',' | tr -s ' ' | sed 's/^ //' | sort >told
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$page" | sed -n 's/^\.BR* \(.*\)$/\1/p' | sed 's/\\//g' |
        grep -E '^-' | sed -E 's/^(-[a-zA-Z]) ", " (--[a-z-]+).*/\1 \2/; s/^(--[a-z-]+) .*/\1/' | sort >paged
    [ "$(wc -l <told)" -ge 2 ] || fail "no options found in $command --help"
    diff told paged >difference || fail "$command: --help (<) and the page (>) differ: $(cat difference)"
    for option in $(sed 's/.* //' told); do
        for choice in $("$MEMTRACE" help --complete -- memtrace $command $option= | sed -n "s/^$option=//p"); do
            with=$([ $command != plot ] || echo "--stacked 3") # without which it has no places
            "$MEMTRACE" $command $with $option $choice gone.mtr 2>&1 | grep -q -- "$option" && fail "$command offers $option $choice, and refuses it"
            grep -qE "^\.(B|BR|RB|IR) .*\b$choice\b" "$page" || fail "$page does not tell of $option $choice"
        done
    done
done

# a command offers nothing that it refuses
run 0 "$MEMTRACE" callers --help
out_has "  -b, --by KEY                 what to add up by: line, function, file or module"
out_has "  -f, --format FORMAT          how it is printed: text, json or csv"
run 0 "$MEMTRACE" lifetimes --help
out_lacks "--thread"
run 0 "$MEMTRACE" help --complete -- memtrace lifetimes --t
out_lacks "--thread"

# no page, and nothing in the page of them all, that is not a command's
(cd "$MAN" && ls memtrace-*.1) | sed 's/memtrace-\(.*\)\.1/\1/' | sort >paged
echo "$commands" | sort | diff - paged >difference || fail "commands (<) and pages (>) differ: $(cat difference)"
sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' "$MAN/memtrace.1" | sed -n 's/^\.B \([a-z-]*\)$/\1/p' | sort >paged
echo "$commands" | sort | diff - paged >difference || fail "commands (<) and those of memtrace.1 (>) differ: $(cat difference)"

finish
