//! Where an answer is counted: which of its row's two ends has its status. Found while compiling.

use decision::graph::Arrow;
use decision::reply::{COUNT, REPLY};
use decision::verdict::End;

/// How many numbers can be a status: 100 to 599.
pub(super) const STATUSES: usize = 500;

/// How many rows have an end whose status is a fact.
pub(super) const TELLERS: usize = {
    let (mut row, mut count) = (0, 0);
    while row < COUNT {
        count += tells(row) as usize;
        row += 1;
    }
    count
};

/// The rows that have such an end.
pub(super) const TELLER_ROWS: [u16; TELLERS] = {
    let mut rows = [0; TELLERS];
    let (mut row, mut count) = (0, 0);
    while row < COUNT {
        if tells(row) {
            rows[count] = row as u16;
            count += 1;
        }
        row += 1;
    }
    rows
};

/// By row: the statuses of its ends on yes and on no, 0 where there is none; and which teller it is.
static ENDS: [Ends; COUNT] = {
    let mut ends = [Ends { codes: [0; 2], teller: u8::MAX }; COUNT];
    let (mut row, mut teller) = (0, 0);
    while row < COUNT {
        let [yes, no] = [code(row, 0), code(row, 1)];
        // where both are the same, it is counted as the one on yes
        ends[row].codes = [yes, if no == yes { 0 } else { no }];
        if tells(row) {
            ends[row].teller = teller;
            teller += 1;
        }
        row += 1;
    }
    ends
};

#[derive(Clone, Copy)]
struct Ends {
    codes: [u16; 2],
    teller: u8,
}

const fn tells(row: usize) -> bool {
    let [yes, no] = &REPLY.arrows[row];
    matches!(yes, Arrow::End(End::Told(_))) || matches!(no, Arrow::End(End::Told(_)))
}

const fn code(row: usize, side: usize) -> u16 {
    match REPLY.arrows[row][side] {
        Arrow::End(End::Status(code, _)) => code,
        Arrow::End(End::Told(_) | End::Close) | Arrow::Row(_) | Arrow::Say(..) => 0,
    }
}

/// The place of an answer.
pub(super) enum Place {
    /// The end of a row.
    End {
        /// The row.
        row: usize,
        /// Whether it is the one on yes.
        yes: bool,
    },
    /// A status that somebody told.
    Told {
        /// Who: a place in [`TELLER_ROWS`].
        teller: usize,
        /// The status, from 100.
        status: usize,
    },
    /// No row leads there.
    Stray {
        /// The status, from 100.
        status: usize,
    },
}

impl Place {
    /// The place of an answer with this cause and this status, between 100 and 599.
    #[inline]
    pub(super) fn of(last: u16, code: u16) -> Place {
        let (row, status) = (usize::from(last), usize::from(code) - 100);
        match ENDS.get(row) {
            Some(ends) if ends.codes[0] == code => Place::End { row, yes: true },
            Some(ends) if ends.codes[1] == code => Place::End { row, yes: false },
            Some(ends) if ends.teller != u8::MAX => Place::Told { teller: usize::from(ends.teller), status },
            _ => Place::Stray { status },
        }
    }
}

/// The ends that have a status, by row: each with whether it is the one on yes, and its status.
pub(super) fn ends() -> impl Iterator<Item = (usize, bool, u16)> {
    let both = |(row, ends): (usize, &Ends)| [(row, true, ends.codes[0]), (row, false, ends.codes[1])];
    ENDS.iter().enumerate().flat_map(both).filter(|(_, _, code)| *code != 0)
}
