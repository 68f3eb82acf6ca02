//! `Sender`: sends the chosen files of a case one after another, with retries, pauses and resumption. The protocol of
//! one transfer is in `api::uploads`. The queue is no `Action`: it goes on for many requests, and decides after each
//! failure what comes next.

use std::time::Duration;

use ::api::{
    ProblemCode,
    cases::Case,
    documents::{Documents, State},
    ids::{CaseId, DocumentId},
};
use leptos::prelude::*;
use web_sys::{Blob, File, XmlHttpRequest};

use crate::{
    api::{
        self, Failure,
        uploads::{self, Sending},
    },
    browser::event_loop::{pause, spawn},
    state::{
        connection::{Line, use_line},
        remote::Turns,
    },
    upload::{
        chosen_file::{Stage, Upload},
        picture,
        prepared_file::{PreparedFile, fault},
        retries::{MOST_WAITS, PAUSES, Then, WAIT, then, what},
    },
};

/// Maximum time offline, in seconds, before the telephone number is shown.
const CUT_SECONDS: u64 = 60;
/// Poll interval while waiting.
const GLANCE: Duration = Duration::from_millis(200);

/// A temporary obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The browser is offline.
    Cut,
    NoAnswer,
    /// The server is still busy with the previous request of this upload.
    Busy,
}

/// The sending of a case's documents. It lives as long as its page.
#[derive(Clone, Copy)]
pub struct Sender {
    pub case: RwSignal<Case>,
    /// The server's documents, as of the last fetch.
    pub known: RwSignal<Documents>,
    looks: Turns,
    pub uploads: RwSignal<Vec<Upload>>,
    /// The person agrees that large pictures are reduced.
    pub makes_smaller: RwSignal<bool>,
    pub is_running: RwSignal<bool>,
    pub is_paused: RwSignal<bool>,
    pub trouble: RwSignal<Option<Trouble>>,
    /// The number of files and bytes that were sent since the start.
    pub sent: RwSignal<(usize, u64)>,
    /// The sending has failed, and the report of it has failed too.
    pub is_unheard: RwSignal<bool>,
    last_number: StoredValue<u32>,
    request: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
    to_sign_in: StoredValue<Callback<Failure>>,
    line: Line,
    owner: StoredValue<Option<Owner>>,
}

impl Sender {
    /// An idle sender. `to_sign_in` is called when the session is over.
    pub fn new(case: Case, known: Documents, to_sign_in: Callback<Failure>) -> Sender {
        let sender = Sender {
            case: RwSignal::new(case),
            known: RwSignal::new(known),
            looks: Turns::new(),
            uploads: RwSignal::new(Vec::new()),
            makes_smaller: RwSignal::new(false),
            is_running: RwSignal::new(false),
            is_paused: RwSignal::new(false),
            trouble: RwSignal::new(None),
            sent: RwSignal::new((0, 0)),
            is_unheard: RwSignal::new(false),
            last_number: StoredValue::new(0),
            request: StoredValue::new_local(None),
            to_sign_in: StoredValue::new(to_sign_in),
            line: use_line(),
            owner: StoredValue::new(Owner::current()),
        };
        on_cleanup(move || sender.interrupt());
        sender
    }

    /// Adds a file to the list, in stage `Chosen` or `Refused`.
    pub fn choose(self, file: File) {
        let (name, size, most) =
            (file.name(), file.size() as u64, self.known.with_untracked(|known| known.limits.file));
        let stage = fault(&name, &file.type_(), size, most).map_or(Stage::Chosen, Stage::Refused);
        let number = self.last_number.get_value() + 1;
        self.last_number.set_value(number);
        let blob: Blob = file.clone().into();
        let make = || Upload {
            number,
            name: RwSignal::new(name),
            size: RwSignal::new(size),
            gone: RwSignal::new(0),
            stage: RwSignal::new(stage),
            is_large_picture: RwSignal::new(false),
            file: StoredValue::new_local(file),
            prepared: StoredValue::new_local(None),
            id: RwSignal::new(None),
            there: StoredValue::new(0),
        };
        // The signals of an upload belong to the page. Those of the click's scope would be disposed with it.
        let upload = match self.owner.get_value() {
            Some(owner) => owner.with(make),
            None => make(),
        };
        self.uploads.update(|uploads| uploads.push(upload));
        spawn(async move {
            let is_large = picture::is_large(&blob).await;
            upload.is_large_picture.try_set(is_large);
        });
    }

