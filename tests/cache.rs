//! What was kept of an earlier run says what a fresh audit says, whatever changed in between.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::literate::cases;
use common::{copy, folder, project, report_in, root, run_in, text};
use scriptworthy::source::{FileId, Language};
use scriptworthy::syntax::packed::Packed;
use scriptworthy::{Settings, audit, syntax, walk};

/// All that an audit says.
fn said(tree: &Path, cache: Option<&Path>) -> String {
    let settings = Settings { preview: true, cache_dir: cache.map(Path::to_owned), ..Settings::default() };
    let done = audit(tree, &settings).expect("the folder can be read");
    let report = serde_json::to_string_pretty(&done.report).expect("a report is JSON");
    let texts = done.program.files.iter().map(|file| (&file.path, &file.text)).collect::<Vec<_>>();
    format!("{report}\n{:#?}\n{texts:#?}\n{:?}", done.program.calls, done.program.imports)
}

/// The entries of a cache, each with its bytes and with what changes when it is written anew.
fn entries(cache: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let all = fs::read_dir(cache).expect("a folder").map(|entry| {
        let entry = entry.expect("readable");
        let modified = entry.metadata().and_then(|data| data.modified()).expect("a time");
        (entry.file_name().to_string_lossy().into_owned(), (fs::read(entry.path()).expect("readable"), modified))
    });
    all.filter(|(name, _)| !name.contains('.') && name != "CACHEDIR.TAG").collect()
}

/// Changes a text so that it stays readable: other words in its strings, another number of lines.
fn edited(text: &str) -> String {
    let (head, tail) = text.split_at(text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at));
    format!("{head}{}\n", tail.replace(" the ", " each ").replace("gpt-4", "gpt-5").replace(" a ", " one "))
}

#[test]
fn every_case_is_read_from_the_cache_as_it_is_read_afresh() {
    let mut taken = 0;
    for part in ["resolve", "sdks", "rules"] {
        for entry in fs::read_dir(root().join("fixtures").join(part)).expect("a folder") {
            let path = entry.expect("readable").path();
            for case in cases(&fs::read_to_string(&path).expect("readable")) {
                let what = format!("{}: {}", path.display(), case.name);
                let (tree, cache) = (folder(&[]), folder(&[]));
                case.lay_out(tree.path());
                let fresh = said(tree.path(), None);
                assert_eq!(said(tree.path(), Some(cache.path())), fresh, "{what}: kept");
                let kept = entries(cache.path());
                assert_eq!(said(tree.path(), Some(cache.path())), fresh, "{what}: taken");
                assert_eq!(entries(cache.path()), kept, "{what}: what is taken is not written again");
                taken += kept.len();
            }
        }
    }
    assert!(taken > 300, "{taken} components");
}

#[test]
fn what_changes_between_runs_shows_whatever_it_is() {
    let mut changes = 0;
    for entry in fs::read_dir(root().join("fixtures/resolve")).expect("a folder") {
        let path = entry.expect("readable").path();
        for case in cases(&fs::read_to_string(&path).expect("readable")).iter().filter(|case| case.files.len() > 1) {
            let (tree, cache) = (folder(&[]), folder(&[]));
            case.lay_out(tree.path());
            let same = |change: &str| {
                let what = format!("{}: {}: {change}", path.display(), case.name);
                assert_eq!(said(tree.path(), Some(cache.path())), said(tree.path(), None), "{what}");
            };
            same("as it was");
            for (file, text) in case.files.iter().take(4) {
                let place = tree.path().join(file);
                fs::write(&place, edited(text)).expect("writable");
                same(&format!("{file} edited"));
                fs::remove_file(&place).expect("there");
                same(&format!("{file} gone"));
                fs::write(&place, text).expect("writable");
                same(&format!("{file} back"));
                changes += 3;
            }
        }
    }
    assert!(changes > 100, "{changes} changes");
}

