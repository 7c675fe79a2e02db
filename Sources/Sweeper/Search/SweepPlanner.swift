package import Experiment
import SweepDefinition

/// Expands sweep definitions into plans. Pure: the same text gives the same plan, keys included, on every machine.
package enum SweepPlanner {
    /// Plans the definition `definitionText`, a YAML text; `file` is the name that errors give it.
    ///
    /// Throws `SweepDefinitionError`: one sentence that begins with FILE:LINE:COLUMN.
    package static func plan(definitionText: String, file: String) throws -> SweepPlan {
        throw SweepDefinitionError(
            .unsupported, at: SourcePosition(file: file, line: 1, column: 1), "sweeps cannot be planned yet")
    }
}
