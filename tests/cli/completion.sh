#!/usr/bin/env bash
# memtrace help --complete, and the shells' scripts that ask it: bash always, zsh and fish where they are.
. "$(dirname "$0")/lib.bash"
here=$(cd "$(dirname "$0")" && pwd)
PATH=$(dirname "$MEMTRACE"):$PATH
"$MAKE_TRACE" marks app.mtr
mkdir 'a dir'
cp app.mtr 'a dir/o ne.mtr'
: >data.txt

# offers KIND PREFIX WORDS WORD...: the answer for that line
offers() {
    printf '%s\t%s\n' "$1" "$2" >wanted
    [ -z "$3" ] || printf '%s\n' $3 >>wanted
    shift 3
    run 0 "$MEMTRACE" help --complete -- "$@"
    err_empty
    cmp -s wanted out || fail "$* is not: $(cat wanted)"
}
offers words '' "report" memtrace rep
offers words '' "--help --version" memtrace --
offers words '' "" memtrace nonsense
offers words '' "line" memtrace report --by l
offers words '' "json" /some/where/memtrace report app.mtr -sf j
offers traces '' "" memtrace report -sfj ''
offers words --by= "--by=function --by=file" memtrace report --by=f
offers words '' "" memtrace report --limit ''
offers words '' "start" memtrace report --from s
offers words @ "@peak" memtrace report --to @p
offers words --to=@ "--to=@end" memtrace report --to=@e
offers files '' "" memtrace run -o x
offers files --output= "" memtrace run --output=x
offers programs '' "" memtrace run x
offers programs '' "" memtrace run --follow all -q -- x
offers files '' "" memtrace run prog -
offers files '' "" memtrace run -- prog --fo
offers files '' "" memtrace run prog --follow ''
offers files '' "" memtrace run - --fo
offers programs '' "" memtrace run -- --fo
offers words '' "--follow" memtrace run --fo
offers words '' "report" memtrace help rep
offers words '' "list" memtrace snapshot l
offers words '' "--cumulative" memtrace snapshot show --cu
offers words '' "--output" memtrace snapshot save --o
offers traces '' "" memtrace snapshot list ''
offers traces '' "verify" memtrace-report ver
offers traces '' "" memtrace-report app.mtr ver
offers words '' "--cumulative" memtrace-report app.mtr --cu
# of the marks only what no shell makes anything of
offers traces '' "app.mtr@start app.mtr@peak app.mtr@end app.mtr@begun app.mtr@phase app.mtr@kept app.mtr@phase" memtrace report app.mtr@
offers traces '' "gone.mtr@start" memtrace report gone.mtr@s
run 0 "$MEMTRACE" help --complete -- memtrace nonsense ''
out_empty
for line in "memtrace report --nosuch=f" "memtrace run --quiet=f" memtrace memtrace-report ""; do
    run 0 "$MEMTRACE" help --complete -- $line
    out_empty
done

# each command's options, and no others
for command in $("$MEMTRACE" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do
    "$MEMTRACE" $command --help | sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\).*/\2/p' | sort >told
    verbs=$("$MEMTRACE" help --complete -- memtrace $command '' | sed 1d)
    { case $command in
        snapshot) for verb in $verbs; do [ $verb = show ] || [ $verb = diff ] || "$MEMTRACE" help --complete -- memtrace $command $verb --; done ;;
        *) "$MEMTRACE" help --complete -- memtrace $command -- ;;
    esac; } | grep '^--' | sort -u >offered
    diff told offered >difference || fail "$command: --help (<) and the completion (>) differ: $(cat difference)"
done

# a line and what it becomes
cat >pairs <<'END'
memtrace rep|<memtrace><report>
memtrace report --cumu|<memtrace><report><--cumulative>
memtrace report --by li|<memtrace><report><--by><line>
memtrace report --by=func|<memtrace><report><--by=function>
memtrace report ap|<memtrace><report><app.mtr>
memtrace report app.mtr@pea|<memtrace><report><app.mtr@peak>
memtrace report app.mtr@beg|<memtrace><report><app.mtr@begun>
memtrace run -o dat|<memtrace><run><-o><data.txt>
memtrace run --output=dat|<memtrace><run><--output=data.txt>
memtrace run -- memtrace-rep|<memtrace><run><--><memtrace-report>
memtrace report dat|<memtrace><report><dat>
memtrace-report --cos|<memtrace-report><--cost>
memtrace report --from @st|<memtrace><report><--from><@start>
memtrace report a\ dir/o|<memtrace><report><a dir/o ne.mtr>
END
cut -d'|' -f1 pairs >lines
cut -d'|' -f2 pairs >become
# becomes SHELL SCRIPT: a person at a terminal
becomes() {
    command -v $1 >/dev/null || { echo "no $1 here"; return; }
    /usr/bin/python3 "$here/completion.py" $1 "$COMPLETIONS/$2" <lines >out 2>err || fail "$1 gives up"
    diff become out >difference || fail "$1: $(cat difference)"
}
becomes bash memtrace.bash
becomes zsh _memtrace
if command -v fish >/dev/null; then
    for pair in 'memtrace rep|report' 'memtrace report --by=func|--by=function' 'memtrace report ap|app.mtr' \
        'memtrace report app.mtr@pea|app.mtr@peak' 'memtrace run --output=dat|--output=data.txt'; do
        run 0 fish --no-config -c "source $COMPLETIONS/memtrace.fish; complete -C '${pair%|*}'"
        out_is "${pair#*|}"
    done
fi

# where @ and = end no word of readline's
run 0 bash -c "source '$COMPLETIONS/memtrace.bash'; COMP_WORDBREAKS=' '; COMP_WORDS=(memtrace report app.mtr@pea)
    COMP_LINE='memtrace report app.mtr@pea'; COMP_POINT=\${#COMP_LINE}; _memtrace; echo \"\${COMPREPLY[@]}\""
out_is app.mtr@peak
finish
