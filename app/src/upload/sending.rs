//! Sending files one after another. It goes on after whatever went wrong, until it cannot be done.

use std::time::Duration;

use ::api::{
    ProblemCode,
    cases::Case,
    documents::{Documents, State},
};
use leptos::prelude::*;
use web_sys::{Blob, File, XmlHttpRequest};

use crate::{
    api::{
        self, Failure,
        uploads::{self, Sending},
    },
    state::{
        connection::{Line, use_line},
        remote::Turns,
    },
    ui::dynamic::{pause, spawn},
    upload::{
        picture,
        prepared_file::{Parcel, fault},
    },
};

/// How long we wait before each new try, in seconds. After the last it is a technical failure.
const PAUSES: [u64; 5] = [1, 2, 4, 6, 7];
/// How often we wait for a server that is still at what it got before, two seconds each time: when a line is cut silently it
/// waits for the rest half a minute.
const MOST_WAITS: usize = 30;
const WAIT: Duration = Duration::from_secs(2);
/// How long a connection may be away before the telephone is named.
const CUT_SECONDS: u64 = 60;
/// How often we look whether waiting is over.
const GLANCE: Duration = Duration::from_millis(200);

/// A file that somebody has chosen to send.
#[derive(Clone, Copy)]
pub struct Upload {
    pub number: u32,
    pub name: RwSignal<String>,
    /// In bytes.
    pub size: RwSignal<u64>,
    /// How much of it has left, in bytes.
    pub gone: RwSignal<u64>,
    pub stage: RwSignal<Stage>,
    /// It is a picture that is worth making smaller.
    pub is_large_picture: RwSignal<bool>,
    file: StoredValue<File, LocalStorage>,
    parcel: StoredValue<Option<Parcel>, LocalStorage>,
    id: RwSignal<Option<String>>,
    /// How much of it the server has said that it has, in bytes.
    there: StoredValue<u64>,
}

impl Upload {
    /// The upload's id, once it has begun.
    pub fn id(self) -> Option<String> {
        self.id.get()
    }

    fn is_at(self, offset: u64) {
        self.there.try_set_value(offset);
        self.gone.try_set(offset);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The person has not asked to send it yet.
    Chosen,
    /// It waits for those before it.
    Waiting,
    /// It is read, and made smaller if that was agreed to.
    Reading,
    Sending,
    /// It cannot be sent.
    Refused(ProblemCode),
    /// The browser can no longer read it.
    Unreadable,
    /// The office has it already.
    Known,
}

/// What stands in the way, and goes away by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no connection.
    Cut,
    NoAnswer,
    /// The server is still at what it got before.
    Busy,
}

/// What follows from an answer.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    SignIn,
    /// The rules say no.
    Stop,
    Refuse(ProblemCode),
    BeginAnew,
    AskWhereItIs,
    Wait,
    TryAgain,
}

fn then(said: &Failure, has_begun: bool) -> Then {
    if said.needs_sign_in() {
        return Then::SignIn;
    }
    match said.code() {
        Some(ProblemCode::Refused) => Then::Stop,
        Some(ProblemCode::UploadOver | ProblemCode::NotFound) if has_begun => Then::BeginAnew,
        Some(ProblemCode::OffsetWrong) => Then::AskWhereItIs,
        Some(ProblemCode::UploadBusy | ProblemCode::TooManyRequests) => Then::Wait,
        Some(
            code @ (ProblemCode::FileEmpty
            | ProblemCode::FileTooLarge
            | ProblemCode::CaseFull
            | ProblemCode::FileName
            | ProblemCode::NotADocument
            | ProblemCode::Heic),
        ) => Then::Refuse(code),
        _ => Then::TryAgain,
    }
}

/// For the office's technicians: what went wrong, as far as the page knows.
fn what(said: &Failure) -> String {
    match said {
        Failure::Problem(problem) => problem.code.clone(),
        Failure::NoAnswer => "no-answer".to_owned(),
        Failure::Unreadable => "unreadable".to_owned(),
    }
}

