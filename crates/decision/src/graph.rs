//! The engine: a table of yes/no questions whose edges all point down the page, and a walk through it.
//!
//! It knows no HTTP. The table is checked while the program is compiled: every name that an edge goes to exists and stands
//! further down, no name is there twice, every row can be reached, and the longest walk fits a [`Because`]. So a walk needs no
//! step counter, cannot meet an unknown row, and always ends.

use semantics::syntax::same_text;

use crate::because::Because;

/// One question of a table.
#[derive(Clone, Copy)]
pub struct Question<T: 'static, A: 'static, E: 'static> {
    /// Its name: stable, since it appears in logs, metrics and addresses.
    pub id: &'static str,
    /// The question, in words.
    pub asks: &'static str,
    /// The section that it comes from.
    pub spec: &'static str,
    /// The facts that must be known before it can be put; `None` where they always are.
    pub needs: Option<A>,
    /// What answers it.
    pub test: T,
    /// Where a yes leads.
    pub yes: Edge<E>,
    /// Where a no leads.
    pub no: Edge<E>,
}

/// Where an answer leads, as it is written in a table.
#[derive(Clone, Copy)]
pub enum Edge<E> {
    /// To the row below.
    Next,
    /// To the row of this name, further down.
    Go(&'static str),
    /// To the row below, once this has been said.
    Say(u16),
    /// To the end.
    End(E),
}

/// Where an answer leads, found while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow<E> {
    /// To this row.
    Row(u16),
    /// To this row, once `.0` has been said.
    Say(u16, u16),
    /// To the end.
    End(E),
}

/// A run of questions that belong together.
#[derive(Clone, Copy)]
pub struct Block<T: 'static, A: 'static, E: 'static> {
    /// Its name.
    pub name: &'static str,
    /// What it is about, in a sentence.
    pub about: &'static str,
    /// Its questions, in the order in which they are asked.
    pub rows: &'static [Question<T, A, E>],
}

/// What a walk reads of a row, and nothing else: few octets, side by side with those of the next row.
#[derive(Clone, Copy)]
pub struct CompactRow<T, A> {
    /// What answers it.
    pub test: T,
    /// The facts that it needs.
    pub needs: Option<A>,
    /// The row to which its answers lead, on no and on yes; beyond the last row if the arrow has more to say.
    pub to: [u16; 2],
}

/// A table with its arrows.
///
/// The reply graph is one ([`reply::REPLY`](crate::reply::REPLY)); another table of questions makes another. This one decides about
/// numbers; a row whose edge leads nowhere, or up the page, would be an error of compilation.
///
/// ```
/// use decision::because::Because;
/// use decision::graph::{Arrow, Block, Edge, Graph, Question, count};
///
/// type Test = fn(u32) -> bool;
/// const BLOCKS: &[Block<Test, (), &str>] = &[Block {
///     name: "size",
///     about: "How large the number is.",
///     rows: &[
///         Question {
///             id: "is_zero", asks: "Is it zero?", spec: "", needs: None, test: |n| n == 0,
///             yes: Edge::End("nothing"), no: Edge::Next,
///         },
///         Question {
///             id: "is_small", asks: "Is it below ten?", spec: "", needs: None, test: |n| n < 10,
///             yes: Edge::End("few"), no: Edge::End("many"),
///         },
///     ],
/// }];
/// static SIZES: Graph<Test, (), &str, { count(BLOCKS) }> = Graph::build(BLOCKS);
///
/// let (mut at, mut because) = (0, Because::START);
/// let end = loop {
///     let yes = (SIZES.rows[at].test)(7);
///     because.push(yes);
///     match SIZES.arrows[at][usize::from(!yes)] {
///         Arrow::Row(to) | Arrow::Say(_, to) => at = usize::from(to),
///         Arrow::End(end) => break end,
///     }
/// };
/// assert_eq!((end, SIZES.find("is_small")), ("few", Some(1)));
/// let told = SIZES.retell(because, 0).expect("a walk of this graph");
/// assert!(told.steps.iter().map(|step| (step.question.id, step.yes)).eq([("is_zero", false), ("is_small", true)]));
/// ```
pub struct Graph<T: 'static, A: 'static, E: 'static, const N: usize> {
    /// The rows, in the order in which they are asked.
    pub rows: [Question<T, A, E>; N],
    /// Where each row leads: on yes, on no.
    pub arrows: [[Arrow<E>; 2]; N],
    /// The rows and arrows as a walk reads them.
    pub compact_rows: [CompactRow<T, A>; N],
    /// The number of the block of each row.
    pub block_of: [u8; N],
    /// The blocks.
    pub blocks: &'static [Block<T, A, E>],
    /// The most questions that any walk asks.
    pub longest: u32,
}

