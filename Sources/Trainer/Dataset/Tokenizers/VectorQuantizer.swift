import Tensor

/// Vectors as one token each: principal components, then the nearest of K centres.
struct VectorQuantizer: Sendable, Hashable {
    let components: PrincipalComponents
    /// One centre a row, in the components' coordinates.
    let centres: Matrix
    /// What each token stands for, one vector a row.
    let table: Matrix

    /// Vectors that a fit reads at most; more change little and cost time.
    static let fitRows = 16_384

    init(components: PrincipalComponents, centres: Matrix) {
        self.components = components
        self.centres = centres
        table = components.reconstruct(centres)
    }

    static func fit(
        _ samples: Matrix, components: Int, vocabulary: Int, seed: UInt64
    ) throws(TensorError) -> VectorQuantizer {
        let chosen = samples.thinned(to: fitRows)
        let principal = try PrincipalComponents.fit(chosen, components: components)
        let centres = KMeans.fit(principal.project(chosen), count: vocabulary, seed: seed)
        return VectorQuantizer(components: principal, centres: centres)
    }

    var vocabularySize: Int { centres.rows }

    func encode(_ samples: Matrix) -> [Int32] {
        KMeans.nearest(components.project(samples), centres: centres)
    }

    /// One vector a row; ids must lie in the vocabulary.
    func decode(_ tokens: some Collection<Int32>) -> Matrix {
        var values: [Float] = []
        values.reserveCapacity(tokens.count * table.columns)
        for token in tokens {
            values.append(contentsOf: table.values[Int(token) * table.columns..<(Int(token) + 1) * table.columns])
        }
        return Matrix(rows: tokens.count, columns: table.columns, values: values)
    }
}

extension VectorQuantizer {
    func outputs(_ prefix: String = "") -> [SafeTensors.Output] {
        [
            SafeTensors.Output("\(prefix)mean", shape: [components.mean.count], floats: components.mean),
            SafeTensors.Output(
                "\(prefix)basis", shape: [components.basis.rows, components.basis.columns],
                floats: components.basis.values),
            SafeTensors.Output(
                "\(prefix)variances", shape: [components.variances.count], floats: components.variances),
            SafeTensors.Output("\(prefix)centres", shape: [centres.rows, centres.columns], floats: centres.values),
        ]
    }

    init(_ file: SafeTensors, prefix: String = "") throws(TensorError) {
        self.init(
            components: try PrincipalComponents(file, prefix: prefix),
            centres: try file.matrix("\(prefix)centres"))
        guard centres.columns == components.basis.rows else {
            throw TensorError(.wrongShape, "the centres do not fit the basis of '\(prefix)'")
        }
    }
}

extension PrincipalComponents {
    init(_ file: SafeTensors, prefix: String) throws(TensorError) {
        self.init(
            mean: try file.floats("\(prefix)mean"), basis: try file.matrix("\(prefix)basis"),
            variances: try file.floats("\(prefix)variances"))
        guard mean.count == basis.columns, variances.count == basis.rows else {
            throw TensorError(.wrongShape, "mean and basis of '\(prefix)' do not fit each other")
        }
    }
}

extension SafeTensors {
    func matrix(_ name: String) throws(TensorError) -> Matrix {
        let shape = try entry(name).shape
        guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
            throw TensorError(.wrongShape, "tensor '\(name)' has shape \(shape) and should be a matrix")
        }
        return Matrix(rows: shape[0], columns: shape[1], values: try floats(name))
    }
}
