//! L# (Vaandrager, Garhewal, Rot and Wißmann, TACAS 2022): learning by apartness in the tree of observations.
//!
//! ```text
//! basis: nodes that are pairwise apart ── their successors: the frontier ── each apart from all of the basis but one
//! ```
//!
//! What enters: a [`Prober`] and words on which a hypothesis was wrong. What leaves: hypotheses.

use super::error::LearnError;
use super::limit::StateLimit;
use super::mealy::{MealyEdge, MealyMachine};
use super::observation::{Node, ObservationTree};
use super::prober::Prober;
use super::target::LearnTarget;

/// A successor of the basis: of the frontier until it turns out to be a state of its own.
struct Fringe {
    node: Node,
    /// States of the basis that it is not apart from, with the time when that was last looked at.
    candidates: Vec<(usize, u64)>,
}

/// A candidate that was not looked at yet.
const NEVER: u64 = u64::MAX;

/// What a node is for the learner.
#[derive(Clone, Copy)]
enum Role {
    /// This state of the basis.
    Basis(usize),
    /// This place of the frontier.
    Frontier(usize),
    /// Neither.
    Beyond,
}

/// The learner's state.
pub(super) struct Lsharp {
    tree: ObservationTree,
    basis: Vec<Node>,
    /// Who became a state stays.
    frontier: Vec<Fringe>,
    roles: Vec<Role>,
    limit: StateLimit,
    inputs: usize,
}

impl Lsharp {
    pub(super) fn new(inputs: usize, limit: StateLimit) -> Self {
        Self {
            tree: ObservationTree::new(inputs),
            basis: vec![0],
            frontier: Vec::new(),
            roles: vec![Role::Basis(0)],
            limit,
            inputs,
        }
    }

    /// The next hypothesis that every observation agrees with.
    pub(super) fn hypothesis<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        tell: &mut dyn FnMut(&Prober<'_, T>, usize),
    ) -> Result<MealyMachine, LearnError> {
        let mut extended = 0;
        loop {
            tell(prober, self.basis.len());
            while extended < self.basis.len() {
                self.extend(prober, extended)?;
                extended += 1;
            }
            if self.separate(prober)? {
                continue;
            }
            let machine = self.machine(prober);
            match self.contradiction(&machine) {
                None => return Ok(machine),
                Some(word) => self.refine(prober, &machine, &word)?,
            }
        }
    }

