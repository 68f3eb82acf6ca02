//! Photos: rotation and reduction before they are sent. Used by `prepared` and `sending`.

use js_sys::Promise;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions, ImageOrientation};

/// Longest side of a reduced picture, in pixels: an A4 page at about 210 dpi.
const LONGEST_SIDE: f64 = 2500.0;
/// Size in bytes above which a picture is worth reducing.
const LARGE: f64 = 2_000_000.0;
const QUALITY: f64 = 0.85;

/// Returns `true` if a browser can reduce the file.
pub fn is_picture(file: &Blob) -> bool {
    matches!(file.type_().as_str(), "image/jpeg" | "image/png")
}

/// Returns `true` if the person should be offered a smaller copy: the file is large, or the picture has too many
/// pixels.
pub async fn is_large(file: &Blob) -> bool {
    if !is_picture(file) {
        return false;
    }
    if file.size() > LARGE {
        return true;
    }
    let Ok(bitmap) = upright(file).await else { return false };
    let is_large = longest_side(&bitmap) > LONGEST_SIDE;
    bitmap.close();
    is_large
}

/// The picture, upright and reduced. `None` if the conversion fails or makes it larger.
pub async fn made_smaller(file: &Blob) -> Option<Blob> {
    let bitmap = upright(file).await.ok()?;
    let drawn = draw(&bitmap);
    bitmap.close();
    let canvas = drawn.ok()?;
    let written = Promise::new(&mut |done, _| {
        if canvas.to_blob_with_type_and_encoder_options(&done, "image/jpeg", &QUALITY.into()).is_err() {
            done.call0(&JsValue::NULL).ok();
        }
    });
    let smaller: Blob = JsFuture::from(written).await.ok()?.dyn_into().ok()?;
    // Phones limit canvas memory and release it late, so it is released at once.
    canvas.set_width(0);
    (smaller.size() < file.size()).then_some(smaller)
}

/// File name of a picture after its conversion to JPEG.
pub fn name_as_jpeg(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.jpg")
}

/// Decodes a picture upright: the browser applies the orientation that the camera has recorded.
async fn upright(file: &Blob) -> Result<ImageBitmap, JsValue> {
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    let bitmap = window().create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)?;
    JsFuture::from(bitmap).await?.dyn_into()
}

fn longest_side(bitmap: &ImageBitmap) -> f64 {
    bitmap.width().max(bitmap.height()).into()
}

fn draw(bitmap: &ImageBitmap) -> Result<HtmlCanvasElement, JsValue> {
    let scale = (LONGEST_SIDE / longest_side(bitmap)).min(1.0);
    let [width, height] = [bitmap.width(), bitmap.height()].map(|side| (f64::from(side) * scale).round().max(1.0));
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into::<CanvasRenderingContext2d>()?;
    // JPEG has no transparency: transparent pixels would become black.
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height)?;
    Ok(canvas)
}
