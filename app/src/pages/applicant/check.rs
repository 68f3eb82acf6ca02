//! `/check`: the rules for a person's situation, without sign-in. The answers never leave the browser.

use ::api::{
    facts::QuestionCode,
    typed::{self, DateError},
};
use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use rules::{
    ApplicationType, Coded, Decision, District, Duty, Outcome, Reason,
    trace::{Saw, Step},
};

use crate::{
    booking::quarantine_timeline::Timeline,
    browser::{clock::use_clock, event_loop::effect},
    check::{
        questions::{Answers, Ask, Form, NO, STATELESS, YES},
        share_link::{Share, read_link, write_link},
        trace::Trace,
    },
    paths,
    state::{offices::use_places, policy::use_law},
    text::{
        dates,
        language::{Speech, use_speech},
        texts::Texts,
    },
    ui::{
        dynamic::{part, press, text},
        field::TextField,
        in_short::InShort,
        next_steps::{Around, WaysOn},
        page::Page,
        refusal::{Quotation, ReasonText},
    },
};

/// Renders the page.
#[component]
pub fn Check() -> impl IntoView {
    let speech = use_speech();
    let (law, clock) = (use_law(), use_clock());
    // Fetched before the first answer: a later request would reveal a refusal.
    use_places().ask();
    let answers = RwSignal::new(read_link());
    // A person may follow another link while the page is open.
    let listener = window_event_listener(leptos::ev::hashchange, move |_| {
        let linked = read_link();
        if answers.with_untracked(|answers| *answers != linked) {
            answers.set(linked);
        }
    });
    on_cleanup(move || listener.remove());
    effect(move || answers.with(write_link));

    let today = Memo::new(move |_| clock.now().map(rules::day::in_oslo));
    let on = Memo::new(move |_| answers.with(Answers::on).or(today.get()));
    let questions = Memo::new(move |_| {
        let (Some(policy), Some(today)) = (law.policy(), today.get()) else { return Vec::new() };
        answers.with(|answers| answers.questions(&policy, today))
    });
    let answer = Memo::new(move |_| {
        let (policy, today, on) = (law.policy()?, today.get()?, on.get()?);
        answers.with(|answers| {
            let facts = answers.facts(on).filter(|_| !answers.is_open(&policy, today))?;
            let (decision, steps) = rules::explain(&policy, &facts);
            let wish = QuestionCode::of(&facts.question);
            Some((wish, decision, rules::first_day_allowed(&policy, &facts), steps))
        })
    });
    view! {
        <Page title=Signal::derive(speech.say(|t| t.check_title))>
            <p class="ds-paragraph">{speech.say(|t| t.check_lead)}</p>
            {part(move || today.get().map(|today| view! { <Day answers today on /> }))}
            <div>
                <form class="stack wide" novalidate on:submit=move |event| event.prevent_default()>
                    <For each=move || questions.get() key=|ask| *ask let(ask)>
                        <Question ask answers on />
                    </For>
                </form>
                <InShort answer="answered" says=text(move || answer.with(|answer| match answer {
                    Some((wish, decision, first_day, _)) => in_short(*wish, decision, *first_day, speech),
                    None => String::new(),
                })) />
            </div>
            <div id="answered" tabindex="-1" class="stack wide">
                {part(move || match (answer.get(), on.get()) {
                    (Some((wish, decision, first_day, steps)), Some(on)) => {
                        let around = answers.with_untracked(around);
                        view! { <Answer wish decision first_day steps on around /> }.into_any()
                    }
                    _ => view! { <p class="ds-paragraph quiet">{speech.say(|t| t.check_answer_first)}</p> }.into_any(),
                })}
            </div>
            <Share answers />
        </Page>
    }
}