    /// Takes in a word on which the hypothesis was wrong.
    pub(super) fn refute<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        machine: &MealyMachine,
        word: &[usize],
    ) -> Result<(), LearnError> {
        self.ask(prober, 0, word)?;
        self.refine(prober, machine, word)
    }

    /// Asks a word from a node on; where it ends.
    fn ask<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        node: Node,
        word: &[usize],
    ) -> Result<Node, LearnError> {
        let mut node = node;
        let known = word.iter().take_while(|input| match self.tree.next(node, **input) {
            Some((_, next)) => {
                node = next;
                true
            }
            None => false,
        });
        let known = known.count();
        let Some(rest) = word.get(known..).filter(|rest| !rest.is_empty()) else {
            return Ok(node);
        };
        let mut place = prober.word(0, &self.tree.word_to(node), &mut Vec::new())?;
        for input in rest {
            let (answer, next) = prober.step(place, *input)?;
            node = self.tree.extend(node, *input, answer);
            place = next;
        }
        Ok(node)
    }

    /// Asks every input in a state of the basis; what comes next is the frontier.
    fn extend<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        state: usize,
    ) -> Result<(), LearnError> {
        let from = self.basis[state];
        for input in 0..self.inputs {
            let node = self.ask(prober, from, &[input])?;
            if let Role::Beyond = self.role(node) {
                let candidates = (0..self.basis.len()).map(|state| (state, NEVER)).collect();
                self.set_role(node, Role::Frontier(self.frontier.len()));
                self.frontier.push(Fringe { node, candidates });
            }
        }
        Ok(())
    }

    /// Tells every node of the frontier from all states but one. Whether one of them turned out to be a state of its own.
    fn separate<T: LearnTarget>(&mut self, prober: &mut Prober<'_, T>) -> Result<bool, LearnError> {
        let mut found = false;
        for at in 0..self.frontier.len() {
            let node = self.frontier[at].node;
            if let Role::Basis(_) = self.role(node) {
                continue;
            }
            loop {
                self.check(at);
                let candidates = &self.frontier[at].candidates;
                match (candidates.first(), candidates.get(1)) {
                    (None, _) => {
                        self.promote(at)?;
                        found = true;
                        break;
                    }
                    (Some(_), None) => break,
                    (Some((one, _)), Some((other, _))) => {
                        // Any two states are apart: that is what makes them two.
                        let witness = self.tree.apart(self.basis[*one], self.basis[*other]);
                        self.ask(prober, node, &witness.unwrap_or_default())?;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Strikes out the candidates from which a node of the frontier has turned out to be apart.
    fn check(&mut self, at: usize) {
        let Fringe { node, candidates } = &mut self.frontier[at];
        let (tree, basis) = (&self.tree, &self.basis);
        let changed = tree.changed(*node);
        candidates.retain_mut(|(state, checked)| {
            let of_state = basis[*state];
            if *checked != NEVER && changed.max(tree.changed(of_state)) <= *checked {
                return true;
            }
            *checked = tree.now();
            tree.apart(*node, of_state).is_none()
        });
    }

    fn promote(&mut self, at: usize) -> Result<(), LearnError> {
        let node = self.frontier[at].node;
        let state = self.basis.len();
        self.basis.push(node);
        self.set_role(node, Role::Basis(state));
        for fringe in &mut self.frontier {
            fringe.candidates.push((state, NEVER));
        }
        self.limit.admits(self.basis.len(), || self.tree.word_to(node))
    }

    fn role(&self, node: Node) -> Role {
        self.roles.get(node as usize).copied().unwrap_or(Role::Beyond)
    }

    fn set_role(&mut self, node: Node, role: Role) {
        if self.roles.len() <= node as usize {
            self.roles.resize(self.tree.len(), Role::Beyond);
        }
        self.roles[node as usize] = role;
    }

    fn state_of(&self, node: Node) -> usize {
        match self.role(node) {
            Role::Basis(state) => state,
            Role::Frontier(at) => {
                self.frontier[at].candidates.first().map_or(0, |(state, _)| *state)
            }
            Role::Beyond => 0,
        }
    }

    fn machine<T: LearnTarget>(&self, prober: &Prober<'_, T>) -> MealyMachine {
        let row = |node: &Node| {
            let edge = |input| {
                let (answer, next) = self.tree.next(*node, input).unwrap_or((0, 0));
                MealyEdge { output: answer as usize, to: self.state_of(next) }
            };
            (0..self.inputs).map(edge).collect()
        };
        prober.machine(self.basis.iter().map(row).collect())
    }

    /// A shortest observed word that the machine answers otherwise.
    fn contradiction(&self, machine: &MealyMachine) -> Option<Vec<usize>> {
        let mut queue = std::collections::VecDeque::from([(0, 0)]);
        while let Some((node, state)) = queue.pop_front() {
            for (input, answer, next) in self.tree.observed(node) {
                let edge = machine.edge(state, input);
                if answer as usize != edge.output {
                    return Some(self.tree.word_to(next));
                }
                queue.push_back((next, edge.to));
            }
        }
        None
    }

    fn node_after(&self, word: &[usize]) -> Option<Node> {
        word.iter().try_fold(0, |node, input| self.tree.next(node, *input).map(|(_, next)| next))
    }

    /// Shortens a contradiction by halves until it shows that a node of the frontier is no state that it was taken for.
    fn refine<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        machine: &MealyMachine,
        word: &[usize],
    ) -> Result<(), LearnError> {
        let Some(mut word) = self.conflict(machine, word) else { return Ok(()) };
        loop {
            let frontier = (1..=word.len()).find(|length| {
                let node = self.node_after(&word[..*length]);
                node.is_some_and(|node| !matches!(self.role(node), Role::Basis(_)))
            });
            let Some(first) = frontier.filter(|first| *first < word.len()) else { return Ok(()) };
            let half = (first + word.len()) / 2;
            let (front, back) = word.split_at(half);
            let taken_for = self.basis[machine.after(0, &word)];
            let Some(node) = self.node_after(&word) else { return Ok(()) };
            let Some(witness) = self.tree.apart(taken_for, node) else { return Ok(()) };
            let state = self.basis[machine.after(0, front)];
            let rest = [back, &witness].concat();
            self.ask(prober, state, &rest)?;
            let is_apart =
                self.node_after(front).is_some_and(|node| self.tree.apart(state, node).is_some());
            word = if is_apart {
                front.to_vec()
            } else {
                [&self.tree.word_to(state)[..], back].concat()
            };
        }
    }

    /// The beginning of a word after which the node is apart from the state that the machine has there.
    fn conflict(&self, machine: &MealyMachine, word: &[usize]) -> Option<Vec<usize>> {
        let mut node = 0;
        let mut state = 0;
        for (length, input) in word.iter().enumerate() {
            if self.tree.apart(node, self.basis[state]).is_some() {
                return Some(word[..length].to_vec());
            }
            node = self.tree.next(node, *input)?.1;
            state = machine.edge(state, *input).to;
        }
        None
    }
}
