//! Inspection and drawing of a document, in a process of its own: this program, called as `skranke inspect` and `skranke draw PAGE`, with
//! the document on standard input. A document that is made to break its reader breaks a process without secrets, files and network, and
//! with little memory and time (`confine`).
//!
//! A document that breaks the process counts as broken. If the process is ended from outside, or only the clock runs out, the call fails
//! and `check` repeats it. A JPEG and a PNG are followed to their end mark, a PDF must have one near its last byte; the first and the last
//! page are drawn.

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
use bytes::Bytes;
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

/// Maximum size of a picture: a page at 1200 dots per inch, or the picture of the largest phone camera.
const MOST_PIXELS: u64 = 210_000_000;
const LONGEST_SIDE: u32 = 20_000;

/// Longer side of a drawn page in pixels; small print is still legible.
const DRAWN: u32 = 2000;

/// Maximum output of the process in bytes.
const MOST_SAID: u64 = 64 * 1024 * 1024;

/// Exit code of a process that could not be confined, which is no fault of the document.
const NOT_CONFINED: u8 = 9;

/// Size of the pipe to the process in bytes.
const PIPE: usize = 1024 * 1024;

/// Numbers of concurrent inspections and drawings, which bound the memory. They are apart, so that an officer does not wait behind
/// arriving documents.
static CHECKING: Semaphore = Semaphore::const_new(2);
static DRAWING: Semaphore = Semaphore::const_new(2);

/// The result of an inspection, as the process writes it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    #[serde(with = "fields::coded_option")]
    pub kind: Option<Kind>,
    #[serde(with = "fields::coded_option")]
    pub fault: Option<FileFault>,
    pub pages: u64,
    /// The active content.
    #[serde(with = "fields::codes")]
    pub active: Vec<Active>,
}

impl Seen {
    fn bad(fault: FileFault) -> Seen {
        Seen { kind: None, fault: Some(fault), pages: 0, active: Vec::new() }
    }
}

/// Whether documents are inspected on a system that does not enforce the whole confinement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    Needed,
    /// The operator accepts an unconfined process (DOCUMENTS_UNCONFINED).
    Optional,
}

/// The terms of the process.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub walls: Walls,
    /// Time limit by the clock. The limit of processor time is in `confine`.
    pub patience: Duration,
}

/// The error of a process that exceeded its time by the clock. It is no verdict, because a busy machine may be the reason.
#[derive(Debug)]
pub struct OutOfTime;

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the inspection takes too long now")
    }
}

impl std::error::Error for OutOfTime {}

/// Inspects a document. One that breaks the process counts as broken. Fails with `OutOfTime` if the time is over, and if the process cannot
/// be started or is ended from outside.
pub async fn inspect(terms: Terms, bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin) -> anyhow::Result<Seen> {
    let said = call(&CHECKING, &["inspect"], terms, bytes).await?;
    Ok(said.and_then(|said| serde_json::from_slice(&said).ok()).unwrap_or(Seen::bad(FileFault::Broken)))
}

/// Draws a page as a PNG; `None` if it cannot be drawn. Pages are counted from 1. Fails like `inspect`.
pub async fn draw(
    terms: Terms,
    page: u64,
    bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
) -> anyhow::Result<Option<Bytes>> {
    Ok(call(&DRAWING, &["draw", &page.to_string()], terms, bytes).await?.map(Bytes::from))
}

/// Returns what a process that inspects documents could do here beyond that.
pub async fn probe(terms: Terms) -> anyhow::Result<Probed> {
    let said = call(&CHECKING, &["probe"], terms, futures_util::stream::empty()).await?;
    Ok(serde_json::from_slice(&said.context("it broke")?)?)
}

/// Runs the process with a document and returns its output; `None` if the document broke it. Fails if something else ended it.
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
        // Ctrl-C is for the server only.
        .process_group(0)
        .spawn()
        .context("cannot start the process that inspects documents")?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        bail!("the process that inspects documents has no pipes")
    };
    // A large pipe means few switches between the processes. A system that refuses is only slower.
    rustix::pipe::fcntl_setpipe_size(&stdin, PIPE).ok();
    let feed = async move {
        while let Some(piece) = bytes.next().await {
            // The process may be done or broken; its exit code says which.
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
    // The process has a low priority, so running out of time says more about the machine than about the document.
    let (fed, said, ended) = timeout(terms.patience, both).await.map_err(|_| OutOfTime)?;
    fed.context("cannot read the document")?;
    let ended = ended?;
    let by_others = [Signal::HUP, Signal::INT, Signal::TERM, Signal::KILL].map(Signal::as_raw);
    ensure!(
        ended.signal().is_none_or(|signal| !by_others.contains(&signal)),
        "the process that inspects documents was ended from outside"
    );
    ensure!(ended.code() != Some(i32::from(NOT_CONFINED)), "the process that inspects documents cannot be confined");
    Ok(ended.success().then_some(said?))
}

/// The command `skranke inspect`: writes what the document is, as one line of JSON.
pub fn run_inspect(unconfined: bool) -> anyhow::Result<ExitCode> {
    let Some(bytes) = read_confined(unconfined) else { return Ok(ExitCode::from(NOT_CONFINED)) };
    let seen = look(&bytes).unwrap_or_else(Seen::bad);
    serde_json::to_writer(std::io::stdout(), &seen)?;
    Ok(ExitCode::SUCCESS)
}

/// The command `skranke draw PAGE`: writes the page as a PNG.
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

/// The command `skranke probe`: writes what a confined process can do, as one line of JSON.
pub fn run_probe(unconfined: bool) -> anyhow::Result<ExitCode> {
    serde_json::to_writer(std::io::stdout(), &confine::probe(unconfined))?;
    Ok(ExitCode::SUCCESS)
}

/// Confines this process and reads the document from standard input; `None` if one of the two fails.
fn read_confined(unconfined: bool) -> Option<Vec<u8>> {
    let outcome = confine::confine(unconfined).and_then(|()| {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    outcome.inspect_err(|error| eprintln!("skranke: cannot inspect documents: {error:#}")).ok()
}

/// Inspects the bytes of a document. Fails with the reason why it is not accepted.
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
    // A document that can be parsed may still not be drawn, or lack its end.
    for page in [1].into_iter().chain((pages > 1).then_some(pages)) {
        draw_of(&pdf, page).map_err(|_| FileFault::Broken)?;
    }
    Ok(Seen { kind: Some(kind), fault: None, pages, active: active::of(&pdf, bytes) })
}

/// Parses a PDF. Fails if it is encrypted or broken.
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

/// Draws a page with its longer side `DRAWN` pixels long. Fails if there is no such page, or it has no size.
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
        bail!("an empty page");
    }
    let pixels = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a]).collect();
    // The background is opaque, so the premultiplied colours are the plain ones.
    RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from).context("a page without a size")
}

/// Decodes a picture and turns it upright. Fails if it is broken, too large, or has several pages.
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

/// Returns `true` for a TIFF with several pages. Only the first would be drawn, and nobody would know of the others.
fn has_several_pages(bytes: &[u8]) -> bool {
    tiff::decoder::Decoder::new(Cursor::new(bytes)).is_ok_and(|decoder| decoder.more_images())
}

/// Scales a picture down to `DRAWN` pixels.
fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= DRAWN {
        return DynamicImage::from(picture.into_rgba8());
    }
    DynamicImage::from(picture.thumbnail(DRAWN, DRAWN).into_rgba8())
}
