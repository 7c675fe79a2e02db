import Experiment
import SweepDefinition

extension SweepDefinitionError {
    /// What the trainer would say of a trial's config, at the place of the parameter that it names first.
    init(_ error: SettingsError, grid: Grid, choice: [Int], otherwise: SourcePosition) {
        let words = error.description.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        let named = words.lazy.compactMap { word in grid.axes.firstIndex { $0.name == word } }
            .first { choice[$0] != Grid.absent }
        let kind: Code =
            switch error.kind {
            case .unknownKey: .unknownKey
            case .missingKey: .missingKey
            case .wrongType: .wrongType
            case .invalidValue: .invalidValue
            }
        let position = named.map { axis in
            // An unknown key of a structure is in the value; an unknown parameter is the name itself.
            RunSettings.configKeys.contains(grid.axes[axis].name)
                ? grid.axes[axis].points[choice[axis]].position : grid.axes[axis].position
        }
        self.init(kind, at: position ?? otherwise, error.description)
    }
}
