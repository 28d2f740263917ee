//! The rules as stories that an incident commander can check: `tests/stories/*.txt`.

mod story;
mod support;

use std::fs;
use std::path::PathBuf;

#[test]
fn every_story_ends_as_it_is_told() {
    let (mut told, mut wrong) = (0, Vec::new());
    let folder = fs::read_dir(support::in_tree("tests/stories")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        match story::read(&text) {
            Err(no) => wrong.push(format!("tests/stories/{file}:{}: {}", no.line, no.what)),
            Ok(stories) => {
                for story in &stories {
                    told += 1;
                    if let Err(no) = story.tell() {
                        let title = &story.title;
                        wrong.push(format!(
                            "tests/stories/{file}:{}: {title}: {}",
                            no.line, no.what
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {told} stories:\n{}", wrong.len(), wrong.join("\n"));
    assert!(told > 100, "only {told} stories were found");
}

#[test]
fn a_line_that_cannot_be_read_fails_loudly() {
    let stories = story::read("story a\ngiven announced checkout \"x\"\nthen the moon is full");
    let wrong = stories.unwrap_or_else(|no| panic!("{}", no.what))[0].tell().unwrap_err();
    assert_eq!(wrong.line, 3);
    let stories = story::read("story a\nwhen ana dances\nthen announced").unwrap_or_default();
    assert_eq!(stories[0].tell().unwrap_err().line, 2);
    assert!(story::read("story a\nperhaps announced").is_err());
}
