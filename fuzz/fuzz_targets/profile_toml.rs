//! `order_mapping_fuzz::profile_toml` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    order_mapping_fuzz::profile_toml(data);
});
