import Experiment
package import Tensor

/// One tensor of the model.
package struct Parameter: Sendable, Hashable {
    package let name: String
    package let shape: [Int]
    /// Where it starts in the flat arrays of values, gradients and optimizer moments.
    package let offset: Int
    /// False for norms, which weight decay leaves alone.
    package let decays: Bool

    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<(offset + count) }
}

/// All parameters in one flat array and their gradients in another, those that decay first.
package final class ParameterArena {
    package let list: [Parameter]
    package let values: FloatStorage
    package let gradients: FloatStorage
    /// The table that a batch reads few rows of: the token embedding. Of its gradient only those rows take memory.
    let tokenTable: Parameter?
    /// Rows of ``tokenTable`` that have a gradient now, rising; nil before the first batch.
    private(set) var touchedRows: [Int32]?
    /// Gradients of neighbouring matrices that a backward pass without accumulation writes only after the head's, and
    /// those that it writes only after the whole decoder's: until then their memory is free.
    let idleUntilDecoder: UnsafeMutableBufferPointer<Float>
    let idleUntilEncoder: UnsafeMutableBufferPointer<Float>
    private let indices: [String: Int]

    init(_ shapes: [(name: String, shape: [Int])], memory: (any FloatMemory)? = nil) {
        var list: [Parameter] = []
        var offset = 0
        for decays in [true, false] {
            for (name, shape) in shapes where ParameterArena.decays(name) == decays {
                list.append(Parameter(name: name, shape: shape, offset: offset, decays: decays))
                offset += shape.reduce(1, *)
            }
        }
        self.list = list
        values = FloatStorage(count: offset, memory: memory)
        gradients = FloatStorage(count: offset, memory: memory)
        tokenTable = list.first { $0.name == "enc_tok_emb.weight" }
        idleUntilDecoder = ParameterArena.longest(list, in: gradients) { !$0.name.hasPrefix("encoder.") }
        idleUntilEncoder = ParameterArena.longest(list, in: gradients) { $0.name.hasPrefix("encoder.") }
        if let tokenTable { gradients.keepSparse(tokenTable.range) }
        indices = Dictionary(uniqueKeysWithValues: list.enumerated().map { ($1.name, $0) })
    }

    /// The longest stretch of neighbours that are all such matrices within the network.
    private static func longest(
        _ list: [Parameter], in storage: FloatStorage, where isMeant: (Parameter) -> Bool
    ) -> UnsafeMutableBufferPointer<Float> {
        var (longest, current) = (0..<0, 0..<0)
        for parameter in list where parameter.isHiddenMatrix && isMeant(parameter) {
            let continues = parameter.range.lowerBound == current.upperBound
            current = (continues ? current.lowerBound : parameter.range.lowerBound)..<parameter.range.upperBound
            if current.count > longest.count { longest = current }
        }
        return UnsafeMutableBufferPointer(rebasing: storage.floats[longest])
    }

    /// Number of values of all parameters.
    package var count: Int { values.count }

    /// The leading values that decay; the rest do not.
    package var decayingCount: Int { list.last(where: \.decays)?.range.upperBound ?? 0 }

    /// The reference's rule.
    private static func decays(_ name: String) -> Bool { !name.contains("norm.") && !name.contains(".norm") }

    package subscript(name: String) -> Parameter? { indices[name].map { list[$0] } }

    /// Zeroes the gradients that are added to rather than written: of the token table, `rows` of which will have one,
    /// of other embeddings, norms and biases.
    func beginGradients(rows: [Int32], _ backend: any Backend) {
        for parameter in list where parameter.isAddedTo {
            if parameter == tokenTable, gradients.discard(parameter.range) { continue }
            backend.fill(gradients.pointer + parameter.offset, with: 0, count: parameter.count)
        }
        touchedRows = Set(rows).sorted()
    }

    /// Where the matrices and biases of a part of the model lie, all in one piece: ``list`` is in the model's order.
    func matrices(_ prefix: String) -> Range<Int> {
        let part = list.filter { $0.decays && $0.name.hasPrefix(prefix + ".") }
        return (part.first?.offset ?? 0)..<(part.last?.range.upperBound ?? 0)
    }

    package func values(of parameter: Parameter) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: values.floats[parameter.range])
    }

    package func gradients(of parameter: Parameter) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: gradients.floats[parameter.range])
    }
}

/// Where an operator finds its weight and leaves the weight's gradient.
struct Weight {
    let value: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let shape: [Int]
}

extension ParameterArena {
    /// The weight named so. Names come from the one list the arena was made of, so a miss is a mistake in this room.
    func weight(_ name: String) -> Weight {
        guard let parameter = self[name] else { preconditionFailure("no parameter \(name)") }
        return Weight(
            value: values.pointer + parameter.offset, gradient: gradients.pointer + parameter.offset,
            shape: parameter.shape)
    }

    /// The layer named so, with its bias if the model has biases.
    func linear(_ name: String) -> Linear { Linear(weight: weight("\(name).weight"), bias: bias(name)) }
    func norm(_ name: String) -> LayerNorm { LayerNorm(weight: weight("\(name).weight"), bias: bias(name)) }

    private func bias(_ name: String) -> Weight? { self["\(name).bias"] == nil ? nil : weight("\(name).bias") }
}