    /// Returns `true` if the file is too large as it is, and may be sent as a reduced picture.
    pub fn would_fit_smaller(self, upload: Upload) -> bool {
        upload.stage.get() == Stage::Refused(ProblemCode::FileTooLarge) && upload.is_large_picture.get()
    }

    fn may_go(self, upload: Upload) -> bool {
        upload.stage.get() == Stage::Chosen || (self.makes_smaller.get() && self.would_fit_smaller(upload))
    }

    /// The files that are chosen, may be sent, and are not in the queue yet.
    pub fn ready(self) -> Vec<Upload> {
        self.uploads.get().into_iter().filter(|upload| self.may_go(*upload)).collect()
    }

    /// Puts every ready file into the queue and starts.
    pub fn send(self) {
        if !self.is_running.get_untracked() {
            self.sent.set((0, 0));
        }
        for upload in untrack(move || self.ready()) {
            upload.stage.set(Stage::Waiting);
        }
        self.go_on();
    }

    /// Aborts the current request and stops the queue. `go_on` resumes from what has arrived.
    pub fn pause(self) {
        self.is_paused.set(true);
        self.interrupt();
    }

    /// Starts or resumes the queue.
    pub fn go_on(self) {
        self.is_paused.set(false);
        if self.is_running.get_untracked() {
            return;
        }
        self.is_running.set(true);
        spawn(async move {
            while let Some(upload) = self.next() {
                let goes_on = self.bring(upload).await;
                self.trouble.try_set(None);
                if !goes_on {
                    break;
                }
            }
            self.is_running.try_set(false);
        });
    }

    /// Retries after a failure that could not be reported.
    pub fn try_again(self) {
        self.is_unheard.set(false);
        self.mark(None);
        self.go_on();
    }

    /// Removes a file. The server deletes what has arrived of it.
    pub fn cancel(self, upload: Upload) {
        self.uploads.update(|uploads| uploads.retain(|other| other.number != upload.number));
        if upload.stage.get_untracked() == Stage::Sending {
            self.interrupt();
        }
        if let Some(id) = upload.id.get_untracked() {
            self.give_up(id);
        }
    }

    /// Deletes an incomplete upload on the server.
    pub fn give_up(self, id: DocumentId) {
        const TRIES: usize = 10;
        spawn(async move {
            for _ in 0..TRIES {
                match uploads::cancel(&id).await {
                    // A busy server may still be storing the last bytes.
                    Err(said) if matches!(then(&said, true), Then::Wait | Then::TryAgain) => {
                        pause(Duration::from_secs(1)).await
                    }
                    _ => break,
                }
            }
            self.look().await.ok();
        });
    }

    /// Fetches the state of the documents.
    pub async fn look(self) -> Result<(), Failure> {
        let Some(case) = self.case_id() else { return Ok(()) };
        let turn = self.looks.begin();
        let known = api::documents(&case).await?;
        if self.looks.is_news(turn) {
            self.known.try_set(known);
        }
        Ok(())
    }

    /// Fetches the case and its documents, for instance after a refusal.
    pub async fn look_at_all(self) -> Result<(), Failure> {
        let Some(case) = self.case_id() else { return Ok(()) };
        self.case.try_set(api::case(&case).await?);
        self.look().await
    }

    fn case_id(self) -> Option<CaseId> {
        self.case.try_with_untracked(|case| case.id.clone())
    }

    /// Aborts the current request. Unless the sender is paused, the file resumes from its offset.
    pub fn interrupt(self) {
        self.request.try_update_value(|request| {
            if let Some(request) = request.take() {
                // A finished request needs no abort.
                request.abort().ok();
            }
        });
    }