/// How many rows the blocks hold together.
pub const fn count<T, A, E>(blocks: &[Block<T, A, E>]) -> usize {
    let (mut n, mut b) = (0, 0);
    while b < blocks.len() {
        n += blocks[b].rows.len();
        b += 1;
    }
    n
}

impl<T: Copy, A: Copy, E: Copy, const N: usize> Graph<T, A, E, N> {
    /// Puts the blocks into one table and resolves its edges.
    ///
    /// # Panics
    ///
    /// If a law of the table is broken. In a `const` that is an error of compilation.
    pub const fn build(blocks: &'static [Block<T, A, E>]) -> Self {
        assert!(count(blocks) == N, "N is the number of rows");
        assert!(N > 0 && N < u16::MAX as usize, "a row has a number");
        let mut rows = [blocks[0].rows[0]; N];
        let mut block_of = [0; N];
        let (mut k, mut b) = (0, 0);
        while b < blocks.len() {
            let mut i = 0;
            while i < blocks[b].rows.len() {
                rows[k] = blocks[b].rows[i];
                block_of[k] = b as u8;
                k += 1;
                i += 1;
            }
            b += 1;
        }
        let arrows = resolve(&rows);
        let longest = longest(&arrows);
        assert!(longest as usize <= Because::LONGEST, "a walk is longer than its number can hold");
        Graph { compact_rows: compact_rows(&rows, &arrows), rows, arrows, block_of, blocks, longest }
    }

    /// The row of this name.
    pub const fn find(&self, id: &str) -> Option<usize> {
        let mut row = 0;
        while row < N {
            if same_text(self.rows[row].id, id) {
                return Some(row);
            }
            row += 1;
        }
        None
    }

    /// Tells a walk again: each row that was asked, and its answer. It began at row `start`.
    ///
    /// # Errors
    ///
    /// If no walk has this number.
    pub fn retell(&self, because: Because, start: usize) -> Result<Retold<'_, T, A, E>, NoSuchWalk> {
        let mut steps = alloc::vec::Vec::with_capacity(because.len());
        let mut at = start;
        let mut ending = None;
        for yes in because.answers() {
            if ending.is_some() {
                return Err(NoSuchWalk::GoesOnAfterItsEnd { after: steps.len() });
            }
            let row = self.rows.get(at).ok_or(NoSuchWalk::Empty)?;
            steps.push(Asked { row: at as u16, question: row, yes });
            match self.arrows[at][usize::from(!yes)] {
                Arrow::Row(to) | Arrow::Say(_, to) => at = usize::from(to),
                Arrow::End(end) => ending = Some(end),
            }
        }
        match (ending, steps.len()) {
            (Some(end), _) => Ok(Retold { steps, end }),
            (None, 0) => Err(NoSuchWalk::Empty),
            (None, n) => Err(NoSuchWalk::StopsShort { after: n }),
        }
    }
}

/// One question of a walk told again.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Asked<'a, T: 'static, A: 'static, E: 'static> {
    /// The number of its row.
    pub row: u16,
    /// The row.
    pub question: &'a Question<T, A, E>,
    /// The answer.
    pub yes: bool,
}

