//! The `allclear` binary: hands its arguments to the library and exits with its code.

fn main() -> std::process::ExitCode {
    allclear::cli::run()
}
