//! What a mistake of this program costs while it resolves.

use super::*;
use crate::syntax;

fn source(path: &str, prompt: &str) -> SourceFile {
    let text = format!(
        "import openai\n\n\ndef ask():\n    return openai.OpenAI().responses.create(model=\"gpt-4o\", input={prompt})\n"
    );
    SourceFile::new(path, Language::Python, text.into())
}

#[test]
fn a_panic_costs_the_calls_it_meets_and_names_their_file() {
    let sources = [
        source("bad.py", "open(\"bad.txt\").read()"),
        source("good.py", "\"Name the capital of France\""),
        source("read.py", "open(\"good.txt\").read()"),
    ];
    let read = |(at, source): (usize, &SourceFile)| {
        let facts = syntax::read(FileId(at as u32), source.language, &source.text).expect("small");
        Known::new(facts, SdkCatalog::embedded())
    };
    let files: Vec<_> = sources.iter().enumerate().map(read).collect();
    let texts = |path: &str| match path {
        "bad.txt" => panic!("a mistake"),
        path => Some(Rc::from(format!("Sum up what {path} says"))),
    };
    let resolved = resolve(&sources, files, &Arc::default(), SdkCatalog::embedded(), &texts);
    let found: Vec<u32> = resolved.calls.iter().map(|call| call.span.file.0).collect();
    assert_eq!(found, [1, 2]);
    assert!(resolved.calls.iter().all(|call| call.prompt.complete));
    assert_eq!(resolved.failed.into_iter().collect::<Vec<_>>(), [FileId(0)]);
}
