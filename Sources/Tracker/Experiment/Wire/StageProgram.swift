/// A program in our trainer's place, as the sweep file has it.
package struct StageProgram: Codable, Sendable, Hashable {
    package var program: String
    /// The command line with its macros, one argument an item; nil: W&B's usual one.
    package var command: [String]?

    package init(program: String, command: [String]? = nil) {
        self.program = program
        self.command = command
    }
}
