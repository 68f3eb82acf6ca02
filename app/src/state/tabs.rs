//! Messages between the tabs of one browser about sign-in and sign-out, over a `BroadcastChannel`.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// A session event that one tab reports to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    SignedIn,
    SignedOut,
    /// An officer's sign-out.
    DeskSignedOut,
}

impl News {
    const ALL: [News; 3] = [News::SignedIn, News::SignedOut, News::DeskSignedOut];

    fn code(self) -> &'static str {
        match self {
            News::SignedIn => "signed-in",
            News::SignedOut => "signed-out",
            News::DeskSignedOut => "desk-signed-out",
        }
    }
}

/// The channel to the other tabs; `None` if the browser has no `BroadcastChannel`.
#[derive(Clone, Copy)]
pub struct Tabs(StoredValue<Option<BroadcastChannel>, LocalStorage>);

impl Tabs {
    /// Opens the channel and provides it as a context.
    pub fn provide() -> Tabs {
        let tabs = Tabs(StoredValue::new_local(BroadcastChannel::new("session").ok()));
        provide_context(tabs);
        tabs
    }

    /// Sends an event to the other tabs. Without a channel they learn it from the next answer of the server.
    pub fn tell(self, news: News) {
        self.0.with_value(|channel| {
            channel.as_ref().and_then(|channel| channel.post_message(&JsValue::from_str(news.code())).ok())
        });
    }

    /// Calls `hear` for each event from another tab, for the lifetime of the page.
    pub fn listen(self, hear: impl Fn(News) + 'static) {
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let said = event.data().as_string();
            if let Some(news) = News::ALL.into_iter().find(|news| said.as_deref() == Some(news.code())) {
                hear(news);
            }
        });
        self.0.with_value(|channel| {
            if let Some(channel) = channel {
                channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
            }
        });
        hear.forget();
    }
}

/// The channel from the context.
pub fn use_tabs() -> Tabs {
    expect_context()
}