    fn next(self) -> Option<Upload> {
        if self.is_paused.try_get_untracked()? {
            return None;
        }
        self.uploads.try_get_untracked()?.into_iter().find(|upload| upload.stage.get_untracked() == Stage::Waiting)
    }

    fn is_wanted(self, upload: Upload) -> bool {
        let is_listed = |uploads: &Vec<Upload>| uploads.iter().any(|other| other.number == upload.number);
        self.uploads.try_with_untracked(is_listed) == Some(true)
    }

    fn is_going(self, upload: Upload) -> bool {
        self.is_paused.try_get_untracked() == Some(false) && self.is_wanted(upload)
    }

    /// Sends one file with retries. Returns `true` if the next one may follow.
    async fn bring(self, upload: Upload) -> bool {
        upload.stage.try_set(Stage::Reading);
        let prepared = match self.prepared(upload).await {
            Some(prepared) => prepared,
            None => {
                upload.stage.try_set(Stage::Unreadable);
                return true;
            }
        };
        if let Some(stage) = self.without_sending(upload, &prepared) {
            upload.stage.try_set(stage);
            return true;
        }
        upload.stage.try_set(Stage::Sending);
        let (mut tries, mut waits, mut best) = (0, 0, 0);
        loop {
            let Err(said) = self.attempt(upload, &prepared).await else {
                self.uploads.try_update(|uploads| uploads.retain(|other| other.number != upload.number));
                self.sent.try_update(|(count, bytes)| {
                    *count += 1;
                    *bytes += prepared.size;
                });
                self.look().await.ok();
                return true;
            };
            if !self.is_wanted(upload) {
                return true;
            }
            if !self.is_going(upload) {
                upload.stage.try_set(Stage::Waiting);
                return false;
            }
            let has_begun = upload.id.try_with_untracked(Option::is_some).unwrap_or_default();
            // Progress resets the backoff: a slow upload has not failed.
            let there = upload.there.try_get_value().unwrap_or_default();
            if there > best {
                (tries, best) = (0, there);
            }
            let wait = match then(&said, has_begun) {
                Then::SignIn => {
                    self.sign_in(said);
                    return false;
                }
                Then::Stop => {
                    upload.stage.try_set(Stage::Waiting);
                    // The page shows the refusal from the fetched case.
                    self.look_at_all().await.ok();
                    return false;
                }
                Then::Refuse(code) => {
                    upload.stage.try_set(Stage::Refused(code));
                    self.look().await.ok();
                    return true;
                }
                Then::BeginAnew => {
                    upload.id.try_set(None);
                    tries += 1;
                    Duration::ZERO
                }
                Then::AskWhereItIs => {
                    tries += 1;
                    Duration::ZERO
                }
                Then::Wait => {
                    waits += 1;
                    self.trouble.try_set(Some(Trouble::Busy));
                    WAIT
                }
                Then::TryAgain => {
                    if !prepared.can_be_read().await {
                        upload.stage.try_set(Stage::Unreadable);
                        return true;
                    }
                    self.trouble.try_set(Some(Trouble::NoAnswer));
                    let wait = PAUSES.get(tries).copied().unwrap_or_default();
                    tries += 1;
                    Duration::from_secs(wait)
                }
            };
            if tries > PAUSES.len() || waits > MOST_WAITS || !self.wait(upload, wait).await {
                upload.stage.try_set(Stage::Waiting);
                self.fail(&said).await;
                return false;
            }
        }
    }

    /// Prepares the content and the hash of a file, once. `None` if it cannot be read.
    async fn prepared(self, upload: Upload) -> Option<PreparedFile> {
        if let Some(prepared) = upload.prepared.try_get_value()? {
            return Some(prepared);
        }
        let file = upload.file.try_get_value()?;
        let smaller =
            self.makes_smaller.try_get_untracked()? && upload.is_large_picture.try_get_untracked().unwrap_or_default();
        let prepared = PreparedFile::of(&file, smaller).await?;
        upload.name.try_set(prepared.name.clone());
        upload.size.try_set(prepared.size);
        upload.prepared.try_set_value(Some(prepared.clone()));
        Some(prepared)
    }

