//! Inspection and drawing of documents in a sandboxed process, which gets nothing but the bytes. A malicious document breaks a
//! process without secrets, files or network, and with little memory and time (`confine.rs`).
//!
//! The process is this program, called as `skranke inspect` or `skranke draw PAGE`, with the document on standard input. `check`,
//! `archive` and the staff pages call it.

use std::{
    io::{Cursor, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use api::{
    documents::{Active, FileFault, Kind, MOST_PAGES},
    fields,
};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{LoadPdfError, Pdf},
    vello_cpu::color::palette::css::WHITE,
};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::Semaphore,
    time::timeout,
};

use crate::documents::{
    active,
    confine::{self, Probed},
    file_type,
};

/// The largest picture: a page at 1200 dots an inch, or what the largest camera of a phone takes.
const MOST_PIXELS: u64 = 210_000_000;
const LONGEST_SIDE: u32 = 20_000;

/// The longer side of a drawn page, in pixels. Small print is legible.
const DRAWN: u32 = 2000;

/// The largest output that is read from the process, in bytes.
const MOST_SAID: u64 = 64 * 1024 * 1024;

/// The exit status of a process that could not be sandboxed, which is no fault of the document.
const NOT_CONFINED: u8 = 9;

/// The size of the pipe to the process, in bytes.
const PIPE: usize = 1024 * 1024;

/// The number of concurrent inspections, and of concurrent drawings; each may use its full memory limit. They are separate, so an
/// officer who looks at a document does not wait for an inspection.
static CHECKING: Semaphore = Semaphore::const_new(2);
static DRAWING: Semaphore = Semaphore::const_new(2);

/// The result of an inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    #[serde(with = "fields::coded_option")]
    pub kind: Option<Kind>,
    #[serde(with = "fields::coded_option")]
    pub fault: Option<FileFault>,
    pub pages: u64,
    /// The active content of the document.
    #[serde(with = "fields::codes")]
    pub active: Vec<Active>,
}

impl Seen {
    fn bad(fault: FileFault) -> Seen {
        Seen { kind: None, fault: Some(fault), pages: 0, active: Vec::new() }
    }
}

/// The policy for a system that does not enforce the whole sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    Needed,
    /// The operator accepts a system without a sandbox (DOCUMENTS_UNCONFINED).
    Optional,
}

/// The sandbox and the time limit of a call.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub walls: Walls,
    /// The timeout by the clock. The CPU time limit is in `confine.rs`.
    pub patience: Duration,
}

/// The error for a process that exceeded its timeout. It is no verdict on the document, because the machine may be busy.
#[derive(Debug)]
pub struct OutOfTime;

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("looking into it takes too long now")
    }
}

impl std::error::Error for OutOfTime {}

/// Inspects a document. A document that breaks the process counts as broken. Fails with `OutOfTime` after the timeout, and if the
/// process was ended from outside.
pub async fn inspect(terms: Terms, bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin) -> anyhow::Result<Seen> {
    let said = call(&CHECKING, &["inspect"], terms, bytes).await?;
    Ok(said.and_then(|said| serde_json::from_slice(&said).ok()).unwrap_or(Seen::bad(FileFault::Broken)))
}

/// Draws a page as a PNG. Returns `None` if it cannot be drawn. Pages are counted from 1. Fails with `OutOfTime` after the timeout.
pub async fn draw(
    terms: Terms,
    page: u64,
    bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
) -> anyhow::Result<Option<Bytes>> {
    Ok(call(&DRAWING, &["draw", &page.to_string()], terms, bytes).await?.map(Bytes::from))
}

/// Returns the permissions that a sandboxed process has on this system. Fails if it cannot be started.
pub async fn probe(terms: Terms) -> anyhow::Result<Probed> {
    let said = call(&CHECKING, &["probe"], terms, futures_util::stream::empty()).await?;
    Ok(serde_json::from_slice(&said.context("it broke")?)?)
}