/// The sending of a case's documents, as long as its page is there.
#[derive(Clone, Copy)]
pub struct Sender {
    pub case: RwSignal<Case>,
    /// What the server has, as far as we know.
    pub known: RwSignal<Documents>,
    looks: Turns,
    pub uploads: RwSignal<Vec<Upload>>,
    /// The person agrees that large pictures are made smaller.
    pub makes_smaller: RwSignal<bool>,
    pub is_running: RwSignal<bool>,
    pub is_paused: RwSignal<bool>,
    pub trouble: RwSignal<Option<Trouble>>,
    /// How many were sent since it began, and their bytes.
    pub sent: RwSignal<(usize, u64)>,
    /// It has failed, and the server could not be told.
    pub is_unheard: RwSignal<bool>,
    last_number: StoredValue<u32>,
    request: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
    to_sign_in: StoredValue<Callback<Failure>>,
    line: Line,
    owner: StoredValue<Option<Owner>>,
}

impl Sender {
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

    /// Takes a file that was chosen.
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
            parcel: StoredValue::new_local(None),
            id: RwSignal::new(None),
            there: StoredValue::new(0),
        };
        // It lives as long as the page, and not as the click that it comes from.
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

    /// Whether somebody who agrees to make pictures smaller may send what is too large as it is.
    pub fn would_fit_smaller(self, upload: Upload) -> bool {
        upload.stage.get() == Stage::Refused(ProblemCode::FileTooLarge) && upload.is_large_picture.get()
    }

    fn may_go(self, upload: Upload) -> bool {
        upload.stage.get() == Stage::Chosen || (self.makes_smaller.get() && self.would_fit_smaller(upload))
    }

    /// Those that are chosen, can be sent, and are not asked for yet.
    pub fn ready(self) -> Vec<Upload> {
        self.uploads.get().into_iter().filter(|upload| self.may_go(*upload)).collect()
    }

    /// Sends what is ready.
    pub fn send(self) {
        if !self.is_running.get_untracked() {
            self.sent.set((0, 0));
        }
        for upload in untrack(move || self.ready()) {
            upload.stage.set(Stage::Waiting);
        }
        self.go_on();
    }

    pub fn pause(self) {
        self.is_paused.set(true);
        self.interrupt();
    }

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

    /// Tries again what failed and could not be told.
    pub fn try_again(self) {
        self.is_unheard.set(false);
        self.mark(None);
        self.go_on();
    }

    /// Gives up a file. What of it has arrived is deleted.
    pub fn cancel(self, upload: Upload) {
        self.uploads.update(|uploads| uploads.retain(|other| other.number != upload.number));
        if upload.stage.get_untracked() == Stage::Sending {
            self.interrupt();
        }
        if let Some(id) = upload.id.get_untracked() {
            self.give_up(id);
        }
    }

    /// Gives up what has arrived in part.
    pub fn give_up(self, id: String) {
        const TRIES: usize = 10;
        spawn(async move {
            for _ in 0..TRIES {
                match uploads::cancel(&id).await {
                    // The server may still be at the last part.
                    Err(said) if matches!(then(&said, true), Then::Wait | Then::TryAgain) => {
                        pause(Duration::from_secs(1)).await
                    }
                    _ => break,
                }
            }
            self.look().await.ok();
        });
    }

    /// Looks again how far the documents have come.
    pub async fn look(self) -> Result<(), Failure> {
        let Some(case) = self.case_id() else { return Ok(()) };
        let turn = self.looks.begin();
        let known = api::documents(&case).await?;
        if self.looks.is_news(turn) {
            self.known.try_set(known);
        }
        Ok(())
    }

    /// Looks again at everything, as after a no by the rules.
    pub async fn look_at_all(self) -> Result<(), Failure> {
        let Some(case) = self.case_id() else { return Ok(()) };
        let times = api::times(&case).await?;
        self.case.try_set(times.case);
        self.look().await
    }

    fn case_id(self) -> Option<String> {
        self.case.try_with_untracked(|case| case.id.clone())
    }

    /// Breaks off what is on its way. As long as nobody has paused, it goes on from where it is.
    pub fn interrupt(self) {
        self.request.try_update_value(|request| {
            if let Some(request) = request.take() {
                // What is over already needs no stop.
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

    /// Brings a file to the server. Whether the next one may come.
    async fn bring(self, upload: Upload) -> bool {
        upload.stage.try_set(Stage::Reading);
        let parcel = match self.parcel(upload).await {
            Some(parcel) => parcel,
            None => {
                upload.stage.try_set(Stage::Unreadable);
                return true;
            }
        };
        if let Some(stage) = self.without_sending(upload, &parcel) {
            upload.stage.try_set(stage);
            return true;
        }
        upload.stage.try_set(Stage::Sending);
        let (mut tries, mut waits, mut best) = (0, 0, 0);
        loop {
            let Err(said) = self.attempt(upload, &parcel).await else {
                self.uploads.try_update(|uploads| uploads.retain(|other| other.number != upload.number));
                self.sent.try_update(|(count, bytes)| {
                    *count += 1;
                    *bytes += parcel.size;
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
            // Whoever gets on, if slowly, has not failed.
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
                    // The page says what the rules say.
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
                    if !parcel.can_be_read().await {
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

    /// What is sent of a file, with its hash. Nothing if it cannot be read.
    async fn parcel(self, upload: Upload) -> Option<Parcel> {
        if let Some(parcel) = upload.parcel.try_get_value()? {
            return Some(parcel);
        }
        let file = upload.file.try_get_value()?;
        let smaller =
            self.makes_smaller.try_get_untracked()? && upload.is_large_picture.try_get_untracked().unwrap_or_default();
        let parcel = Parcel::of(&file, smaller).await?;
        upload.name.try_set(parcel.name.clone());
        upload.size.try_set(parcel.size);
        upload.parcel.try_set_value(Some(parcel.clone()));
        Some(parcel)
    }

    /// What becomes of a file without sending it: it is too large, or there already. One that is there in part goes on.
    fn without_sending(self, upload: Upload, parcel: &Parcel) -> Option<Stage> {
        let known = self.known.try_get_untracked()?;
        let mut same = known.documents.iter().filter(|one| parcel.is(one));
        if same.clone().any(|one| matches!(one.state, State::Received | State::Checked | State::Accepted)) {
            return Some(Stage::Known);
        }
        if let Some(begun) = same.find(|one| one.state == State::Arriving) {
            upload.id.try_set(Some(begun.id.clone()));
        }
        if upload.id.try_get_untracked()?.is_some() {
            return None;
        }
        if parcel.size > known.limits.file {
            return Some(Stage::Refused(ProblemCode::FileTooLarge));
        }
        (known.used + parcel.size > known.limits.case).then_some(Stage::Refused(ProblemCode::CaseFull))
    }

    /// Sends what is not there yet.
    async fn attempt(self, upload: Upload, parcel: &Parcel) -> Result<(), Failure> {
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
                (uploads::begin(&case, &parcel.name, parcel.size, &parcel.sha256).await?, 0)
            }
        };
        upload.id.try_set(Some(id.clone()));
        upload.is_at(offset);
        while offset < parcel.size {
            if !self.is_going(upload) {
                return Err(Failure::NoAnswer);
            }
            let progress = move |gone| {
                upload.gone.try_set(gone);
            };
            let sending = Sending::begin(&id, offset, &parcel.blob, progress)?;
            self.request.try_set_value(Some(sending.request()));
            self.trouble.try_set(None);
            let ended = sending.end().await;
            self.request.try_set_value(None);
            offset = ended?;
            upload.is_at(offset);
        }
        Ok(())
    }

    /// Waits, and longer while there is no connection. No if that takes too long.
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

    /// It has failed, also when it was tried again: the office is told, and the rules say what the person does now. Where the
    /// office cannot be told, the page decides by itself.
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

    /// Nobody is taken there from another page.
    fn sign_in(self, said: Failure) {
        self.to_sign_in.try_with_value(|to_sign_in| to_sign_in.try_run(said));
    }

    /// Marks the invitation as failed, by which the rules decide otherwise.
    fn mark(self, failure: Option<String>) {
        self.case.try_update(|case| {
            if let Some(invitation) = &mut case.invitation {
                invitation.failure = failure;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn what_goes_away_by_itself_is_waited_for() {
        assert_eq!(then(&Failure::NoAnswer, true), Then::TryAgain);
        assert_eq!(then(&Failure::Unreadable, false), Then::TryAgain);
        assert_eq!(PAUSES.iter().sum::<u64>(), 20);
    }
}
