//! The discrimination tree: inner nodes are words, children are answers to them, leaves are states.
//!
//! Invariant owned here: below a makeshift there are makeshifts alone.

use std::collections::BTreeMap;

use crate::learn::prober::Answer;

enum Kind {
    Leaf(usize),
    Inner { word: Vec<usize>, makeshift: bool, children: BTreeMap<Vec<Answer>, usize> },
}

struct Node {
    kind: Kind,
    /// Where it hangs, and by which answers.
    above: Option<(usize, Vec<Answer>)>,
}

/// What a node is.
pub(super) enum Sifted<'t> {
    State(usize),
    Word(&'t [usize]),
}

pub(super) struct DiscriminationTree {
    nodes: Vec<Node>,
    root: usize,
    /// Leaf of each state.
    leaves: Vec<usize>,
}

impl DiscriminationTree {
    /// With the initial state alone.
    pub(super) fn new() -> Self {
        let leaf = Node { kind: Kind::Leaf(0), above: None };
        Self { nodes: vec![leaf], root: 0, leaves: vec![0] }
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }

    pub(super) fn at(&self, node: usize) -> Sifted<'_> {
        match &self.nodes[node].kind {
            Kind::Leaf(state) => Sifted::State(*state),
            Kind::Inner { word, .. } => Sifted::Word(word),
        }
    }

    pub(super) fn child(&self, node: usize, answers: &[Answer]) -> Option<usize> {
        match &self.nodes[node].kind {
            Kind::Leaf(_) => None,
            Kind::Inner { children, .. } => children.get(answers).copied(),
        }
    }

    /// The word of an inner node.
    pub(super) fn word(&self, node: usize) -> &[usize] {
        match &self.nodes[node].kind {
            Kind::Leaf(_) => &[],
            Kind::Inner { word, .. } => word,
        }
    }

    pub(super) fn is_makeshift(&self, node: usize) -> bool {
        matches!(self.nodes[node].kind, Kind::Inner { makeshift: true, .. })
    }

    fn push(&mut self, kind: Kind, above: Option<(usize, Vec<Answer>)>) -> usize {
        let node = self.nodes.len();
        if let Kind::Leaf(state) = kind {
            if self.leaves.len() <= state {
                self.leaves.resize(state + 1, node);
            }
            self.leaves[state] = node;
        }
        self.nodes.push(Node { kind, above });
        node
    }

    fn hang(&mut self, node: usize, answers: Vec<Answer>, below: usize) {
        if let Kind::Inner { children, .. } = &mut self.nodes[node].kind {
            children.insert(answers, below);
        }
    }

    /// A leaf for a new state below an inner node.
    pub(super) fn grow(&mut self, node: usize, answers: Vec<Answer>, state: usize) {
        let leaf = self.push(Kind::Leaf(state), Some((node, answers.clone())));
        self.hang(node, answers, leaf);
    }

    /// A makeshift in the place of a state's leaf, with that state and a new one below.
    pub(super) fn split(
        &mut self,
        old: usize,
        word: &[usize],
        of_old: Vec<Answer>,
        (new, of_new): (usize, Vec<Answer>),
    ) {
        let node = self.leaves[old];
        self.nodes[node].kind =
            Kind::Inner { word: word.to_vec(), makeshift: true, children: BTreeMap::new() };
        self.grow(node, of_old, old);
        self.grow(node, of_new, new);
    }

    /// Words that a state was asked, with its answers.
    pub(super) fn asked(&self, state: usize) -> impl Iterator<Item = (&[usize], &Vec<Answer>)> {
        let mut node = self.leaves[state];
        std::iter::from_fn(move || {
            let (above, answers) = self.nodes[node].above.as_ref()?;
            node = *above;
            Some((self.word(node), answers))
        })
    }

    /// What a state answered to the word of a node above it.
    pub(super) fn answers_at(&self, wanted: usize, state: usize) -> Option<&[Answer]> {
        let mut node = self.leaves[state];
        loop {
            let (above, answers) = self.nodes[node].above.as_ref()?;
            if *above == wanted {
                return Some(answers);
            }
            node = *above;
        }
    }

    /// The lowest node above all these states; `None` when they are one.
    pub(super) fn meeting(&self, states: &[usize]) -> Option<usize> {
        let path = |state: usize| {
            let mut path = vec![self.leaves[state]];
            while let Some((above, _)) =
                path.last().and_then(|node| self.nodes[*node].above.as_ref())
            {
                path.push(*above);
            }
            path.reverse();
            path
        };
        let (first, rest) = states.split_first()?;
        let mut common = path(*first);
        for state in rest {
            let other = path(*state);
            let shared = common.iter().zip(&other).take_while(|(one, other)| one == other);
            let shared = shared.count();
            common.truncate(shared);
        }
        let last = common.last().copied()?;
        matches!(self.nodes[last].kind, Kind::Inner { .. }).then_some(last)
    }

    /// The topmost makeshifts.
    pub(super) fn makeshifts(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![self.root];
        while let Some(node) = open.pop() {
            match &self.nodes[node].kind {
                Kind::Inner { makeshift: true, .. } => found.push(node),
                Kind::Inner { children, .. } => open.extend(children.values()),
                Kind::Leaf(_) => {}
            }
        }
        found.sort_unstable();
        found
    }

    /// All states below a node, in ascending order.
    pub(super) fn states_below(&self, node: usize) -> Vec<usize> {
        let mut states = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match &self.nodes[node].kind {
                Kind::Leaf(state) => states.push(*state),
                Kind::Inner { children, .. } => open.extend(children.values()),
            }
        }
        states.sort_unstable();
        states
    }

    /// A word for good in the place of a makeshift, and below it, for each answer to it, what the makeshift says of the
    /// states with that answer.
    pub(super) fn settle(
        &mut self,
        block: usize,
        word: Vec<usize>,
        of_states: &[(usize, Vec<Answer>)],
    ) {
        let above = self.nodes[block].above.clone();
        let kind = Kind::Inner { word, makeshift: false, children: BTreeMap::new() };
        let node = self.push(kind, above.clone());
        match above {
            Some((above, answers)) => self.hang(above, answers, node),
            None => self.root = node,
        }
        let mut parts: BTreeMap<&Vec<Answer>, Vec<usize>> = BTreeMap::new();
        for (state, answers) in of_states {
            parts.entry(answers).or_default().push(*state);
        }
        for (answers, states) in parts {
            let below = self.restricted(block, &states, Some((node, answers.clone())));
            self.hang(node, answers.clone(), below);
        }
    }

    /// A copy of what is below a node, with these states alone and without words that tell none of them apart.
    fn restricted(
        &mut self,
        node: usize,
        states: &[usize],
        above: Option<(usize, Vec<Answer>)>,
    ) -> usize {
        if let [state] = states {
            return self.push(Kind::Leaf(*state), above);
        }
        let mut parts: Vec<(Vec<Answer>, usize, Vec<usize>)> = Vec::new();
        let mut own = Vec::new();
        if let Kind::Inner { word, children, .. } = &self.nodes[node].kind {
            own.clone_from(word);
            for (answers, child) in children {
                let mut below = self.states_below(*child);
                below.retain(|state| states.contains(state));
                if !below.is_empty() {
                    parts.push((answers.clone(), *child, below));
                }
            }
        }
        if let [(_, child, _)] = &parts[..] {
            return self.restricted(*child, states, above);
        }
        let kind = Kind::Inner { word: own, makeshift: true, children: BTreeMap::new() };
        let copy = self.push(kind, above);
        for (answers, child, below) in parts {
            let child = self.restricted(child, &below, Some((copy, answers.clone())));
            self.hang(copy, answers, child);
        }
        copy
    }
}
