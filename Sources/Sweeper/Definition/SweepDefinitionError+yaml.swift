import Yams

extension SweepDefinitionError {
    /// A YAML syntax error as a sentence with its place.
    init(_ error: YamlError, file: String, text: String) {
        func at(_ mark: Mark) -> SourcePosition { SourcePosition(file: file, line: mark.line, column: mark.column) }
        let start = SourcePosition(file: file, line: 1, column: 1)
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
            let isIndent = problem.contains("tab character") || problem.contains("cannot start any token")
            let hint = isIndent ? "; indent with spaces, not tabs, and quote signs" : ""
            self.init(.syntax, at: at(mark), "not valid YAML: \(problem)\(place)\(hint)")
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            self.init(
                .syntax, at: SourcePosition(file: file, line: line, column: column),
                "not valid YAML: \(problem); save the file as UTF-8 text")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\($0.prefix(60))'" }.joined(separator: ", ")
            self.init(.duplicateKey, at: at(context.mark), "the key \(names) is in this mapping twice; keep one")
        case .memory:
            self.init(.tooLarge, at: start, "values are nested too deeply")
        default:
            self.init(.syntax, at: start, "not valid YAML; the file must be one YAML document in UTF-8")
        }
    }
}
