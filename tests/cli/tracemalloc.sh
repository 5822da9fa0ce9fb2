#!/usr/bin/env bash
# memtrace report beside Python's own tracemalloc on the same numbers: traces built to be awkward, and a traced program.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/tracemalloc_oracle.py $MEMTRACE $PROGRAMS"

for scenario in small recursive frames "large 3000"; do
    set -- $scenario
    "$MAKE_TRACE" "$1" "$1.mtr" ${2:-}
    run 0 $oracle "$1.mtr"
done

cat >pool.c <<'END'
#include <stdlib.h>
void *pool_get(size_t size) {
    return malloc(size);
}
static inline __attribute__((always_inline)) void *wrapper(size_t size) {
    return malloc(size);
}
void *pool_wrapped(size_t size) {
    return wrapper(size);
}
END
cat >program.c <<'END'
#include <stdlib.h>
void *pool_get(size_t size), *pool_wrapped(size_t size);
static void *kept[100];
static int count;
static int descend(int depth) {
    kept[count++] = pool_get(100 + (size_t)depth);
    if (depth > 0)
        depth = descend(depth - 1); kept[count++] = malloc(7);
    return depth;
}
int main(void) {
    descend(4);
	kept[count++] = malloc(500);   
    kept[count++] = calloc(5, 100);
    kept[count++] = pool_get(5000);
    kept[count++] = pool_wrapped(321);
    for (int i = 0; i < 20; i++)
        free(malloc(24));
    return 0;
}
END
cc -g -O0 -fno-builtin -w -o program program.c pool.c || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o program.mtr -- ./program
run 0 $oracle program.mtr

# source is found from the directory it was compiled in, and where --source-dir says it is now
mkdir -p project/build
printf '#include <stdlib.h>\nint main(void) {\n    return malloc(4000) == NULL; // moved\n}\n' >project/moved.c
(cd project/build && cc -g -O0 -fno-builtin -o moved ../moved.c) || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o moved.mtr -- project/build/moved
run 0 "$MEMTRACE" report --pretty -n 1 moved.mtr
out_has "    return malloc(4000) == NULL; // moved"
mkdir elsewhere
mv project/moved.c elsewhere
run 0 "$MEMTRACE" report --pretty -n 1 moved.mtr
out_lacks "// moved"
for directory in "$work/project=elsewhere" elsewhere; do
    run 0 "$MEMTRACE" report --pretty -n 1 --source-dir "$directory" moved.mtr
    out_has "// moved"
    run 0 "$MEMTRACE" report --by traceback -n 1 --source-dir "$directory" moved.mtr
    out_has "// moved"
done
refuses --source-dir --source-dir elsewhere moved.mtr
refuses --source-dir --source-dir elsewhere --pretty --format json moved.mtr
finish
