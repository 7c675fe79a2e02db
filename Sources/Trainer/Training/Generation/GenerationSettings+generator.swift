import Dataset
package import Experiment
package import Transformer

extension GenerationSettings {
    /// The way to sample a task's target; `units` are the positions that its layout lets an autoregressive pass decode
    /// together.
    package func generator(_ task: GenerationTask, units: [[Int32]]?) throws(TransformerError) -> any TokenGenerator {
        let sampler = try Sampler(
            temperature: temperature, topK: topK < 1 ? 0 : Int(topK), topShare: topK < 1 ? topK : 0, topP: topP)
        var plan = try DecodingPlan(
            target: task.targetIndex, length: task.target.length, steps: steps, sampler: sampler)
        plan.schedule = stepSchedule
        plan.temperatures = temperatureSchedule
        plan.minimumTemperature = minimumTemperature
        plan.guidanceScale = guidanceScale
        switch order {
        case .roar: return ROARGenerator(plan)
        case .maskgit: return try MaskGITGenerator(plan, gumbelTemperature: gumbelTemperature)
        case .autoregressive: return try AutoregressiveGenerator(plan, units: units)
        }
    }
}