/// Renders the choice of the day asked about, initially today.
#[component]
fn Day(answers: RwSignal<Answers>, today: NaiveDate, on: Memo<Option<NaiveDate>>) -> impl IntoView {
    let speech = use_speech();
    let law = use_law();
    let typed = RwSignal::new(dates::typed(on.get_untracked().unwrap_or(today)));
    let left = RwSignal::new(false);
    // The field follows the day, unless it already contains it. Input in the field, the slider and a link all set the
    // day.
    effect(move || {
        if let Some(on) = on.get()
            && typed::date(&typed.get_untracked()) != Ok(on)
        {
            typed.set(dates::typed(on));
        }
    });
    let move_to = move |day: NaiveDate| answers.update(|answers| answers.set_on((day != today).then_some(day)));
    effect(move || {
        if let Ok(day) = typed::date(&typed.get())
            && on.get_untracked() != Some(day)
        {
            move_to(day);
        }
    });
    let problem = Signal::derive(move || date_problem(&typed.get(), left.get(), speech.texts()).to_owned());
    let says = move || on.get().map(|on| dates::day(on, speech.language())).unwrap_or_default();
    view! {
        <fieldset class="ds-fieldset">
            <legend class="ds-label" data-weight="medium">{speech.say(|t| t.check_day)}</legend>
            <p class="ds-paragraph" aria-live="polite"><strong>{text(says)}</strong></p>
            <details class="ds-details" data-variant="tinted" open=on.get_untracked() != Some(today)>
                <summary>{speech.say(|t| t.check_other_day)}</summary>
                <div class="stack">
                    <TextField id="on" value=typed problem label=Signal::derive(speech.say(|t| t.check_day_typed))
                        left=Callback::new(move |()| left.set(true)) />
                    {part(move || law.history().map(|history| {
                        let length = (history.last - history.first).num_days();
                        let place = move || on.get().map(|on| (on - history.first).num_days().clamp(0, length)).unwrap_or(0);
                        let landmarks = history.landmarks.clone();
                        view! {
                            <div class="ds-field">
                                <label class="ds-label" for="move">{speech.say(|t| t.check_move)}</label>
                                <input type="range" id="move" min="0" max=length.to_string()
                                    prop:value=move || place().to_string()
                                    aria-valuetext=text(says)
                                    on:input:target=move |event| {
                                        if let Ok(days) = event.target().value().parse::<u64>() {
                                            move_to(history.first + Days::new(days));
                                        }
                                    } />
                            </div>
                            <div class="row">
                                {landmarks.into_iter().chain([today]).map(|day| view! {
                                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm"
                                        on:click=press(move || move_to(day))>
                                        {text(move || if day == today {
                                            speech.texts().check_today.to_owned()
                                        } else {
                                            dates::short_day(day, speech.language())
                                        })}
                                    </button>
                                }).collect_view()}
                            </div>
                        }
                    }))}
                </div>
            </details>
        </fieldset>
    }
}

/// Renders one question.
#[component]
fn Question(ask: Ask, answers: RwSignal<Answers>, on: Memo<Option<NaiveDate>>) -> impl IntoView {
    let speech = use_speech();
    let id = ask.code();
    let label = Signal::derive(move || speech.texts().ask.get(id));
    let hint = Signal::derive(move || speech.texts().ask_hint.get(id).to_owned());
    let chosen = Memo::new(move |_| answers.with(|answers| answers.get(ask).to_owned()));
    let options = move || on.get_untracked().map(|on| ask.options(on)).unwrap_or_default();
    match ask.form() {
        Form::Date => view! { <DateQuestion ask answers label hint /> }.into_any(),
        Form::Many => view! {
            <div class="ds-field">
                <label class="ds-label" for=id data-weight="medium">{label}</label>
                <div data-field="description">{hint}</div>
                <select class="ds-input" id=id name=id
                    on:change:target=move |event| answers.update(|answers| answers.set(ask, event.target().value()))>
                    <option value="" prop:selected=move || chosen.with(String::is_empty)>{speech.say(|t| t.check_choose)}</option>
                    {part(move || {
                        let mut options: Vec<(String, String)> =
                            options().into_iter().map(|code| { let name = name(ask, &code, speech.texts(), speech.language()); (code, name) }).collect();
                        if ask == Ask::Citizenship {
                            // Sorted by name in the person's language; "stateless" comes first.
                            options[1..].sort_by(|a, b| dates::in_order(&a.1, &b.1, speech.language()));
                        }
                        options.into_iter().map(|(code, name)| {
                            let value = code.clone();
                            view! { <option value=value prop:selected=move || chosen.with(|chosen| *chosen == code)>{name}</option> }
                        }).collect_view()
                    })}
                </select>
            </div>
        }.into_any(),
        Form::YesNo | Form::Few => view! {
            <fieldset class="ds-fieldset">
                <legend class="ds-label" data-weight="medium">{label}</legend>
                {part(move || hint.with(|hint| !hint.is_empty()).then(|| view! { <p class="ds-paragraph">{hint}</p> }))}
                {options().into_iter().map(|code| {
                    let option_id = format!("{id}-{code}");
                    let (value, shown, picked) = (code.clone(), code.clone(), code);
                    view! {
                        <div class="ds-field">
                            <input type="radio" class="ds-input" id=option_id.clone() name=id
                                prop:checked=move || chosen.with(|chosen| *chosen == value)
                                on:change=move |_| answers.update(|answers| answers.set(ask, picked.clone())) />
                            <label class="ds-label" for=option_id>
                                {text(move || name(ask, &shown, speech.texts(), speech.language()))}
                            </label>
                        </div>
                    }
                }).collect_view()}
            </fieldset>
        }.into_any(),
    }
}

