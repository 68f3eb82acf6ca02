//! `/cases/:case`: one case and its duties.

use ::api::{
    cases::{Case, Work},
    ids::CaseId,
    invitations::{Instructions, Invitation},
    typed,
};
use leptos::prelude::*;
use rules::{Coded, Decision, Duty, Outcome, facts::Standing, notice::Language};

use crate::{
    api::{self, Failure},
    booking::tasks::{Task, tasks},
    browser::clock::use_clock,
    paths::{self, Purpose},
    state::{action::Action, drafts, policy::use_law, remote::Remote},
    text::{dates, language::use_speech, texts::Texts, udi},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        field::TextField,
        next_steps::Around,
        page::Page,
        refusal::{Quotation, ReasonText},
    },
    upload::delivery::Delivery,
};

/// Renders the page.
#[component]
pub fn CasePage(#[prop(name = "case")] id: CaseId) -> impl IntoView {
    let speech = use_speech();
    let case = Remote::fetch(move || {
        let id = id.clone();
        async move { api::case(&id).await }
    });
    provide_context(case);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.case_title))>
            <Fetched remote=case show=|case| view! { <Details case /> }.into_any() />
        </Page>
    }
}

/// Renders the loaded case.
#[component]
fn Details(case: Case) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let law = use_law();
    let (kind, district) = (case.application_type, case.district);
    let appointment = case.appointment.clone();
    let times = paths::times(&case.id, Purpose::Book);
    let asked = case.clone();
    // The button of the first task is the only blue one, as on the list of cases.
    let supposed = case.clone();
    let first = Memo::new(move |_| tasks(&supposed, clock.now()?, &*law.policy()?).into_iter().next());
    provide_context(First(first));
    let variant = First(first);
    // Two decisions: the duties, and for people who were told to report within a week, whether to come.
    let duties = move || {
        let (now, policy) = (clock.now()?, law.policy()?);
        Some(rules::decide(&policy, &asked.facts_of_duties(now)))
    };
    // The form about work is shown only if a start of work today would cause a duty.
    let (supposed, for_form) = (case.clone(), case.clone());
    let may_be_due = Memo::new(move |_| {
        let (Some(now), Some(policy)) = (clock.now(), law.policy()) else { return false };
        let work = Some(Work { starts: rules::day::in_oslo(now), reported: None });
        let supposed = Case { work, appointment: None, ..supposed.clone() };
        !rules::decide(&policy, &supposed.facts_of_duties(now)).duties.is_empty()
    });
    let told = case.clone();
    let week = move || {
        let situation = told.situation.filter(|situation| situation.told_to_report_within_week)?;
        let (now, policy) = (clock.now()?, law.policy()?);
        let decision = rules::decide(&policy, &told.facts_to_attend(now, &situation));
        let gives_way = |ground: &rules::Ground| ground.reason == rules::Reason::WeekRuleGivesWay;
        decision.reasons.into_iter().find(gives_way).map(|ground| (ground, decision.earliest))
    };
    view! {
        <p class="ds-paragraph" data-size="lg">
            {text(move || speech.texts().kind.get(kind.code()))} " – " {case.applicant.clone()}
        </p>
        <dl class="facts">
            <dt>{speech.say(|t| t.cases_reference)}</dt>
            <dd>{case.reference.clone()}</dd>
            <dt>{speech.say(|t| t.cases_district)}</dt>
            <dd>{text(move || speech.texts().district.get(district.code()))}</dd>
        </dl>
        {match case.invitation.clone() {
            Some(invitation) => view! { <Asked case=case.clone() invitation /> }.into_any(),
            None => view! { <SentBefore case=case.id.clone() /> }.into_any(),
        }}
        {match appointment {
            Some(appointment) => view! {
                <p class="ds-paragraph"><strong>{text(move || speech.texts().cases_appointment(&dates::day_and_time(appointment.starts, speech.language())))}</strong></p>
                <div><a class="ds-button" data-variant=variant.of(|task| task == Task::Come) href=paths::receipt(&appointment.id)>
                    {speech.say(|t| t.cases_see_appointment)}
                </a></div>
            }.into_any(),
            None => view! {
                <div><a class="ds-button" data-variant=variant.of(|task| matches!(task, Task::Book | Task::Apply)) href=times>
                    {speech.say(|t| t.cases_find_time)}
                </a></div>
            }.into_any(),
        }}
        {part(move || week().map(|(ground, earliest)| view! {
            <section class="ds-alert" data-color="info">
                <ReasonText ground />
                {earliest.map(|day| view! {
                    <p class="ds-paragraph"><strong>
                        {text(move || speech.texts().case_week_until(&dates::day(day, speech.language())))}
                    </strong></p>
                })}
            </section>
        }))}
        {part(move || may_be_due.get().then(|| view! { <WorkForm case=for_form.clone() /> }))}
        {part(move || duties().map(|decision| view! { <Duties decision case=case.clone() /> }))}
    }
}

