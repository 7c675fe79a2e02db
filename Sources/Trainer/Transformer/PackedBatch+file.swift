package import Tensor

/// A batch as a file, to look at one or to compute with it again.
extension PackedBatch {
    package func fileTensors() -> [SafeTensors.Output] {
        [("input", input), ("target", target)].flatMap { name, side in
            [
                ("lengths", side.lengths.map(Int32.init)), ("modalities", side.tokens.modality),
                ("positions", side.tokens.position), ("tokens", side.tokens.token),
            ].map { SafeTensors.Output("\(name).\($0)", shape: [$1.count], int32s: $1) }
        }
    }

    /// Throws ``TensorError`` or ``TransformerError``.
    package init(file: SafeTensors) throws {
        func side(_ name: String) throws -> Side {
            try Side(
                lengths: file.int32s("\(name).lengths").map(Int.init),
                tokens: TokenSequence(
                    modality: file.int32s("\(name).modalities"), position: file.int32s("\(name).positions"),
                    token: file.int32s("\(name).tokens")))
        }
        try self.init(input: side("input"), target: side("target"))
    }
}
