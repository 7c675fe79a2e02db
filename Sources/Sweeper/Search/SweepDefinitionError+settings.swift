import Experiment
import SweepDefinition

extension SweepDefinitionError {
    /// What the trainer would say of a trial's config, at the place of the parameter that it names first.
    init(_ error: SettingsError, _ definition: Definition, points: [String: Grid.Point]) {
        let words = error.description.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }.map(String.init)
        let kind: Code =
            switch error.kind {
            case .unknownKey: .unknownKey
            case .missingKey: .missingKey
            case .wrongType: .wrongType
            case .invalidValue: .invalidValue
            }
        let position = words.first { points[$0] != nil }.flatMap { name in
            // An unknown key of a structure is in the value; an unknown parameter is the name itself.
            RunSettings.configKeys.contains(name)
                ? points[name]?.position : definition.parameters.first { $0.name == name }?.position
        }
        self.init(kind, at: position ?? definition.parametersPosition, error.description)
    }
}
