/// What a sweep may use at most; nothing new is started beyond it.
package struct Budget: Sendable, Hashable {
    package var trials: Int?
    package var gpuHours: Double?

    package init(trials: Int? = nil, gpuHours: Double? = nil) {
        self.trials = trials
        self.gpuHours = gpuHours
    }
}

extension Budget {
    init(_ value: YAMLValue) throws {
        let reader = try MappingReader(value, subject: "'budget'", keys: ["trials", "gpu_hours"])
        trials = try reader.positiveInt("trials")
        gpuHours = try reader.number("gpu_hours")
        if let gpuHours, gpuHours <= 0 {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("gpu_hours"), "'gpu_hours' of 'budget' must be above 0")
        }
    }
}
