/// A database by its own client, for SQL that the benchmark itself wrote.
package struct Psql: Sendable {
    private let program: Program
    package let address: String

    package init(address: String, environment: [String: String]) {
        program = Program(path: "/usr/bin/psql", environment: environment)
        self.address = address
    }

    @discardableResult
    package func run(_ sql: String) throws -> String {
        try program.run(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", sql])
    }

    /// The one number that a question has for an answer.
    package func number(_ sql: String) throws -> Double {
        let text = try run(sql)
        guard let number = Double(text.filter { !$0.isWhitespace }) else {
            throw Program.Failure(description: "\(sql) is '\(text)'")
        }
        return number
    }
}
