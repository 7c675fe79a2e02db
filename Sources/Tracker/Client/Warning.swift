import Glibc

/// Tells the person at the terminal, or the run's output file, what does not work.
package func printWarning(_ message: String) {
    let line = "tracker client: \(message)\n"
    _ = line.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
