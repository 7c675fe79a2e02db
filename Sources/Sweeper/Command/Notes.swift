import Foundation

/// Writes a line to standard error: everything that is not the data that a command was asked for.
func printNote(_ text: String) {
    FileHandle.standardError.write(Data((Table.printable(text) + "\n").utf8))
}