/// Renders a question for a date.
#[component]
fn DateQuestion(
    ask: Ask,
    answers: RwSignal<Answers>,
    label: Signal<&'static str>,
    hint: Signal<String>,
) -> impl IntoView {
    let speech = use_speech();
    let value = RwSignal::new(answers.with_untracked(|answers| answers.get(ask).to_owned()));
    let left = RwSignal::new(false);
    effect(move || {
        let typed = value.get();
        if answers.with_untracked(|answers| answers.get(ask) != typed) {
            answers.update(|answers| answers.set(ask, typed));
        }
    });
    effect(move || {
        let answer = answers.with(|answers| answers.get(ask).to_owned());
        if value.with_untracked(|value| *value != answer) {
            value.set(answer);
        }
    });
    let problem = Signal::derive(move || date_problem(&value.get(), left.get(), speech.texts()).to_owned());
    view! {
        <TextField id=ask.code() value problem label hint left=Callback::new(move |()| left.set(true)) />
    }
}

/// The error message of a date; empty if there is none. An incomplete date counts as a mistake once the field was left.
fn date_problem(typed: &str, left: bool, texts: &Texts) -> &'static str {
    match typed::date(typed) {
        Err(DateError::DoesNotExist) => texts.times_entry_does_not_exist,
        Err(DateError::Empty) if left => texts.check_date_missing,
        Err(DateError::NotUnderstood) if left => texts.check_date_not_understood,
        _ => "",
    }
}

/// The name of an option.
fn name(ask: Ask, code: &str, texts: &Texts, language: rules::notice::Language) -> String {
    match (ask, code) {
        (Ask::Wish, _) => texts.wish.get(code).to_owned(),
        (Ask::Kind, _) => texts.kind.get(code).to_owned(),
        (Ask::District, _) => texts.district.get(code).to_owned(),
        (Ask::Appointment, _) => texts.appointment.get(code).to_owned(),
        (Ask::Citizenship, STATELESS) => texts.check_stateless.to_owned(),
        (Ask::Citizenship, _) => dates::country(code, language),
        (_, YES) => texts.times_yes.to_owned(),
        (_, NO) => texts.times_no.to_owned(),
        _ => String::new(),
    }
}

/// The code of the answer's text.
fn answer_code(wish: QuestionCode, decision: &Decision) -> String {
    format!("{}-{}", wish.code(), decision.outcome.code())
}

fn is_nothing_due(wish: QuestionCode, decision: &Decision) -> bool {
    wish == QuestionCode::Duties && decision.duties.is_empty()
}

/// The day shown with a refusal. `None` for an existing appointment: waiting does not end that reason.
fn told_day(decision: &Decision, first_day: Option<NaiveDate>) -> Option<NaiveDate> {
    let is_booked = decision.codes().any(|code| code == Reason::AlreadyBooked);
    first_day.or(decision.earliest).filter(|_| decision.outcome == Outcome::Refused && !is_booked)
}

fn earliest(day: NaiveDate, is_whole: bool, speech: Speech) -> String {
    let texts = speech.texts();
    let day = dates::day(day, speech.language());
    if is_whole { texts.check_first_day(&day) } else { texts.refusal_earliest_partly(&day) }
}