/// A walk told again.
#[non_exhaustive]
pub struct Retold<'a, T: 'static, A: 'static, E: 'static> {
    /// Its questions.
    pub steps: alloc::vec::Vec<Asked<'a, T, A, E>>,
    /// Its end.
    pub end: E,
}

/// Why a number is no walk of this graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoSuchWalk {
    /// It holds no answer.
    Empty,
    /// Its answers run out before an end is reached.
    StopsShort {
        /// Questions answered by then.
        after: usize,
    },
    /// It holds answers after an end was reached.
    GoesOnAfterItsEnd {
        /// Questions answered by then.
        after: usize,
    },
}

impl core::fmt::Display for NoSuchWalk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            NoSuchWalk::Empty => write!(f, "it holds no answer"),
            NoSuchWalk::StopsShort { after } => write!(f, "it stops after {after} questions, before any end"),
            NoSuchWalk::GoesOnAfterItsEnd { after } => write!(f, "it goes on after its end at question {after}"),
        }
    }
}

impl core::error::Error for NoSuchWalk {}

const fn resolve<T: Copy, A: Copy, E: Copy, const N: usize>(rows: &[Question<T, A, E>; N]) -> [[Arrow<E>; 2]; N] {
    let mut arrows = [[Arrow::Row(0); 2]; N];
    let mut reached = [false; N];
    reached[0] = true;
    let mut k = 0;
    while k < N {
        let mut j = k + 1;
        while j < N {
            assert!(!same_text(rows[k].id, rows[j].id), "two questions have one name");
            j += 1;
        }
        assert!(reached[k], "a question can never be reached");
        arrows[k] = [arrow(rows, k, rows[k].yes), arrow(rows, k, rows[k].no)];
        let mut side = 0;
        while side < 2 {
            if let Arrow::Row(to) | Arrow::Say(_, to) = arrows[k][side] {
                reached[to as usize] = true;
            }
            side += 1;
        }
        k += 1;
    }
    arrows
}

const fn arrow<T: Copy, A: Copy, E: Copy, const N: usize>(
    rows: &[Question<T, A, E>; N],
    from: usize,
    edge: Edge<E>,
) -> Arrow<E> {
    match edge {
        Edge::End(end) => Arrow::End(end),
        Edge::Next => {
            assert!(from + 1 < N, "the last row leads to the row below it");
            Arrow::Row((from + 1) as u16)
        }
        Edge::Say(status) => {
            assert!(from + 1 < N, "the last row leads to the row below it");
            Arrow::Say(status, (from + 1) as u16)
        }
        Edge::Go(id) => {
            let mut to = from + 1;
            while to < N && !same_text(rows[to].id, id) {
                to += 1;
            }
            assert!(to < N, "an edge goes to a name that does not stand further down");
            Arrow::Row(to as u16)
        }
    }
}

const fn compact_rows<T: Copy, A: Copy, E: Copy, const N: usize>(
    rows: &[Question<T, A, E>; N],
    arrows: &[[Arrow<E>; 2]; N],
) -> [CompactRow<T, A>; N] {
    const fn place<E: Copy>(arrow: Arrow<E>) -> u16 {
        match arrow {
            Arrow::Row(to) => to,
            Arrow::Say(..) | Arrow::End(_) => u16::MAX,
        }
    }
    let mut compact_rows = [CompactRow { test: rows[0].test, needs: rows[0].needs, to: [0; 2] }; N];
    let mut k = 0;
    while k < N {
        let [yes, no] = arrows[k];
        compact_rows[k] = CompactRow { test: rows[k].test, needs: rows[k].needs, to: [place(no), place(yes)] };
        k += 1;
    }
    compact_rows
}

