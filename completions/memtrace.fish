# fish completion of memtrace and memtrace-report. What may come next, `memtrace help --complete` says; here is
# only what fish has to know.

function __memtrace_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answer ($words[1] help --complete -- $words 2>/dev/null)
    set -l head (string split \t -- $answer[1])
    set -l word (string sub -s (math (string length -- "$head[2]") + 1) -- "$words[-1]")
    switch "$head[1]"
        case files
            set -a answer $head[2](__fish_complete_path "$word")
        case traces
            set -a answer (__fish_complete_suffix .mtr) (__fish_complete_suffix .json)
        case programs
            set -a answer (__fish_complete_command)
    end
    printf '%s\n' $answer[2..]
end

complete -c memtrace -f -a '(__memtrace_complete)'
complete -c memtrace-report -f -a '(__memtrace_complete)'
