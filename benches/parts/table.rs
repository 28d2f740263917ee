//! The one table that is printed: what, the figure, what it is held against, and their ratio.

use std::fmt;

/// The table, growing row by row.
#[derive(Default)]
pub struct Table(Vec<[String; 4]>);

impl Table {
    /// A figure beside the one that it is held against.
    pub fn compare(&mut self, what: impl Into<String>, ours: String, other: String, ratio: f64) {
        self.0.push([what.into(), ours, other, format!("{ratio:.2}")]);
    }

    /// A figure that is held against nothing.
    pub fn tell(&mut self, what: impl Into<String>, ours: String) {
        self.0.push([what.into(), ours, String::new(), String::new()]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "allclear", "beside", "ratio"].map(str::to_owned);
        let rows: Vec<&[String; 4]> = std::iter::once(&head).chain(&self.0).collect();
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let [what, ours, other] = [0, 1, 2].map(width);
        for row in rows {
            let [a, b, c, d] = row;
            let line = format!("{a:<what$}  {b:>ours$}  {c:>other$}  {d:>5}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
