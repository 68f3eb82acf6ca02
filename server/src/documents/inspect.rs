//! Looking into a document, and drawing it: in a program of its own that gets nothing but its bytes. What is made to break whoever
//! opens it breaks that program, which has no secrets, no files, no network, and little memory and time (`confine.rs`).
//!
//! The program is this one, called as `skranke inspect` and `skranke draw PAGE`: the document is its standard input.

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

/// The largest picture: a page at 1200 dots an inch, or what the largest camera of a telephone takes.
const MOST_PIXELS: u64 = 210_000_000;
const LONGEST_SIDE: u32 = 20_000;

/// How long the longer side of what is drawn is, in pixels: small print on a page can be read.
const DRAWN: u32 = 2000;

/// The most that is taken of what the program says.
const MOST_SAID: u64 = 64 * 1024 * 1024;

/// How the program ends if it could not give away what it may do: that is no fault of the document's.
const NOT_CONFINED: u8 = 9;

/// How much of a document waits for the program to read it, in bytes.
const PIPE: usize = 1024 * 1024;

/// So many documents are looked into at once, and so many pages drawn: each may take as much memory as it may. Who looks at one at the
/// desk does not wait behind what comes and is hard to look into.
static CHECKING: Semaphore = Semaphore::const_new(2);
static DRAWING: Semaphore = Semaphore::const_new(2);

/// What the program says of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    #[serde(with = "fields::coded_option")]
    pub kind: Option<Kind>,
    #[serde(with = "fields::coded_option")]
    pub fault: Option<FileFault>,
    pub pages: u64,
    /// What would do something when the document is opened.
    #[serde(with = "fields::codes")]
    pub active: Vec<Active>,
}

impl Seen {
    fn bad(fault: FileFault) -> Seen {
        Seen { kind: None, fault: Some(fault), pages: 0, active: Vec::new() }
    }
}

/// Whether the program may look into documents on a system that does not enforce all that it gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    Needed,
    /// The operator has said so (DOCUMENTS_UNCONFINED).
    Optional,
}

/// How the program is called.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub walls: Walls,
    /// How long it may take. How long it may compute is in `confine.rs`.
    pub patience: Duration,
}

/// The time that the program may take was over. Said as an error, because a machine that is busy may be the reason.
#[derive(Debug)]
pub struct OutOfTime;

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("looking into it takes too long now")
    }
}

impl std::error::Error for OutOfTime {}

/// What a document is, or what is wrong with it. Whatever the program could not get through is broken. The error is `OutOfTime` if the
/// time was over.
pub async fn inspect(terms: Terms, bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin) -> anyhow::Result<Seen> {
    let said = call(&CHECKING, &["inspect"], terms, bytes).await?;
    Ok(said.and_then(|said| serde_json::from_slice(&said).ok()).unwrap_or(Seen::bad(FileFault::Broken)))
}

/// A page as a PNG; nothing if it cannot be drawn. Pages are counted from 1.
pub async fn draw(
    terms: Terms,
    page: u64,
    bytes: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
) -> anyhow::Result<Option<Bytes>> {
    Ok(call(&DRAWING, &["draw", &page.to_string()], terms, bytes).await?.map(Bytes::from))
}

/// What a program that looks into documents could do here beside that.
pub async fn probe(terms: Terms) -> anyhow::Result<Probed> {
    let said = call(&CHECKING, &["probe"], terms, futures_util::stream::empty()).await?;
    Ok(serde_json::from_slice(&said.context("it broke")?)?)
}

/// Calls the program with a document. Nothing if the document broke it; an error if it was something else that ended it.
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
        // Ctrl-C is for us.
        .process_group(0)
        .spawn()
        .context("cannot look into documents")?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        bail!("cannot speak with who looks into documents")
    };
    // A document goes through it in few large pieces; a system that gives no more than usual is only slower.
    rustix::pipe::fcntl_setpipe_size(&stdin, PIPE).ok();
    let feed = async move {
        while let Some(piece) = bytes.next().await {
            // It may have seen enough, or be broken; then its end says so.
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
    // It has less of the processor than others, so this says more of the machine than of the document.
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

/// `skranke inspect`: says what the document is, as one line of JSON.
pub fn run_inspect(unconfined: bool) -> anyhow::Result<ExitCode> {
    let Some(bytes) = read_confined(unconfined) else { return Ok(ExitCode::from(NOT_CONFINED)) };
    let seen = look(&bytes).unwrap_or_else(Seen::bad);
    serde_json::to_writer(std::io::stdout(), &seen)?;
    Ok(ExitCode::SUCCESS)
}

/// `skranke draw PAGE`: writes the page as a PNG.
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

/// `skranke probe`: says what a confined program can do, as one line of JSON.
pub fn run_probe(unconfined: bool) -> anyhow::Result<ExitCode> {
    serde_json::to_writer(std::io::stdout(), &confine::probe(unconfined))?;
    Ok(ExitCode::SUCCESS)
}

/// Gives away what this program may do, and reads the document. Nothing if that cannot be.
fn read_confined(unconfined: bool) -> Option<Vec<u8>> {
    let outcome = confine::confine(unconfined).and_then(|()| {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    outcome.inspect_err(|error| eprintln!("skranke: cannot look into documents: {error:#}")).ok()
}

/// What it is and what is in it, or why it cannot be taken.
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
    // That it can be read does not yet say that it can be seen, nor that its end is there.
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
    // On white paper nothing is left to see through.
    RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from).context("a page without a size")
}

/// The picture, turned upright.
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

/// Of the other pages nobody would know: what draws a TIFF draws its first.
fn has_several_pages(bytes: &[u8]) -> bool {
    tiff::decoder::Decoder::new(Cursor::new(bytes)).is_ok_and(|decoder| decoder.more_images())
}

fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= DRAWN {
        return DynamicImage::from(picture.into_rgba8());
    }
    DynamicImage::from(picture.thumbnail(DRAWN, DRAWN).into_rgba8())
}
