//! `order_mapping_fuzz::stock_file` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::stock_file(data);
});