/// The first task, which decides the colour of the buttons.
#[derive(Clone, Copy)]
struct First(Memo<Option<Task>>);

impl First {
    /// The variant of a button that is primary while the first task is its own.
    fn of(self, is_own: fn(Task) -> bool) -> Signal<String> {
        text(move || if self.0.get().is_none_or(is_own) { "primary" } else { "secondary" })
    }
}

/// Renders the request for documents and its deadline, with the way to send them that the rules allow.
#[component]
fn Asked(case: Case, invitation: Invitation) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let law = use_law();
    let variant = expect_context::<First>().of(|task| matches!(task, Task::SendDocuments(_)));
    let to_documents = StoredValue::new(paths::documents(&case.id));
    let code = StoredValue::new(invitation.failure.clone());
    let around = StoredValue::new(Around::case(&case));
    let decision = Memo::new(move |_| {
        let (now, policy) = (clock.now()?, law.policy()?);
        Some(rules::decide(&policy, &case.facts_to_upload(now)))
    });
    let Instructions { nb, en } = invitation.instructions.clone();
    let last = invitation.last;
    let standing = Memo::new(move |_| clock.now().map(|now| invitation.standing(rules::day::in_oslo(now))));
    let by_day =
        move |say: fn(&Texts, &str) -> String| text(move || say(speech.texts(), &dates::day(last, speech.language())));
    let (nb, en) = (StoredValue::new(nb), StoredValue::new(en));
    let instructions = move || match speech.language() {
        Language::Nb => nb.get_value(),
        Language::En => en.get_value(),
    };
    part(move || {
        match standing.get()? {
        Standing::NotInvited => None,
        Standing::Expired => Some(
            view! {
                <p class="ds-paragraph">{by_day(Texts::case_asked_over)}</p>
                <p><a class="ds-link" href=to_documents.get_value()>{speech.say(|t| t.case_see_sent)}</a></p>
            }
            .into_any(),
        ),
        Standing::Live => Some(
            view! {
                <section class="ds-alert" data-color="info" aria-labelledby="asked">
                    <div class="stack">
                        <h2 id="asked" class="ds-heading" data-size="xs">{speech.say(|t| t.case_asked)}</h2>
                        <p class="ds-paragraph"><strong>{by_day(Texts::case_asked_until)}</strong></p>
                        <p class="ds-paragraph as-typed">{text(instructions)}</p>
                        {part(move || decision.get().map(|decision| if decision.outcome == Outcome::Allowed {
                            view! { <div><a class="ds-button" data-color="accent" data-variant=variant href=to_documents.get_value()>{speech.say(|t| t.case_send)}</a></div> }.into_any()
                        } else {
                            view! { <p><a class="ds-link" href=to_documents.get_value()>{speech.say(|t| t.case_see_sent)}</a></p> }.into_any()
                        }))}
                    </div>
                </section>
                {part(move || decision.get().filter(|decision| decision.outcome != Outcome::Allowed).map(|decision| view! {
                    <Delivery decision code=code.get_value() around=around.get_value() />
                }))}
            }
            .into_any(),
        ),
    }
    })
}

/// Renders a link to documents that were sent before the request was withdrawn. Without an answer it renders nothing.
#[component]
fn SentBefore(case: CaseId) -> impl IntoView {
    let speech = use_speech();
    let to_documents = StoredValue::new(paths::documents(&case));
    let sent = Remote::fetch(move || {
        let case = case.clone();
        async move { api::documents(&case).await.map(|known| !known.documents.is_empty()) }
    });
    part(move || {
        let any = sent.loaded().unwrap_or_default();
        any.then(
            || view! { <p><a class="ds-link" href=to_documents.get_value()>{speech.say(|t| t.case_see_sent)}</a></p> },
        )
    })
}