#[test]
fn files_that_code_reads_and_settings_of_modules_count_also_where_they_were_missing() {
    let prompt = "from pathlib import Path\nimport openai\n\nTEXT = Path(__file__).parent.joinpath('task.txt').read_text()\n\
                  openai.OpenAI().responses.create(model='gpt-4o', input=TEXT)\n";
    let page = "import { ask } from '@lib/llm';\nawait ask('Sum up the letter of the customer in two short lines');\n";
    let llm = "import OpenAI from 'openai';\nconst client = new OpenAI();\n\
               export const ask = (prompt: string) => client.responses.create({ model: 'gpt-4o', input: prompt });\n";
    let tree = folder(&[("a.py", prompt), ("web/page.ts", page), ("web/src/llm.ts", llm)]);
    let cache = folder(&[]);
    let mut seen = Vec::new();
    let mut same = |what: &str| {
        let fresh = said(tree.path(), None);
        assert_eq!(said(tree.path(), Some(cache.path())), fresh, "{what}");
        assert_eq!(said(tree.path(), Some(cache.path())), fresh, "{what}, taken");
        assert!(!seen.contains(&fresh), "{what} changes nothing, so that it proves nothing");
        seen.push(fresh);
    };
    let write = |file: &str, text: &str| fs::write(tree.path().join(file), text).expect("writable");
    same("nothing beside the code");
    write("task.txt", "Name the capital of the country.");
    same("the prompt file comes");
    write("task.txt", "Name the river of the country.");
    same("the prompt file changes");
    write("web/tsconfig.json", r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/*"]}}}"#);
    same("the alias comes");
    write("web/tsconfig.json", r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["other/*"]}}}"#);
    fs::remove_file(tree.path().join("task.txt")).expect("there");
    write("b.py", "import a\n");
    same("the alias leads elsewhere, the prompt file goes, a file comes");
}

#[test]
fn an_edit_costs_the_files_that_imports_join_and_no_others() {
    let alone =
        |text: &str| format!("import openai\nopenai.OpenAI().responses.create(model='gpt-4o', input='{text}')\n");
    let tree = folder(&[("a.py", &alone("Name a city")), ("b.py", &alone("Name a river"))]);
    let cache = folder(&[]);
    said(tree.path(), Some(cache.path()));
    let before = entries(cache.path());
    fs::write(tree.path().join("b.py"), alone("Name a lake")).expect("writable");
    said(tree.path(), Some(cache.path()));
    let after = entries(cache.path());
    // Two components, and the facts of their folder.
    assert_eq!((before.len(), after.len()), (3, 3));
    assert_eq!(before.iter().filter(|(name, entry)| after.get(*name) == Some(entry)).count(), 1);
}

#[test]
fn facts_of_every_fixture_come_out_of_their_bytes_as_they_went_in() {
    let mut seen = 0;
    let mut same = |path: &str, text: &str| {
        let Some(language) = Language::of_path(path).filter(|_| !path.ends_with(".ipynb")) else { return };
        let Ok(mut facts) = syntax::read(FileId(0), language, text) else { return };
        let before = format!("{facts:?}");
        let packed = Packed::new(&mut facts);
        assert_eq!(format!("{facts:?}"), before, "{path}: packed");
        let opened = packed.open().expect("whole");
        assert_eq!(format!("{opened:?}"), before, "{path}: opened");
        assert_eq!(Packed::new(&mut { opened }).bytes(), packed.bytes(), "{path}: packed again");
        seen += 1;
    };
    for part in ["fixtures/projects", "fixtures/labelled/files"] {
        let settings = Settings::default();
        let found = walk::walk(&[root().join(part)], root(), &settings.limits()).expect("no globs");
        for entry in found.entries {
            same(&entry.relative, &fs::read_to_string(&entry.absolute).expect("readable"));
        }
    }
    for part in ["resolve", "sdks", "rules"] {
        for entry in fs::read_dir(root().join("fixtures").join(part)).expect("a folder") {
            let path = entry.expect("readable").path();
            let all = cases(&fs::read_to_string(&path).expect("readable"));
            all.iter().flat_map(|case| &case.files).for_each(|(path, text)| same(path, text));
        }
    }
    assert!(seen > 900, "{seen} files");
}

#[test]
fn facts_that_are_damaged_missing_or_of_another_folder_are_made_anew() {
    let (tree, cache) = (folder(&[]), folder(&[]));
    copy(&project(), tree.path());
    let edit = tree.path().join("helpdesk/tickets.py");
    let text = fs::read_to_string(&edit).expect("there");
    said(tree.path(), Some(cache.path()));
    let whole = entries(cache.path());
    // Components go, so that facts are asked for.
    for number in 0..5 {
        fs::write(&edit, format!("{text}\n\nNUMBER_{number} = 'other text, so that no component is as it was'\n"))
            .expect("writable");
        let fresh = said(tree.path(), None);
        for (at, (name, (bytes, _))) in whole.iter().enumerate() {
            let mut other = bytes.clone();
            let place = other.len() * number / 5;
            other[place] ^= 1;
            match number {
                0 => fs::remove_file(cache.path().join(name)).expect("there"),
                1 => fs::write(cache.path().join(name), &bytes[..bytes.len() / 2]).expect("writable"),
                2 => fs::write(cache.path().join(name), &whole.values().nth(at / 2).expect("inside").0)
                    .expect("writable"),
                _ => fs::write(cache.path().join(name), other).expect("writable"),
            }
        }
        assert_eq!(said(tree.path(), Some(cache.path())), fresh, "damage {number}");
        assert_eq!(said(tree.path(), Some(cache.path())), fresh, "damage {number}, taken");
    }
}

#[test]
fn a_checkout_that_was_moved_finds_what_the_old_one_left() {
    let (tree, moved, cache) = (folder(&[]), folder(&[]), folder(&[]));
    copy(&project(), tree.path());
    copy(&project(), moved.path());
    said(tree.path(), Some(cache.path()));
    let kept = entries(cache.path());
    let strip = |text: String, at: &Path| text.replace(&*at.to_string_lossy(), "");
    assert_eq!(
        strip(said(moved.path(), Some(cache.path())), moved.path()),
        strip(said(tree.path(), None), tree.path())
    );
    assert_eq!(entries(cache.path()), kept);
}

#[test]
fn a_folder_of_results_does_not_grow_with_every_edit() {
    let tree = folder(&[("a.py", common::HONEST), ("b.py", "import a\n")]);
    let cache = folder(&[]);
    let mut sizes = Vec::new();
    for number in 0..12 {
        fs::write(tree.path().join("a.py"), format!("{}\nNUMBER = {number}\n", common::HONEST)).expect("writable");
        assert_eq!(said(tree.path(), Some(cache.path())), said(tree.path(), None), "edit {number}");
        sizes.push(entries(cache.path()).values().map(|(bytes, _)| bytes.len()).sum::<usize>());
    }
    assert!(sizes[11] < sizes[0] * 3 && sizes[11] <= sizes[5] + 64, "{sizes:?}");
}

#[test]
fn damaged_and_foreign_entries_and_a_folder_that_cannot_be_used_cost_nothing() {
    let (tree, cache) = (folder(&[]), folder(&[]));
    copy(&project(), tree.path());
    let fresh = said(tree.path(), None);
    said(tree.path(), Some(cache.path()));
    let whole = entries(cache.path());
    let names: Vec<&String> = whole.keys().collect();
    for (at, (name, (bytes, _))) in whole.iter().enumerate() {
        let mut other = bytes.clone();
        let middle = other.len() / 2;
        other[middle] ^= 0x40;
        // Entries of other components, altered ones, cut ones, links, folders.
        let place = cache.path().join(name);
        match at % 4 {
            0 => fs::write(place, other).expect("writable"),
            1 => fs::write(place, &bytes[..middle]).expect("writable"),
            2 => fs::write(place, &whole[names[0]].0).expect("writable"),
            _ => {
                fs::remove_file(&place).expect("there");
                fs::create_dir(&place).expect("made");
            }
        }
    }
    assert_eq!(said(tree.path(), Some(cache.path())), fresh);
    let file = tree.path().join("no-folder");
    fs::write(&file, "").expect("writable");
    assert_eq!(said(tree.path(), Some(&file)), fresh);
    assert_eq!(said(tree.path(), Some(&file.join("below"))), fresh);
}

#[test]
fn runs_at_the_same_time_share_a_cache() {
    let (tree, cache) = (folder(&[]), folder(&[]));
    copy(&project(), tree.path());
    let fresh = said(tree.path(), None);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| said(tree.path(), Some(cache.path())))).collect();
        for run in runs {
            assert_eq!(run.join().expect("no panic"), fresh);
        }
    });
    // Facts are there, and components are not.
    fs::write(tree.path().join("helpdesk/late.py"), "from helpdesk import tickets\n").expect("writable");
    let fresh = said(tree.path(), None);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| said(tree.path(), Some(cache.path())))).collect();
        for run in runs {
            assert_eq!(run.join().expect("no panic"), fresh);
        }
    });
    let left = fs::read_dir(cache.path()).expect("a folder").flatten();
    assert_eq!(left.filter(|entry| entry.file_name().to_string_lossy().ends_with(".tmp")).count(), 0);
}

#[test]
fn nothing_is_kept_unless_a_folder_is_named_and_a_flag_says_so_again() {
    let tree = folder(&[("a.py", common::HONEST)]);
    report_in(tree.path(), &["."]);
    assert_eq!(fs::read_dir(tree.path()).expect("a folder").count(), 1);
    let fresh = report_in(tree.path(), &["."]);
    let out = run_in(tree.path(), &["audit", ".", "-q", "--cache-dir", "kept", "--no-cache"]);
    assert!(!tree.path().join("kept").exists(), "{}", text(&out.stderr));
    for _ in 0..2 {
        assert_eq!(report_in(tree.path(), &[".", "--cache-dir", "kept"]), fresh);
        assert_eq!(entries(&tree.path().join("kept")).len(), 2, "a component, and the facts of its folder");
    }
}
