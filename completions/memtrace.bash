# bash completion of memtrace and memtrace-report. What may come next, `memtrace help --complete` says; here is
# only what bash has to know. The line is split at blanks alone: readline's own words end at = and @ too.

_memtrace() {
    local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]/#\~/$HOME} breaks=${COMP_WORDBREAKS//[^=:@]/}
    local words answer kind prefix word ending
    read -a words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    mapfile -t answer < <("$program" help --complete -- "${words[@]}" 2>/dev/null)
    IFS=$'\t' read -r kind prefix <<<"${answer[0]}"
    COMPREPLY=("${answer[@]:1}")
    word=${words[-1]#"$prefix"}
    answer=()
    case $kind in
        files) mapfile -t answer < <(compgen -f -- "$word") ;;
        programs) mapfile -t answer < <(compgen -c -- "$word"; compgen -d -- "$word") ;;
        traces)
            for ending in mtr json; do
                mapfile -t -O ${#answer[@]} answer < <(compgen -f -X "!*.$ending" -- "$word")
            done
            mapfile -t -O ${#answer[@]} answer < <(compgen -d -- "$word")
            ;;
    esac
    if ((${#answer[@]})); then
        COMPREPLY+=("${answer[@]/#/$prefix}")
        compopt -o filenames 2>/dev/null
    fi
    # readline replaces what stands behind the last of its own word breaks; an @ begins what it replaces
    word=${words[-1]}
    prefix=${word%"${word##*[$breaks]}"}
    COMPREPLY=("${COMPREPLY[@]#"${prefix%@}"}")
}

complete -F _memtrace memtrace memtrace-report
