//! What was observed, as a tree of words: the memory of L#.
//!
//! What enters: words with their answers. What leaves: whether two nodes are apart, and the shortest word that shows it.

use std::collections::VecDeque;

use super::prober::Answer;

/// A node by its number; 0 is the root.
pub(super) type Node = u32;

/// Words from the initial state with their answers.
pub(super) struct ObservationTree {
    inputs: usize,
    /// For each node and input the answer and the next node.
    next: Vec<Option<(Answer, Node)>>,
    from: Vec<Option<(Node, usize)>>,
    /// Of each node the latest next node, and beside each node the one before it.
    latest: Vec<Option<Node>>,
    beside: Vec<Option<Node>>,
    /// When something was last observed at a node or below it.
    changed: Vec<u64>,
    clock: u64,
}

impl ObservationTree {
    pub(super) fn new(inputs: usize) -> Self {
        let next = vec![None; inputs];
        let (from, latest, beside) = (vec![None], vec![None], vec![None]);
        Self { inputs, next, from, latest, beside, changed: vec![0], clock: 0 }
    }

    pub(super) fn next(&self, node: Node, input: usize) -> Option<(Answer, Node)> {
        self.next[node as usize * self.inputs + input]
    }

    /// Takes in an answer; the next node.
    pub(super) fn extend(&mut self, node: Node, input: usize, answer: Answer) -> Node {
        if let Some((_, known)) = self.next(node, input) {
            return known;
        }
        let new = Node::try_from(self.from.len()).unwrap_or(Node::MAX);
        self.from.push(Some((node, input)));
        self.next.resize(self.next.len() + self.inputs, None);
        self.next[node as usize * self.inputs + input] = Some((answer, new));
        self.latest.push(None);
        self.beside.push(self.latest[node as usize].replace(new));
        self.clock += 1;
        self.changed.push(self.clock);
        let mut above = Some(node);
        while let Some(node) = above {
            self.changed[node as usize] = self.clock;
            above = self.from[node as usize].map(|(from, _)| from);
        }
        new
    }

    /// When something was last observed at a node or below it; what comes later has a greater number.
    pub(super) fn changed(&self, node: Node) -> u64 {
        self.changed[node as usize]
    }

    /// Inputs that were observed at a node, with their answers and the next nodes.
    pub(super) fn observed(&self, node: Node) -> impl Iterator<Item = (usize, Answer, Node)> {
        let mut latest = self.latest[node as usize];
        std::iter::from_fn(move || {
            let next = latest?;
            latest = self.beside[next as usize];
            let (from, input) = self.from[next as usize]?;
            self.next(from, input).map(|(answer, next)| (input, answer, next))
        })
    }

    /// When something was last observed at all.
    pub(super) const fn now(&self) -> u64 {
        self.clock
    }

    /// How many nodes.
    pub(super) fn len(&self) -> usize {
        self.from.len()
    }

    /// The word to a node.
    pub(super) fn word_to(&self, mut node: Node) -> Vec<usize> {
        let mut word = Vec::new();
        while let Some((from, input)) = self.from[node as usize] {
            word.push(input);
            node = from;
        }
        word.reverse();
        word
    }

    /// The shortest observed word that two nodes answer differently, if there is one.
    pub(super) fn apart(&self, one: Node, other: Node) -> Option<Vec<usize>> {
        if one == other {
            return None;
        }
        let mut queue = VecDeque::from([(one, other, None::<usize>)]);
        let mut ways: Vec<(Option<usize>, usize)> = Vec::new();
        while let Some((one, other, way)) = queue.pop_front() {
            for (input, first, one) in self.observed(one) {
                let Some((second, other)) = self.next(other, input) else { continue };
                ways.push((way, input));
                let here = ways.len() - 1;
                if first != second {
                    return Some(word_of(&ways, here));
                }
                queue.push_back((one, other, Some(here)));
            }
        }
        None
    }
}

fn word_of(ways: &[(Option<usize>, usize)], end: usize) -> Vec<usize> {
    let mut word = Vec::new();
    let mut at = Some(end);
    while let Some(place) = at {
        let (before, input) = ways[place];
        word.push(input);
        at = before;
    }
    word.reverse();
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_apart_by_the_shortest_word_that_both_were_asked() {
        let mut tree = ObservationTree::new(2);
        let a = tree.extend(0, 0, 7);
        let b = tree.extend(0, 1, 7);
        assert_eq!(tree.apart(a, b), None);
        let aa = tree.extend(a, 0, 1);
        assert_eq!(tree.apart(a, b), None, "nobody asked b");
        let ba = tree.extend(b, 0, 1);
        assert_eq!(tree.apart(a, b), None);
        tree.extend(aa, 1, 5);
        tree.extend(ba, 1, 6);
        assert_eq!(tree.apart(a, b), Some(vec![0, 1]));
        tree.extend(a, 1, 5);
        tree.extend(b, 1, 6);
        assert_eq!(tree.apart(a, b), Some(vec![1]));
        assert_eq!(tree.word_to(ba), [1, 0]);
    }
}
