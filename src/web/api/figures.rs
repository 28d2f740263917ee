//! The figures of many incidents together.

use crate::engine::{BoardFilter, PAGE_MAX, Told, Until};
use crate::incident::id::IncidentRef;
use crate::log::BoardRow;
use crate::views::figures::By;
use crate::views::{Across, Sample};
use crate::web::App;
use crate::web::format::Format;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::Params;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;

/// How many incidents are read for one answer; who asks for more is told to ask for less, because
/// figures that silently rest on a part would be wrong.
pub const INCIDENTS_MAX: usize = 1000;

/// `GET /v1/figures`.
pub async fn across(
    Shared(app): Shared<App>,
    _: Identity,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, &headers, &[Format::Json, Format::Markdown])?;
    let by = params.word("by", By::parse, "service, scenario, month")?;
    let (since, until) = (params.moment("from")?, params.moment("to")?);
    params.close()?;
    let filter = BoardFilter { since, until, ..BoardFilter::default() };
    let mut samples = Vec::new();
    for row in rows(&app, filter).await? {
        samples.extend(sample(&app, &row).await?);
    }
    let ends = (since.map(|it| it.instant()), until.map(|it| it.instant()));
    let across = Across::new(ends, by, samples);
    Ok(format.answer(match format {
        Format::Json => super::views::json(&across),
        Format::Markdown | Format::Text | Format::Html => across.markdown(),
    }))
}

/// The board's rows, page by page.
async fn rows(app: &App, filter: BoardFilter) -> Result<Vec<BoardRow>, Problem> {
    let mut rows: Vec<BoardRow> = Vec::new();
    loop {
        let before = rows.last().map(|row| row.number);
        let page = app.engine.board(filter.clone(), before, PAGE_MAX).await?;
        let is_last = page.len() < PAGE_MAX;
        rows.extend(page);
        if rows.len() > INCIDENTS_MAX {
            let detail = format!(
                "More than {INCIDENTS_MAX} incidents were announced then: narrow from and to."
            );
            return Err(Problem::new(Kind::BadQuery, detail));
        }
        if is_last {
            return Ok(rows);
        }
    }
}

async fn sample(app: &App, row: &BoardRow) -> Result<Option<Sample>, Problem> {
    let named = IncidentRef::Id(row.incident);
    Ok(match app.engine.story(named, Until::Now).await? {
        Told::Story(story) => Some(Sample::of(&story)),
        Told::NoIncident | Told::NotYet => None,
    })
}