/// Runs the process with a document. Returns its output, or `None` if the document broke it. Fails if anything else ended it.
async fn call(
    seats: &Semaphore,
    arguments: &[&str],
    terms: Terms,
    mut bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
) -> anyhow::Result<Option<Vec<u8>>> {
    let _seat = seats.acquire().await?;
    let program = std::env::current_exe().context("where this program is")?;
    let mut child = Command::new(program)
        .args(arguments)
        .args((terms.walls == Walls::Optional).then_some("--unconfined"))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        // In a group of its own, so that Ctrl-C reaches only the server.
        .process_group(0)
        .spawn()
        .context("cannot look into documents")?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        bail!("cannot speak with who looks into documents")
    };
    // A larger pipe means fewer and larger pieces. If the system refuses it, the transfer is only slower.
    rustix::pipe::fcntl_setpipe_size(&stdin, PIPE).ok();
    let feed = async move {
        while let Some(piece) = bytes.next().await {
            // A closed pipe is no error: the process has read enough, or its exit status tells the reason.
            if stdin.write_all(&piece?).await.is_err() {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    let listen = async {
        let mut said = Vec::new();
        stdout.take(MOST_SAID).read_to_end(&mut said).await.map(|_| said)
    };
    let both = async { tokio::join!(feed, listen, child.wait()) };
    // The process has low priority, so a timeout says more about the machine than about the document.
    let (fed, said, ended) = timeout(terms.patience, both).await.map_err(|_| OutOfTime)?;
    fed.context("cannot read the document")?;
    let ended = ended?;
    let by_others = [Signal::HUP, Signal::INT, Signal::TERM, Signal::KILL].map(Signal::as_raw);
    ensure!(
        ended.signal().is_none_or(|signal| !by_others.contains(&signal)),
        "the program that looks into documents was ended from outside"
    );
    ensure!(ended.code() != Some(i32::from(NOT_CONFINED)), "the program that looks into documents cannot be confined");
    Ok(ended.success().then_some(said?))
}

/// `skranke inspect`: writes the result of an inspection as one line of JSON.
pub fn run_inspect(unconfined: bool) -> anyhow::Result<ExitCode> {
    let Some(bytes) = read_confined(unconfined) else { return Ok(ExitCode::from(NOT_CONFINED)) };
    let seen = look(&bytes).unwrap_or_else(Seen::bad);
    serde_json::to_writer(std::io::stdout(), &seen)?;
    Ok(ExitCode::SUCCESS)
}

/// `skranke draw PAGE`: writes the page as a PNG. Fails if it cannot be drawn.
pub fn run_draw(page: u64, unconfined: bool) -> anyhow::Result<ExitCode> {
    let Some(bytes) = read_confined(unconfined) else { return Ok(ExitCode::from(NOT_CONFINED)) };
    let Ok(kind) = file_type::kind(&bytes) else { bail!("this is no document") };
    let drawn = match kind {
        Kind::Pdf => draw_page(bytes, page)?,
        _ => shrunk(open_picture(&bytes, kind).map_err(|fault| anyhow::anyhow!("{fault:?}"))?),
    };
    let mut png = Vec::new();
    drawn.write_to(&mut Cursor::new(&mut png), ImageFormat::Png)?;
    std::io::stdout().write_all(&png)?;
    Ok(ExitCode::SUCCESS)
}

/// `skranke probe`: writes the permissions of a sandboxed process as one line of JSON.
pub fn run_probe(unconfined: bool) -> anyhow::Result<ExitCode> {
    serde_json::to_writer(std::io::stdout(), &confine::probe(unconfined))?;
    Ok(ExitCode::SUCCESS)
}

/// Sandboxes this process and reads the document. Returns `None` if either fails.
fn read_confined(unconfined: bool) -> Option<Vec<u8>> {
    let outcome = confine::confine(unconfined).and_then(|()| {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    outcome.inspect_err(|error| eprintln!("skranke: cannot look into documents: {error:#}")).ok()
}

/// Inspects a document: type, pages and active content. Fails with the reason why it is refused.
fn look(bytes: &[u8]) -> Result<Seen, FileFault> {
    let kind = file_type::kind(bytes)?;
    if file_type::is_disguised(kind, bytes) {
        return Err(FileFault::Disguised);
    }
    if !file_type::is_whole(kind, bytes) {
        return Err(FileFault::Broken);
    }
    if kind != Kind::Pdf {
        open_picture(bytes, kind)?;
        return Ok(Seen { kind: Some(kind), fault: None, pages: 1, active: Vec::new() });
    }
    let pdf = open_pdf(bytes.to_vec())?;
    let pages = pdf.pages().len() as u64;
    if pages == 0 {
        return Err(FileFault::Broken);
    }
    if pages > MOST_PAGES {
        return Err(FileFault::TooManyPages);
    }
    // A PDF that can be parsed may still not be drawable, or be cut off. The first and last page show that.
    for page in [1].into_iter().chain((pages > 1).then_some(pages)) {
        draw_of(&pdf, page).map_err(|_| FileFault::Broken)?;
    }
    Ok(Seen { kind: Some(kind), fault: None, pages, active: active::of(&pdf, bytes) })
}

fn open_pdf(bytes: Vec<u8>) -> Result<Pdf, FileFault> {
    Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => FileFault::Encrypted,
        LoadPdfError::Invalid => FileFault::Broken,
    })
}

fn draw_page(bytes: Vec<u8>, page: u64) -> anyhow::Result<DynamicImage> {
    let pdf = open_pdf(bytes).map_err(|fault| anyhow::anyhow!("{fault:?}"))?;
    draw_of(&pdf, page)
}

fn draw_of(pdf: &Pdf, page: u64) -> anyhow::Result<DynamicImage> {
    let index = usize::try_from(page)?.checked_sub(1).context("pages are counted from 1")?;
    let page = pdf.pages().get(index).context("there is no such page")?;
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !longest.is_finite() || width.min(height) < 1.0 {
        bail!("a page without a size");
    }
    let scale = DRAWN as f32 / longest;
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let interpreter = InterpreterSettings::default();
    let drawn = hayro::render(page, &RenderCache::new(), &interpreter, &RenderSettings::default(), &settings);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    if width == 0 || height == 0 {
        bail!("a page of which there is nothing to see");
    }
    let pixels = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a]).collect();
    // The background is opaque white, so alpha needs no conversion.
    RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from).context("a page without a size")
}

