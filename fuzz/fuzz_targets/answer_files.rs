//! `order_mapping_fuzz::answer_files` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::answer_files(data);
});
