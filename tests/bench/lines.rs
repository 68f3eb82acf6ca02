//! Writes random lines of facts; the first argument is their number.

use std::io::{BufWriter, Write};

fn main() -> std::io::Result<()> {
    let count: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let mut output = BufWriter::new(std::io::stdout().lock());
    for number in 0..count {
        writeln!(output, "{}", tests::chance::line(number % 100_000))?;
    }
    output.flush()
}