/// Renders the duties with their deadlines and sentences.
#[component]
fn Duties(decision: Decision, case: Case) -> impl IntoView {
    let speech = use_speech();
    let Some(work) = case.work else { return ().into_any() };
    if decision.duties.is_empty() {
        return view! { <p class="ds-paragraph" role="status">{speech.say(|t| t.case_nothing_due)}</p> }.into_any();
    }
    let duties = decision.duties.into_iter().map(|duty| {
        let code = duty.code();
        let by = match duty {
            Duty::ReportWorkStartToUdi => Some(work.starts),
            Duty::OrderResidenceCard => None,
        };
        let case = case.clone();
        view! {
            <li><div class="stack">
                <h3 class="ds-heading" data-size="2xs">{text(move || speech.texts().duty_title.get(code))}</h3>
                {by.map(|day| view! {
                    <p class="ds-paragraph"><strong>
                        {text(move || speech.texts().case_due_by(&dates::day(day, speech.language())))}
                    </strong></p>
                })}
                <p class="ds-paragraph">{text(move || speech.texts().duty_next.get(code))}</p>
                {(duty == Duty::ReportWorkStartToUdi).then(|| view! { <ReportToUdi case work /> })}
                <Quotation source=duty.sentence().reference.into() />
            </div></li>
        }
    });
    view! {
        <section class="stack" aria-labelledby="duties">
            <h2 id="duties" class="ds-heading" data-size="sm">{speech.say(|t| t.case_duties)}</h2>
            <ol class="steps">{duties.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// Renders the telephone number, a prepared e-mail, and a button to report it as done.
#[component]
fn ReportToUdi(case: Case, work: Work) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let saving = use_saving(case.id.clone());
    let variant = expect_context::<First>().of(|task| matches!(task, Task::TellUdi(_)));
    let (applicant, reference) = (case.applicant, case.reference);
    let mail = move || {
        let day = dates::short_day(work.starts, speech.language());
        udi::mail(speech.texts().case_mail_subject, &speech.texts().case_mail_body(&day, &applicant, &reference))
    };
    let done = move || {
        let reported = clock.now_untracked().map(rules::day::in_oslo);
        saving.save(Some(Work { reported, ..work }));
    };
    view! {
        <div class="row">
            <a class="ds-button" data-variant="secondary" href=text(mail)>{speech.say(|t| t.case_write)}</a>
            <a class="ds-link" href=udi::CALL>{text(move || speech.texts().case_call(udi::PHONE))}</a>
        </div>
        <div>
            <button type="button" class="ds-button" data-variant=variant aria-disabled=is(saving.busy) on:click=press(done)>
                {speech.say(|t| t.case_done)}
            </button>
        </div>
    }
}

/// Renders the form for the start of work.
#[component]
fn WorkForm(case: Case) -> impl IntoView {
    let speech = use_speech();
    let saving = use_saving(case.id.clone());
    let work = case.work;
    let value =
        drafts::line(format!("work {}", case.id), work.map(|work| dates::typed(work.starts)).unwrap_or_default());
    let problem = RwSignal::new(None::<typed::DateError>);
    let save = move || match typed::date(&value.get_untracked()) {
        Ok(starts) => {
            problem.set(None);
            let reported = work.filter(|work| work.starts == starts).and_then(|work| work.reported);
            saving.save(Some(Work { starts, reported }));
        }
        Err(error) => problem.set(Some(error)),
    };
    let wrong = move || match problem.get() {
        None => "",
        Some(typed::DateError::DoesNotExist) => speech.texts().times_entry_does_not_exist,
        Some(_) => speech.texts().check_date_not_understood,
    };
    let reported = work.and_then(|work| work.reported);
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); save(); }>
            <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.case_work)}</h2>
            <p class="ds-paragraph">{speech.say(|t| t.case_work_lead)}</p>
            {part(move || saving.failure.get().map(|said| view! {
                <FailureAlert failure=said again=move || saving.failure.set(None) />
            }))}
            <TextField id="work" required=true value problem=text(wrong)
                label=Signal::derive(speech.say(|t| t.case_work_day))
                hint=text(speech.say(|t| t.case_work_hint)) />
            {reported.map(|day| view! {
                <p class="ds-paragraph">
                    {text(move || speech.texts().case_reported(&dates::day(day, speech.language())))}
                </p>
            })}
            <div class="row">
                <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(saving.busy)>
                    {speech.say(|t| t.case_save)}
                </button>
                {work.map(|_| view! {
                    <button type="button" class="ds-button" data-variant="tertiary" aria-disabled=is(saving.busy)
                        on:click=press(move || saving.save(None))>
                        {speech.say(|t| t.case_no_work)}
                    </button>
                })}
            </div>
        </form>
    }
}

/// The request that saves the start of work and shows the case from the answer.
#[derive(Clone, Copy)]
struct Saving {
    case: StoredValue<CaseId>,
    remote: Remote<Case>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    action: Action,
}

/// The saving of this case.
fn use_saving(case: CaseId) -> Saving {
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    Saving { case: StoredValue::new(case), remote: expect_context(), busy, failure, action }
}

impl Saving {
    fn save(self, work: Option<Work>) {
        let case = self.case.get_value();
        self.action.run(async move { api::tell_work(&case, work).await }, move |case| self.remote.put(case));
    }
}