/// Decodes a picture and turns it upright. Fails if it is broken or too large, or if a TIFF has several pages.
fn open_picture(bytes: &[u8], kind: Kind) -> Result<DynamicImage, FileFault> {
    let format = match kind {
        Kind::Png => ImageFormat::Png,
        Kind::Tiff => ImageFormat::Tiff,
        Kind::Jpeg | Kind::Pdf => ImageFormat::Jpeg,
    };
    if kind == Kind::Tiff && has_several_pages(bytes) {
        return Err(FileFault::SeveralPages);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(Limits::no_limits());
    let mut decoder = reader.into_decoder().map_err(|_| FileFault::Broken)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(FileFault::PictureTooLarge);
    }
    let orientation = decoder.orientation().map_err(|_| FileFault::Broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| FileFault::Broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Returns `true` for a TIFF with several pages. The decoder reads the first one only, so the others would be lost unnoticed.
fn has_several_pages(bytes: &[u8]) -> bool {
    tiff::decoder::Decoder::new(Cursor::new(bytes)).is_ok_and(|decoder| decoder.more_images())
}

fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= DRAWN {
        return DynamicImage::from(picture.into_rgba8());
    }
    DynamicImage::from(picture.thumbnail(DRAWN, DRAWN).into_rgba8())
}
