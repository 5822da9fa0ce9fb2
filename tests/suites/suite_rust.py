"""rustc: its own work, in threads and with its own allocator, and what it makes."""

from case import Case

PACKAGES = ["rustc"]
NEEDS = ["rustc"]

SOURCE = """
use std::collections::HashMap;
use std::thread;
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let threads: Vec<_> = (0..8).map(|n| thread::spawn(move || {
        let mut map: HashMap<u64, String> = HashMap::new();
        for i in 0..5000u64 { map.insert(i * n, "x".repeat((i % 40) as usize)); }
        map.values().map(|v| v.len()).sum::<usize>()
    })).collect();
    let sum: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    println!("{}", sum);
    println!("{:?}", std::panic::catch_unwind(|| { let v: Vec<i32> = vec![]; v[std::env::args().count()] }).is_err());
    std::process::exit(4);
}
"""


def cases():
    # The shim of rustup, where it is one, looks for its toolchains at home.
    return [Case("program", ["bash", "-c", 'HOME=~root; rustc -O main.rs && ./main'], files={"main.rs": SOURCE},
                 word="brings its own malloc")]
