//! A machine as a graph that Graphviz draws.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::mealy::MealyMachine;

/// The graph in the language DOT. Edges between the same states are one, its label a line for each answer; what leaves a
/// state as it is stands inside it only when `loops` is set.
#[must_use]
pub fn dot(name: &str, machine: &MealyMachine, loops: bool) -> String {
    let mut text = format!("digraph {} {{\n", quoted(name));
    text.push_str("  rankdir=LR;\n  node [shape=circle fontname=\"Helvetica\"];\n");
    text.push_str("  edge [fontname=\"Helvetica\" fontsize=10];\n");
    text.push_str("  start [shape=point];\n  start -> 0;\n");
    for state in 0..machine.states() {
        let mut edges: BTreeMap<usize, Vec<(usize, Vec<&str>)>> = BTreeMap::new();
        for (edge, input) in machine.row(state).iter().zip(machine.inputs()) {
            let labels = edges.entry(edge.to).or_default();
            match labels.iter_mut().find(|(output, _)| *output == edge.output) {
                Some((_, inputs)) => inputs.push(input),
                None => labels.push((edge.output, vec![input])),
            }
        }
        for (to, labels) in edges.into_iter().filter(|(to, _)| loops || *to != state) {
            let lines = labels.into_iter().map(|(output, inputs)| {
                format!("{} / {}", inputs.join(", "), machine.outputs()[output])
            });
            let label = lines.collect::<Vec<_>>().join("\n");
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {state} -> {to} [label={}];", quoted(&label));
        }
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::mealy::MealyEdge;

    #[test]
    fn edges_between_the_same_states_are_one_and_names_are_quoted() {
        let edge = |output, to| MealyEdge { output, to };
        let machine = MealyMachine::new(
            vec!["press".into(), "kick".into(), "look".into()],
            vec!["click \"on\"".into(), "9000".into()],
            vec![
                vec![edge(0, 1), edge(0, 1), edge(1, 0)],
                vec![edge(0, 0), edge(1, 0), edge(1, 1)],
            ],
        )
        .unwrap();
        let text = dot("a \"lamp\"", &machine, false);
        assert!(text.starts_with("digraph \"a \\\"lamp\\\"\" {\n"), "{text}");
        assert!(text.contains("  0 -> 1 [label=\"press, kick / click \\\"on\\\"\"];\n"), "{text}");
        assert!(text.contains("  1 -> 0 [label=\"press / click \\\"on\\\"\\nkick / 9000\"];\n"));
        assert!(!text.contains("look"), "{text}");
        assert!(dot("lamp", &machine, true).contains("  0 -> 0 [label=\"look / 9000\"];\n"));
    }
}
