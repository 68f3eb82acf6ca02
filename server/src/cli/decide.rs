//! `skranke decide`: reads facts, one JSON object a line, and writes one decision a line in the same order.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use api::{
    Decision,
    decision::{LineError, answer_line, explain_line},
    facts::MAX_BYTES,
};
use rules::Policy;

use crate::policy;

/// Decides every line of a file, or of standard input. Returns exit status 1 if a line could not be read. Fails if the policies or
/// the file cannot be read.
pub fn run(file: Option<&Path>, trace: bool, policies: Option<&Path>) -> anyhow::Result<ExitCode> {
    let policy = policy::load_named(policies)?.policy;
    let answer = if trace { explain_line } else { answer_line };
    let output = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let every_line_read = match file {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            answer_lines(&policy, answer, BufReader::with_capacity(64 * 1024, file), output)
        }
        None => answer_lines(&policy, answer, io::stdin().lock(), output),
    };
    match every_line_read {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        // The reader closed the pipe because it has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error.into()),
    }
}

fn answer_lines(
    policy: &Policy,
    answer: fn(&Policy, &[u8], u64) -> Result<Decision, LineError>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<bool> {
    let mut line = Vec::new();
    let mut every_line_read = true;
    let mut number = 0;
    while read_line(&mut input, &mut line)? {
        number += 1;
        match answer(policy, &line, number) {
            Ok(decision) => serde_json::to_writer(&mut output, &decision)?,
            Err(error) => {
                every_line_read = false;
                serde_json::to_writer(&mut output, &error)?;
            }
        }
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(every_line_read)
}

/// Reads one line without its end. A line that is too long for facts is cut to a length that is still refused, so memory use stays
/// constant.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut anything = false;
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(anything);
        }
        anything = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let room = (MAX_BYTES + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(available.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}
