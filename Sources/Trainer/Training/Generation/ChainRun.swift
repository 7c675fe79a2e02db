package import Dataset
package import Experiment
package import Transformer

/// Samples every modality of a chain for some clips, each from what is given and what was sampled before it.
package struct ChainRun {
    /// One link's outcome, by sample.
    package struct Link: Sendable {
        package let task: GenerationTask
        /// What each sample's encoder was shown.
        package let conditions: [TokenSequence]
        /// As the model knows them: in the token set's layout.
        package let tokens: [[Int32]]
    }

    /// One sample of one clip. Its random stream depends on both numbers and on nothing else.
    package struct Sample: Sendable, Hashable {
        package let clip: Int
        package let number: Int
        /// The first sample of a clip has the clip's own stream.
        package var stream: Int { clip + number << 32 }
    }

    package let samples: [Sample]
    private let tokens: TokenSet
    private let settings: GenerationSettings

    /// `clips` is how many of the eval split's clips there are samples of.
    package init(_ settings: GenerationSettings, tokens: TokenSet, clips: Int) {
        self.settings = settings
        self.tokens = tokens
        samples = (0..<clips).flatMap { clip in
            (0..<settings.samples).map { Sample(clip: clip, number: $0) }
        }
    }

    package func generator(_ task: GenerationTask) throws(TransformerError) -> any TokenGenerator {
        try settings.generator(task, units: tokens.steps[task.target.name])
    }

    package func run(_ model: Nano4M, tasks: [GenerationTask]) throws -> [Link] {
        var links: [Link] = []
        for task in tasks {
            let conditions = samples.indices.map { index in
                task.condition(tokens, clip: samples[index].clip, drawn: links.map { $0.tokens[index] })
            }
            let drawn = try generator(task).generate(
                model, conditions: conditions, seed: UInt64(settings.seed), streams: samples.map(\.stream))
            links.append(Link(task: task, conditions: conditions, tokens: drawn))
        }
        return links
    }
}
