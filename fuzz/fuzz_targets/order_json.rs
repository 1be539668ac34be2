//! `order_mapping_fuzz::order_json` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::order_json(data);
});
