//! Blocks that lie within each other or apart, as one sorted row: what the smallest block says of each stretch of
//! addresses.

/// The stretches. An address belongs to the last one that begins at it or before it.
#[derive(Clone, Debug)]
pub(super) struct Table<A, V> {
    /// Sorted, each greater than the one before.
    starts: Box<[A]>,
    /// What is said of each stretch, if anything.
    values: Box<[Option<V>]>,
}

impl<A, V> Default for Table<A, V> {
    fn default() -> Self {
        Self { starts: Box::default(), values: Box::default() }
    }
}

/// An address as a number.
pub(super) trait Address: Copy + Ord {
    /// The address behind it, if it is not the last.
    fn next(self) -> Option<Self>;
}

impl Address for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Address for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl<A: Address, V: Copy + PartialEq> Table<A, V> {
    /// Of blocks with their first and last address. Of two that are the same, the one that comes first counts.
    pub(super) fn new(mut blocks: Vec<(A, A, V)>) -> Self {
        // a block comes behind those that it lies in
        blocks.sort_by(|(first, last, _), (other, others_last, _)| first.cmp(other).then(others_last.cmp(last)));
        blocks.dedup_by(|later, earlier| (later.0, later.1) == (earlier.0, earlier.1));
        let mut row = NetworkRow::default();
        let mut open: Vec<(A, V)> = Vec::new();
        for (first, last, value) in blocks {
            row.close(&mut open, Some(first));
            row.begin(first, Some(value));
            open.push((last, value));
        }
        row.close(&mut open, None);
        Self { starts: row.starts.into(), values: row.values.into() }
    }

    pub(super) fn find(&self, address: A) -> Option<V> {
        let behind = self.starts.partition_point(|&start| start <= address);
        self.values[behind.checked_sub(1)?]
    }
}

impl<A, V> Table<A, V> {
    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

struct NetworkRow<A, V> {
    starts: Vec<A>,
    values: Vec<Option<V>>,
}

impl<A, V> Default for NetworkRow<A, V> {
    fn default() -> Self {
        Self { starts: Vec::new(), values: Vec::new() }
    }
}

impl<A: Address, V: Copy + PartialEq> NetworkRow<A, V> {
    /// Ends the blocks whose last address lies before `until`; behind each, the block around it goes on.
    fn close(&mut self, open: &mut Vec<(A, V)>, until: Option<A>) {
        while let Some((last, _)) = open.pop_if(|(last, _)| until.is_none_or(|until| *last < until)) {
            if let Some(next) = last.next() {
                self.begin(next, open.last().map(|(_, value)| *value));
            }
        }
    }

    fn begin(&mut self, start: A, value: Option<V>) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.values.pop();
        }
        // what goes on as it was is no new stretch
        if self.values.last().copied().flatten() != value {
            self.starts.push(start);
            self.values.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stretches_are_as_few_as_can_be() {
        let table = Table::new(vec![(0u32, 9, 'a'), (10, 19, 'a'), (12, 13, 'b'), (12, 12, 'b'), (20, 29, 'c')]);
        assert_eq!((&*table.starts, table.values.len()), (&[0, 12, 14, 20, 30][..], 5));
        assert_eq!(table.find(13), Some('b'));
        assert_eq!(table.find(30), None);
        assert_eq!(Table::new(vec![(0u32, u32::MAX, ())]).starts.len(), 1);
        assert_eq!(Table::<u32, ()>::default().find(0), None);
    }

    proptest! {
        #[test]
        fn the_smallest_block_tells(blocks in prop::collection::vec((0u32..64, 0u32..7, 0u8..3), 0..12)) {
            let blocks: Vec<(u32, u32, u8)> = blocks
                .into_iter()
                .map(|(address, bits, value)| (address >> bits << bits, bits, value))
                .map(|(first, bits, value)| (first, first + (1 << bits) - 1, value))
                .collect();
            let table = Table::new(blocks.clone());
            prop_assert!(table.starts.is_sorted_by(|one, next| one < next));
            for address in 0..130 {
                let around = blocks.iter().filter(|(first, last, _)| (*first..=*last).contains(&address));
                let smallest = around.min_by_key(|(first, last, _)| last - first);
                prop_assert_eq!(table.find(address), smallest.map(|(_, _, value)| *value), "{} {:?}", address, blocks);
            }
        }
    }
}