    /// The final stage of a file that needs no transfer: it is known or too large. `None` if it has to be sent; an
    /// incomplete upload is then resumed.
    fn without_sending(self, upload: Upload, prepared: &PreparedFile) -> Option<Stage> {
        let known = self.known.try_get_untracked()?;
        let mut same = known.documents.iter().filter(|one| prepared.is(one));
        if same.clone().any(|one| matches!(one.state, State::Received | State::Checked | State::Accepted)) {
            return Some(Stage::Known);
        }
        if let Some(begun) = same.find(|one| one.state == State::Arriving) {
            upload.id.try_set(Some(begun.id.clone()));
        }
        if upload.id.try_get_untracked()?.is_some() {
            return None;
        }
        if prepared.size > known.limits.file {
            return Some(Stage::Refused(ProblemCode::FileTooLarge));
        }
        (known.used + prepared.size > known.limits.case).then_some(Stage::Refused(ProblemCode::CaseFull))
    }

    /// One attempt: sends the missing bytes.
    async fn attempt(self, upload: Upload, prepared: &PreparedFile) -> Result<(), Failure> {
        if !self.is_going(upload) {
            return Err(Failure::NoAnswer);
        }
        let (id, mut offset) = match upload.id.try_get_untracked().flatten() {
            Some(id) => {
                let offset = uploads::received(&id).await?;
                (id, offset)
            }
            None => {
                let case = self.case_id().ok_or(Failure::NoAnswer)?;
                (uploads::begin(&case, &prepared.name, prepared.size, &prepared.sha256).await?, 0)
            }
        };
        upload.id.try_set(Some(id.clone()));
        upload.is_at(offset);
        while offset < prepared.size {
            if !self.is_going(upload) {
                return Err(Failure::NoAnswer);
            }
            let progress = move |gone| {
                upload.gone.try_set(gone);
            };
            let sending = Sending::begin(&id, offset, &prepared.blob, progress)?;
            self.request.try_set_value(Some(sending.request()));
            self.trouble.try_set(None);
            let ended = sending.end().await;
            self.request.try_set_value(None);
            offset = ended?;
            upload.is_at(offset);
        }
        Ok(())
    }

    /// Waits for `time`, or until the browser is online again. Returns `false` if it was offline for too long.
    async fn wait(self, upload: Upload, time: Duration) -> bool {
        let mut left = time;
        let mut cut = Duration::ZERO;
        while self.is_going(upload) {
            if self.line.is_cut.get_untracked() {
                self.trouble.try_set(Some(Trouble::Cut));
                left = Duration::ZERO;
                cut += GLANCE;
                if cut > Duration::from_secs(CUT_SECONDS) {
                    return false;
                }
            } else if left.is_zero() {
                break;
            }
            pause(GLANCE).await;
            left = left.saturating_sub(GLANCE);
        }
        true
    }

    /// Reports the final failure to the office, so that the rules name another way. If the report fails, the page
    /// assumes the failure itself.
    async fn fail(self, said: &Failure) {
        let Some(case) = self.case_id() else { return };
        match api::tell_of_failure(&case, &what(said)).await {
            Ok(failed) => self.mark(Some(failed.code)),
            Err(said) if said.needs_sign_in() => self.sign_in(said),
            Err(said) if said.code() == Some(ProblemCode::Refused) => {
                self.look_at_all().await.ok();
            }
            Err(_) => {
                self.is_unheard.try_set(true);
                self.mark(Some(String::new()));
            }
        }
    }

    /// Runs the callback only while its page is there: nobody is taken to sign-in from another page.
    fn sign_in(self, said: Failure) {
        self.to_sign_in.try_with_value(|to_sign_in| to_sign_in.try_run(said));
    }

    /// Records the failure in the local invitation, which changes the decision of the rules.
    fn mark(self, failure: Option<String>) {
        self.case.try_update(|case| {
            if let Some(invitation) = &mut case.invitation {
                invitation.failure = failure;
            }
        });
    }
}
