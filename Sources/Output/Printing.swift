import Experiment
import Foundation

/// Data, for standard output.
package func printOutput(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

/// Everything that is not data, for standard error.
package func printNote(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Terminal.printable(String($0)) }
    FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
}

/// Prints rows in the format that was asked for; a table fits the terminal, if there is one.
package func printRows(_ rows: some Encodable, as format: OutputFormat, table: Table, csv: Table) throws {
    switch format {
    case .table: printOutput(TextTable(width: Terminal.width, isStyled: Terminal.isStyled).text(table))
    case .csv: FileHandle.standardOutput.write(Data(CSV.text(csv).utf8))
    case .json: printOutput(String(decoding: try JSONCoding.encode(rows), as: UTF8.self))
    }
}

/// Prints a table that says the same in every format; in JSON as a list of objects.
package func printTable(_ table: Table, as format: OutputFormat) throws {
    try printRows(table.objects, as: format, table: table, csv: table)
}

package func writeOutputFile(_ text: String, to path: String) throws {
    do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
        throw CommandError("cannot_write", "\(path): cannot be written; does its folder exist, and is it yours?")
    }
}
