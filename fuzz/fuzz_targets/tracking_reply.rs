//! `order_mapping_fuzz::tracking_reply` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::tracking_reply(data);
});
