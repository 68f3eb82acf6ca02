//! Benchmark: the cost of one decision, from parsed facts and from a line of JSON.

use divan::{Bencher, counter::ItemsCount};
use rules::{Facts, Policy};
use tests::{answer, chance};

fn main() {
    divan::main();
}

const MANY: u64 = 10_000;

fn many_facts() -> Vec<Facts> {
    (0..MANY).filter_map(|number| api::facts::read(chance::line(number).as_bytes()).1.ok()).collect()
}

#[divan::bench]
fn decide(bencher: Bencher) {
    let (policy, facts) = (Policy::published(), many_facts());
    bencher.counter(ItemsCount::new(facts.len())).bench(|| {
        for facts in &facts {
            divan::black_box(rules::decide(&policy, facts));
        }
    });
}

#[divan::bench]
fn explain(bencher: Bencher) {
    let (policy, facts) = (Policy::published(), many_facts());
    bencher.counter(ItemsCount::new(facts.len())).bench(|| {
        for facts in &facts {
            divan::black_box(rules::explain(&policy, facts));
        }
    });
}

#[divan::bench]
fn answer_a_line(bencher: Bencher) {
    let policy = Policy::published();
    let lines: Vec<String> = (0..MANY).map(chance::line).collect();
    bencher.counter(ItemsCount::new(lines.len())).bench(|| {
        for line in &lines {
            divan::black_box(answer(&policy, line));
        }
    });
}
