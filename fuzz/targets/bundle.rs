#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| allclear_fuzz::bundle::check(input));
