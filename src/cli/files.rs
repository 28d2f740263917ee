//! How many files this process may open: what its connections are counted by.

/// The soft limit of open files; none where the system does not tell.
pub fn open_max() -> Option<usize> {
    read(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// The same out of what Linux says in `/proc/self/limits`: a name, the soft limit, the hard one.
fn read(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(usize::MAX),
        soft => soft.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_read_where_there_is_one() {
        let said = |limit: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max processes             3000                 3000                 processes \n\
                 Max open files            {limit}                 524288               files     \n"
            )
        };
        assert_eq!(read(&said("1024")), Some(1024));
        assert_eq!(read(&said("unlimited")), Some(usize::MAX));
        assert_eq!((read(&said("many")), read("")), (None, None));
        assert!(open_max().is_some_and(|files| files > 0));
    }
}
