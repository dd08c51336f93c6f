//! What is found out once is not found out again.

use super::*;
use crate::syntax;

/// What `ask` finds out in a world of one file.
fn in_world<T>(code: &str, ask: impl FnOnce(World<'_>) -> T) -> T {
    let source = SourceFile::new("a.py", Language::Python, code.into());
    let facts = syntax::read(FileId(0), source.language, &source.text).expect("small");
    let sources = [source];
    let files = vec![Known::new(facts, SdkCatalog::embedded())];
    ask(World::new(&sources, files, Arc::default(), SdkCatalog::embedded(), &|_| None))
}

/// The steps that it takes to find out what `top.x` is at the end of `code`, and whether that is a client.
fn steps(code: &str) -> (u32, bool) {
    in_world(code, steps_in)
}

fn steps_in(world: World<'_>) -> (u32, bool) {
    let id =
        world.facts(FileId(0)).exprs.iter().rposition(|node| matches!(&node.kind, Expr::Attr(_, name) if name == "x"));
    let at = ExprRef { file: FileId(0), id: ExprId(id.expect("written at the end") as u32) };
    let value = world.ask(at, &world.frame_of(at));
    (world.steps.get(), value.alternatives().iter().any(|one| matches!(one, Value::Client(_))))
}

#[test]
fn what_a_constructor_does_is_found_out_once_for_each_object() {
    const LAYERS: usize = 12;
    let mut code =
        "import openai\n\n\nclass Layer0:\n    def __init__(self):\n        self.x = openai.OpenAI()\n        \
                    self.y = self.x\n"
            .to_owned();
    let mut made = "Layer0()".to_owned();
    for number in 1..=LAYERS {
        code += &format!(
            "\n\nclass Layer{number}:\n    def __init__(self, below):\n        self.x = below.x or below.y\n        \
             self.y = below.y or below.x\n"
        );
        made = format!("Layer{number}({made})");
    }
    // Each attribute asks for two of the object below: followed anew each time that is two to the twelfth.
    let (steps, is_client) = steps(&format!("{code}\n\ntop = {made}\ntop.x\n"));
    assert!(is_client);
    assert!(steps < 500, "{steps} steps");
}

#[test]
fn a_ring_is_run_through_once() {
    const ROWS: usize = 12;
    // A ring of two functions, and rows of names that each stand for the row before twice.
    let mut code =
        "import openai\n\n\ndef one(client=None):\n    return client or other(client)\n\n\ndef other(client):\n    \
                    return one(client) or openai.OpenAI()\n\n\nrow0 = one()\n"
            .to_owned();
    for row in 1..=ROWS {
        code += &format!("row{row} = row{} or row{}\n", row - 1, row - 1);
    }
    let (steps, is_client) = steps(&format!("{code}\n\nclass Top:\n    x = row{ROWS}\n\n\ntop = Top()\ntop.x\n"));
    assert!(is_client);
    assert!(steps < 500, "{steps} steps");
}

#[test]
fn whether_a_request_goes_to_a_model_is_asked_with_steps_of_its_own() {
    let code = "import requests\n\n\nclass Client:\n    def __init__(self, settings):\n        self.settings = settings\n\n    \
                def ask(self, text):\n        url = f\"{self.settings.base_url}/chat/completions\"\n        body = {\"model\": \
                self.settings.model, \"messages\": [{\"role\": \"user\", \"content\": text}]}\n        return requests.post(url, \
                json=body)\n";
    in_world(code, |mut world| {
        let hits = world.hits();
        // What came before used up all that a question may take.
        world.steps.set(u32::MAX / 2);
        assert!(hits.iter().any(|hit| world.admitted(hit).is_some()));
    });
}
