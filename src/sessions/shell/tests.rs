use super::*;

fn told(script: &str) -> Vec<Vec<String>> {
    let word = |word: &Word| {
        let part = |part: &Part| match part {
            Part::Text(text, ..) => text.clone(),
            Part::Value(value) => format!("<{}>", value.source),
        };
        word.parts.iter().map(part).collect::<String>()
    };
    commands(script).iter().map(|command| command.words.iter().map(word).collect()).collect()
}

#[test]
fn words_lose_their_quotes_and_keep_their_values() {
    assert_eq!(
        told("a -p \"Sort $NAMES \\\"now\\\"\" 'x $y' # c\nb 2>&1 >out; c"),
        [vec!["a", "-p", "Sort <NAMES> \"now\"", "x $y"], vec!["b"], vec!["c"]]
    );
    assert_eq!(told("a \\\n  b ${{ x.y }} ${Z:-1} `d e`"), [vec!["a", "b", "<x.y>", "<Z>", "<d e>"], vec!["d", "e"]]);
}

#[test]
fn what_stands_in_a_substitution_is_read_too() {
    let all = told("X=$(a \"$(b \"it's\")\" | c)\nd");
    assert_eq!(all[0], ["X=<a \"$(b \"it's\")\" | c>"]);
    assert_eq!(all[1..], [vec!["d"], vec!["a", "<b \"it's\">"], vec!["c"], vec!["b", "it's"]]);
}

#[test]
fn a_text_behind_a_command_is_what_it_reads() {
    let all = commands("a <<'E' | b\nit's $x\nE\nc <<< \"to $y\"\nd <in.csv >out.json");
    let text = |fed: &Fed| match fed {
        Fed::Text(parts) => format!("{parts:?}"),
        other => format!("{other:?}"),
    };
    assert!(text(&all[0].fed).contains("it's $x"));
    assert_eq!(all[1].fed, Fed::By(0));
    assert!(text(&all[2].fed).contains("source: \"y\""));
    assert_eq!(all[3].writes.as_ref().and_then(Word::text), Some("out.json"));
    assert!(matches!(&all[3].fed, Fed::File(word) if word.text() == Some("in.csv")));
}

#[test]
fn a_text_within_a_substitution_may_hold_quotes_and_parentheses() {
    let all = commands("a \"$(cat <<'E'\ndon't ) stop\nE\n)\" b\nc");
    assert_eq!(all[0].words.len(), 3);
    assert_eq!(all[1].words[0].text(), Some("c"));
    assert!(matches!(&all[2].fed, Fed::Text(parts) if format!("{parts:?}").contains("don't ) stop")));
}

#[test]
fn every_input_ends() {
    for script in ["a \"", "a '${{", "a \"$(", "a \\", "a `", "a $", "a <<", "a <<E", "$(a <<E\n", "((", "a ${"] {
        commands(script);
        parts(script);
    }
    for unit in ["$(", "\"$(", "`", "<<E ", "${", "$(a)", "a=$(b \"$(c)\") ", "'"] {
        commands(&unit.repeat(20_000));
    }
}
