//! `order_mapping_fuzz::dtd_order` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::dtd_order(data);
});
