//! Files are grouped by what their bytes say of imports: the groups must hold whatever a parse finds.

mod common;

use std::path::Path;

use common::{folder, root};
use scriptworthy::{Settings, audit, gather, walk};

/// Imports below a folder that leave their group.
fn strays(root: &Path) -> Vec<String> {
    let settings = Settings::default();
    let found = walk::walk(&[root.to_owned()], root, &settings.limits()).expect("no globs");
    assert!(!found.entries.is_empty(), "nothing to look at");
    gather::stray_imports(found, settings.max_file_size)
}

#[test]
fn no_import_of_the_fixtures_leaves_its_group() {
    for part in ["fixtures/projects", "fixtures/labelled/files"] {
        assert_eq!(strays(&root().join(part)), [""; 0], "{part}");
    }
}

#[test]
fn no_import_leaves_its_group_however_it_is_laid_out() {
    let files = [
        ("app/__init__.py", ""),
        ("app/llm.py", "def ask(prompt):\n    return prompt\n"),
        ("a.py", "from app \\\n    import (\n        llm,  # the model\n    )\nllm.ask('x')\n"),
        ("b.py", "if True: import app.llm as model; model.ask('x')\n"),
        ("deep/c.py", "try:\n    from app.llm import *\nexcept ImportError: pass\n"),
        ("web/x.ts", "export const ask = (text: string) => text;\nexport default ask;\n"),
        ("web/y.ts", "export * from\n  /* all */ './x';\n"),
        ("web/z.ts", "const { ask } = await import(/* chunk: 'a' */ './y');\n"),
        ("web/r.js", "const x = require( './x' ).ask;\nimport('./z');\n"),
        ("web/t.ts", "import type { ask } from \"./y.js\";\nimport x = require('./x');\n"),
    ];
    let folder = folder(&files);
    assert_eq!(strays(folder.path()), [""; 0]);
}

#[test]
fn a_method_of_the_same_name_elsewhere_is_no_wrapper() {
    let wrapper = "import openai\n\n\nclass Assistant:\n    def ask_model(self, prompt):\n        return openai.OpenAI().responses.create(model=\"gpt-4o\", input=prompt)\n";
    let caller = "def run(assistant):\n    return assistant.ask_model(\"Summarise the long letter of the customer in two lines\")\n";
    let connected = format!("from llm import Assistant\n\n\n{caller}");
    let via = |own: &str| {
        let folder = folder(&[("llm.py", wrapper), ("job.py", own)]);
        let report = audit(folder.path(), &Settings::default()).expect("audited").report;
        report.calls.iter().filter(|call| call.path == "job.py" && !call.via.is_empty()).count()
    };
    assert_eq!((via(&connected), via(caller)), (1, 0));
}
