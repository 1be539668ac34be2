//! A list in which a later value of the same key takes the place of the earlier one.

use std::collections::BTreeMap;

/// Values in the order in which their keys came first. One statement may not write a row twice.
#[derive(Debug)]
pub(crate) struct Keyed<K, V> {
    places: BTreeMap<K, usize>,
    values: Vec<V>,
}

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            values: Vec::new(),
        }
    }
}

impl<K: Ord, V> Keyed<K, V> {
    /// Puts a value in its place.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if let Some(one) = self
            .places
            .get(&key)
            .and_then(|at| self.values.get_mut(*at))
        {
            *one = value;
            return;
        }
        self.places.insert(key, self.values.len());
        self.values.push(value);
    }

    /// Puts a value where there is none.
    pub(crate) fn put_new(&mut self, key: K, value: V) {
        if !self.places.contains_key(&key) {
            self.put(key, value);
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.places.get(key).and_then(|at| self.values.get(*at))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn values(&self) -> &[V] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_takes_the_place_of_the_earlier_one() {
        let mut list = Keyed::default();
        list.put("b", 1);
        list.put("a", 2);
        list.put("b", 3);
        list.put_new("a", 4);
        list.put_new("c", 5);
        assert_eq!(list.values(), [3, 2, 5]);
        assert_eq!(list.get(&"b"), Some(&3));
    }
}