const fn longest<E: Copy, const N: usize>(arrows: &[[Arrow<E>; 2]; N]) -> u32 {
    let mut below = [0; N];
    let mut k = N;
    while k > 0 {
        k -= 1;
        let mut side = 0;
        while side < 2 {
            let rest = match arrows[k][side] {
                Arrow::Row(to) | Arrow::Say(_, to) => below[to as usize],
                Arrow::End(_) => 0,
            };
            if rest + 1 > below[k] {
                below[k] = rest + 1;
            }
            side += 1;
        }
    }
    below[0]
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    type Test = fn(&u8) -> bool;
    const fn q(id: &'static str, test: Test, yes: Edge<u8>, no: Edge<u8>) -> Question<Test, (), u8> {
        Question { id, asks: "?", spec: "", needs: None, test, yes, no }
    }
    const BLOCKS: &[Block<Test, (), u8>] = &[
        Block {
            name: "one",
            about: "",
            rows: &[q("a", |x| *x > 1, Edge::Next, Edge::Go("c")), q("b", |x| *x > 2, Edge::Say(1), Edge::End(7))],
        },
        Block { name: "two", about: "", rows: &[q("c", |x| *x > 3, Edge::End(8), Edge::End(9))] },
    ];
    const GRAPH: Graph<Test, (), u8, 3> = Graph::build(BLOCKS);

    #[test]
    fn edges_are_resolved_and_measured() {
        assert_eq!(GRAPH.arrows[0], [Arrow::Row(1), Arrow::Row(2)]);
        assert_eq!(GRAPH.arrows[1], [Arrow::Say(1, 2), Arrow::End(7)]);
        assert_eq!(GRAPH.block_of, [0, 0, 1]);
        assert_eq!(GRAPH.longest, 3);
        assert_eq!(GRAPH.find("c"), Some(2));
        assert!((GRAPH.rows[0].test)(&2));
    }

    #[test]
    fn a_walk_is_told_again_and_a_number_that_is_none_is_refused() {
        let token = |answers: &[bool]| {
            let mut because = Because::START;
            answers.iter().for_each(|yes| because.push(*yes));
            because
        };
        let told = GRAPH.retell(token(&[true, true, false]), 0).expect("a walk");
        assert_eq!(told.end, 9);
        assert_eq!(told.steps.iter().map(|s| s.row).collect::<std::vec::Vec<_>>(), [0, 1, 2]);
        assert_eq!(GRAPH.retell(token(&[]), 0).err(), Some(NoSuchWalk::Empty));
        assert_eq!(GRAPH.retell(token(&[true]), 0).err(), Some(NoSuchWalk::StopsShort { after: 1 }));
        assert_eq!(
            GRAPH.retell(token(&[true, false, true]), 0).err(),
            Some(NoSuchWalk::GoesOnAfterItsEnd { after: 2 })
        );
    }

    #[test]
    #[should_panic(expected = "further down")]
    fn an_edge_up_the_page_is_refused() {
        static UP: &[Block<Test, (), u8>] = &[Block {
            name: "up",
            about: "",
            rows: &[q("a", |_| true, Edge::Next, Edge::Next), q("b", |_| true, Edge::Go("a"), Edge::End(1))],
        }];
        let _ = Graph::<Test, (), u8, 2>::build(UP);
    }

    #[test]
    #[should_panic(expected = "never be reached")]
    fn an_unreachable_row_is_refused() {
        static LOST: &[Block<Test, (), u8>] = &[Block {
            name: "lost",
            about: "",
            rows: &[q("a", |_| true, Edge::End(1), Edge::End(1)), q("b", |_| true, Edge::End(1), Edge::End(1))],
        }];
        let _ = Graph::<Test, (), u8, 2>::build(LOST);
    }

    #[test]
    #[should_panic(expected = "one name")]
    fn a_name_given_twice_is_refused() {
        static TWICE: &[Block<Test, (), u8>] = &[Block {
            name: "twice",
            about: "",
            rows: &[q("a", |_| true, Edge::Next, Edge::Next), q("a", |_| true, Edge::End(1), Edge::End(1))],
        }];
        let _ = Graph::<Test, (), u8, 2>::build(TWICE);
    }
}
