"""bash, perl and git: pipelines, traps, subshells, forks, embedded code, a repository with a past that is packed and cloned."""

from case import Case

PACKAGES = ["bash", "perl", "git"]
NEEDS = ["bash", "/usr/bin/perl", "git"]

BASH = r"""
trap 'echo trapped' USR1
for i in $(seq 100); do echo "$i $((i * i % 37))"; done | sort -k2n -k1n | awk '{ s += $1 * NR } END { print s }'
diff <(seq 1 50) <(seq 2 51) | wc -l
kill -USR1 $$
coproc cat
echo through >&"${COPROC[1]}"
read -r line <&"${COPROC[0]}"
echo "$line"
exec {COPROC[1]}>&-
wait
declare -A map
for i in {1..2000}; do map[k$i]=$i; done
echo "${#map[@]}"
(ulimit -n 20; for i in {1..5}; do (exit $i); echo $?; done)
f() { local n=$1; ((n > 0)) && f $((n - 1)); }
f 500
{ sh -c 'kill -SEGV $$'; } 2> signal.log
echo $?
( sleep 100 & kill $!; wait $!; echo $? ) 2> signal.log
exec sh -c 'echo replaced; exit 7'
"""

PERL = r"""
use strict; use warnings; use POSIX; use IPC::Open3;
$| = 1;
for my $n (1 .. 20) { my $pid = fork // die; if (!$pid) { my @a = map { "x" x $_ } 1 .. 300; POSIX::_exit(scalar(@a) % 7 + $n) } }
my $sum = 0; while ((my $pid = wait) > 0) { $sum += $? >> 8 } print "$sum\n";
my %h; $h{$_ % 1000} .= chr(65 + $_ % 26) for 1 .. 100000; print scalar(keys %h), "\n";
print join(",", map { s/(\w)(\w*)/\u$1\L$2/r } qw(one tWO THREE)), "\n";
local $SIG{ALRM} = sub { die "alarm\n" }; eval { POSIX::sigaction(SIGALRM, POSIX::SigAction->new(sub { die "alarm\n" })); alarm 1; 1 while 1 }; print $@;
my $pid = open3(my $in, my $out, undef, "cat"); print $in "piped\n"; close $in; print <$out>; waitpid $pid, 0;
print `echo from a shell`; system("sh", "-c", "exit 3"); print $? >> 8, "\n";
use threads; my @t = map { my $n = $_; threads->create(sub { my @l = map { "t$_" } 1 .. 2000; scalar(@l) + $n }) } 1 .. 6; my $s = 0; $s += $_->join for @t; print "$s\n";
exec "sh", "-c", "exit 5";
"""

GIT = r"""
set -e
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org
export GIT_CONFIG_NOSYSTEM=1
git init -q -b main first && cd first
for i in $(seq 30); do
        for f in a b c; do seq $i $((i * 20)) > $f$((i % 5)); done
        git add -A
        GIT_AUTHOR_DATE="$((1700000000 + i)) +0000" GIT_COMMITTER_DATE="$((1700000000 + i)) +0000" git commit -q -m "commit $i"
done
git rev-parse HEAD
git log --stat --format=%h | sha1sum
git -c pack.threads=4 repack -adq
git fsck --full 2>&1
git clone -q --no-local . ../second
git -C ../second log --oneline | wc -l
git grep -c 7 HEAD | sort | head -5
git blame a1 | awk '{ print $1 }' | sort | uniq -c | head -3
git diff HEAD~20 --shortstat
git checkout -q -b other HEAD~3
"""


def cases():
    return [
        Case("bash", ["bash", "-c", BASH], short=True),
        Case("perl", ["/usr/bin/perl", "-e", PERL], short=True),
        Case("git", ["bash", "-c", GIT], short=True),
    ]