/// The first sentence or two of the answer.
fn in_short(wish: QuestionCode, decision: &Decision, first_day: Option<NaiveDate>, speech: Speech) -> String {
    let texts = speech.texts();
    if is_nothing_due(wish, decision) {
        return texts.check_nothing_due.to_owned();
    }
    let answer = texts.answer.get(&answer_code(wish, decision));
    match told_day(decision, first_day) {
        Some(day) => format!("{answer}. {}", earliest(day, first_day.is_some(), speech)),
        None => answer.to_owned(),
    }
}

/// Renders the full answer.
#[component]
fn Answer(
    wish: QuestionCode,
    decision: Decision,
    first_day: Option<NaiveDate>,
    steps: Vec<Step>,
    on: NaiveDate,
    around: Around,
) -> impl IntoView {
    let speech = use_speech();
    let color = match decision.outcome {
        Outcome::Allowed => "success",
        Outcome::Refused => "warning",
        Outcome::ByPhone | Outcome::Informed => "info",
    };
    let code = answer_code(wish, &decision);
    let nothing_due = is_nothing_due(wish, &decision);
    let day = told_day(&decision, first_day);
    let may_book = wish == QuestionCode::Book && decision.outcome == Outcome::Allowed;
    let no_contact = decision.contact.is_none();
    let is_yes = matches!(decision.outcome, Outcome::Allowed | Outcome::Informed);
    let ways = (!is_yes).then(|| {
        let (reasons, contact) = (decision.codes().collect(), decision.contact.clone());
        view! { <WaysOn reasons contact around /> }
    });
    // The telephone number goes first if calling is the way.
    let (ways_first, ways_last) = if decision.outcome == Outcome::Refused { (None, ways) } else { (ways, None) };
    view! {
        <section class="ds-alert" data-color=color aria-labelledby="answer">
            <div class="stack">
                <h2 id="answer" class="ds-heading" data-size="xs">
                    {text(move || if nothing_due { speech.texts().check_nothing_due } else { speech.texts().answer.get(&code) })}
                </h2>
                {day.map(|day| view! {
                    <p class="ds-paragraph" data-size="lg"><strong>{text(move || earliest(day, first_day.is_some(), speech))}</strong></p>
                })}
                {ways_first}
                {decision.reasons.into_iter().map(|ground| view! { <ReasonText ground no_contact /> }).collect_view()}
                {ways_last}
                {may_book.then(|| view! {
                    <div><a class="ds-button" href=paths::CASES>{speech.say(|t| t.start_book)}</a></div>
                })}
            </div>
        </section>
        {drawn(&steps).map(|(entry, free)| view! { <Timeline entry free today=on /> })}
        {(!decision.duties.is_empty()).then(|| view! { <Duties duties=decision.duties /> })}
        <Trace steps />
    }
}

/// The context of the next steps, from the answers.
fn around(answers: &Answers) -> Around {
    let kind = ApplicationType::from_code(answers.get(Ask::Kind));
    Around { kind, district: District::from_code(answers.get(Ask::District)), ..Around::default() }
}

/// The day of entry and the first free day of the quarantine that the rules looked at.
fn drawn(steps: &[Step]) -> Option<(NaiveDate, NaiveDate)> {
    steps.iter().find_map(|step| match step.saw {
        Saw::InQuarantine(quarantine) | Saw::EntryAhead(quarantine) | Saw::QuarantineOver(quarantine) => {
            Some((quarantine.entry, quarantine.last.succ_opt()?))
        }
        Saw::EndsWithNewLength { quarantine, free } => Some((quarantine.entry, free)),
        _ => None,
    })
}

/// Renders the duties with their sentences.
#[component]
fn Duties(duties: Vec<Duty>) -> impl IntoView {
    let speech = use_speech();
    view! {
        <section class="stack" aria-labelledby="duties">
            <h2 id="duties" class="ds-heading" data-size="xs">{speech.say(|t| t.check_duties)}</h2>
            {duties.into_iter().map(|duty| view! {
                <div class="stack">
                    <h3 class="ds-heading" data-size="2xs">{text(move || speech.texts().duty_title.get(duty.code()))}</h3>
                    <p class="ds-paragraph">{text(move || speech.texts().duty_next.get(duty.code()))}</p>
                    <Quotation source=duty.sentence().reference.into() />
                </div>
            }).collect_view()}
        </section>
    }
}
