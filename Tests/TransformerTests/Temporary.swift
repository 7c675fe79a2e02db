import Glibc

/// A path for this test process alone.
func temporaryPath(_ name: String) -> String {
    let folder = "/tmp/saga-transformer-tests-\(getpid())"
    mkdir(folder, 0o755)
    return "\(folder)/\(name)"
}
