//! What each target feeds, and what it asserts beside the absence of panics.

use std::path::Path;
use std::sync::Arc;

use scriptworthy::catalog::model::ModelTable;
use scriptworthy::catalog::sdk::SdkCatalog;
use scriptworthy::config::{Layer, Settings};
use scriptworthy::data::{self, Data, DataKind, Notation};
use scriptworthy::report::sanitize::{is_hidden, one_line, sanitize};
use scriptworthy::resolve::Known;
use scriptworthy::resolve::modules::Project;
use scriptworthy::source::{FileId, Language, SourceFile};
use scriptworthy::{Audit, audit, audit_bytes, notebook, resolve, syntax};

use crate::holds;

/// Each target by its name.
pub const ALL: &[(&str, fn(&str))] = &[
    ("python", |text| source("x.py", text)),
    ("typescript", |text| source("x.ts", text)),
    ("tsx", |text| source("x.tsx", text)),
    ("javascript", |text| source("x.js", text)),
    ("notebook", notebook_file),
    ("suppression", suppression),
    ("config", config),
    ("baseline", baseline),
    ("prices", prices),
    ("sdk", sdk),
    ("data", data_file),
    ("template", template),
    ("manifest", manifest),
    ("sanitizer", sanitizer),
];

const HONEST: &str = include_str!("../../tests/common/honest.py");

fn settings() -> Settings {
    Settings {
        min_confidence: 0.0,
        preview: true,
        threads: 1,
        today: Some("2026-01-31".to_owned()),
        ..Settings::default()
    }
}

/// Builds what is built on first use.
pub fn warm_up() {
    source("honest.py", HONEST);
}

fn source(name: &str, text: &str) {
    let audit = audit_bytes(Path::new(name), text.as_bytes(), &settings()).expect("a source name and plain settings");
    holds::check(&audit, name);
}

fn notebook_file(text: &str) {
    if let Some(read) = notebook::read(text) {
        let most = text.split('\n').count() as u32;
        assert_eq!(read.lines.len(), read.text.split('\n').count());
        assert!(read.lines.iter().all(|&line| (1..=most).contains(&line)));
    }
    source("x.ipynb", text);
}

/// The honest file, audited alone or with what stands around it.
fn honest(audit: &Audit) {
    holds::check(audit, "the honest neighbour");
    assert!(audit.report.calls.iter().any(|call| call.path == "honest.py"), "the honest neighbour's call is lost");
}

fn suppression(text: &str) {
    // A comment ends at the end of its line.
    let comment = text.replace(['\n', '\r'], " ");
    let call = "    answer = client";
    assert!(HONEST.contains(call));
    let source = HONEST.replace(call, &format!("    # scriptworthy:{comment}\n{call}"));
    let audit = audit_bytes(Path::new("honest.py"), source.as_bytes(), &settings()).expect("a source name");
    honest(&audit);
    // Whatever it says, one comment never hides a finding without a trace.
    assert!(audit.report.findings.iter().any(|finding| finding.rule == "SW101"));
}

fn config(text: &str) {
    let Ok(layer) = text.parse::<Layer>() else {
        return;
    };
    let mut settings = Settings { threads: 1, ..Settings::default() };
    let limit = settings.max_file_size;
    settings.apply(&layer);
    assert_eq!(settings.max_file_size, limit, "a config raises no limit");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("honest.py"), HONEST).expect("written");
    if let Ok(audit) = audit(folder.path(), &settings) {
        holds::check(&audit, "config");
    }
}

fn baseline(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("baseline.json");
    std::fs::write(&path, text).expect("written");
    if let Ok(baseline) = scriptworthy::baseline::Baseline::read(&path) {
        let settings = Settings { baseline: Some(baseline), ..settings() };
        honest(&audit_bytes(Path::new("honest.py"), HONEST.as_bytes(), &settings).expect("a source name"));
    }
}

fn prices(text: &str) {
    let Ok(table) = ModelTable::with_file(text, "prices.json") else {
        return;
    };
    for model in table.models() {
        let all = [
            Some(model.input),
            Some(model.output),
            model.cached,
            model.cache_write,
            model.batch_input,
            model.batch_output,
        ];
        assert!(all.into_iter().flatten().all(|price| price.is_finite() && price >= 0.0), "{}", model.id);
        if let Some(long) = &model.long_context {
            assert!(long.factor.is_finite() && long.output_factor.is_finite(), "{}", model.id);
        }
        table.lookup(&model.id);
        table.provider(model);
        table.batch(model);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prices.json");
    std::fs::write(&path, text).expect("written");
    let settings = Settings { prices: Some(path), calls_per_month: Some(u64::MAX), ..settings() };
    honest(&audit_bytes(Path::new("honest.py"), HONEST.as_bytes(), &settings).expect("the prices were read above"));
}

fn sdk(text: &str) {
    let Ok(catalog) = SdkCatalog::read(&[("fuzzed", text)]) else {
        return;
    };
    let file = FileId(0);
    let facts = syntax::read(file, Language::Python, HONEST).expect("within the limits");
    let sources = [SourceFile::new("honest.py", Language::Python, HONEST.into())];
    let resolved = resolve::resolve(&sources, vec![Known::new(facts, &catalog)], &Arc::new(Project::default()), &catalog, &|_| None);
    assert!(resolved.failed.is_empty());
    for span in resolved.calls.iter().flat_map(holds::spans) {
        assert!(HONEST.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    }
}

fn data_file(text: &str) {
    fn check(data: &Data, text: &str) {
        assert!(text.get(data.start as usize..data.end as usize).is_some(), "{} to {}", data.start, data.end);
        match &data.kind {
            DataKind::List(items) => items.iter().for_each(|item| check(item, text)),
            DataKind::Record(entries) => entries.iter().for_each(|(_, value)| check(value, text)),
            _ => {}
        }
    }
    for notation in [Notation::Yaml, Notation::Json, Notation::Toml] {
        if let Some(data) = data::read(text, notation) {
            check(&data, text);
        }
    }
}

/// A prompt file in each notation that code may read it by.
fn template(text: &str) {
    const NAMES: [&str; 6] = ["p.txt", "p.md", "p.j2", "p.yaml", "p.json", "p.toml"];
    const READER: &str = include_str!("../seeds/reader.py");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("honest.py"), HONEST).expect("written");
    std::fs::write(folder.path().join("reader.py"), READER).expect("written");
    for name in NAMES {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    honest(&audit(folder.path(), &settings()).expect("a folder"));
}

/// What project files say of module names.
fn manifest(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("honest.py", HONEST);
    write("package.json", text);
    write("tsconfig.json", text);
    write(
        "ask.ts",
        "import OpenAI from 'openai';\nexport const ask = (p: string) => new OpenAI().responses.create({model: 'gpt-4o', input: p});\n",
    );
    write(
        "use.ts",
        "import {ask} from '@/ask';\nimport {ask as other} from 'own';\nask('Write a poem'); other('Write a song');\n",
    );
    honest(&audit(folder.path(), &settings()).expect("a folder"));
}

fn sanitizer(text: &str) {
    let safe = sanitize(text);
    assert!(safe.chars().all(|c| c == '\n' || !(c.is_control() || is_hidden(c))), "{safe:?}");
    assert_eq!(sanitize(&safe), safe);
    let line = one_line(text);
    assert!(!line.contains('\n') && line.chars().all(|c| !(c.is_control() || is_hidden(c))), "{line:?}");
    assert_eq!(one_line(&line), line);
}
