import CKernels
import Glibc

/// The backend of the host: the C kernels of the best instruction set, work shared among threads.
package final class CPUBackend: Backend {
    let pool: WorkerPool
    let kernels: Kernels
    /// Scratch memory of each worker, for attention scores.
    var scratch: [FloatStorage]
    /// Memory of each worker for the blocks of matrices that a product packs.
    let packing: [FloatStorage]

    /// Elements below which a kernel is not worth a second thread.
    private static let grain = 16_384

    /// `instructionSet` is one of the C kernels' levels; one that this processor lacks falls back to the best it has.
    package init(threads: Int = CPUBackend.defaultThreads, instructionSet: Int? = nil) {
        pool = WorkerPool(width: threads)
        let level = instructionSet.map(Int32.init) ?? kernels_best_level()
        guard let table = kernels_for(level) ?? kernels_for(kernels_best_level()) else {
            // Its own best level exists on every processor.
            preconditionFailure("no kernels for this processor")
        }
        kernels = table.pointee
        kernelName = String(cString: kernels.name)
        scratch = (0..<pool.width).map { _ in FloatStorage(count: 0) }
        packing = (0..<pool.width).map { _ in FloatStorage(count: Int(product_scratch)) }
    }

    /// The instruction set that a backend uses on this processor.
    package static var bestKernelName: String {
        kernels_for(kernels_best_level()).map { String(cString: $0.pointee.name) } ?? "none"
    }

    /// `SAGA_THREADS`, else the processors that are online.
    package static var defaultThreads: Int {
        if let text = getenv("SAGA_THREADS"), let count = Int(String(cString: text)), (1...1024).contains(count) {
            return count
        }
        return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    package var threads: Int { pool.width }

    /// The instruction set that the kernels, matrix products among them, were compiled for.
    package let kernelName: String

    /// Shares out `rows` of `dim` elements each.
    func forRows(_ rows: Int, of dim: Int, _ body: (Range<Int>) -> Void) {
        pool.forRanges(rows, grain: max(1, CPUBackend.grain / max(1, dim))) { range, _ in body(range) }
    }

    package func geluBackward(gradient: Buffer, input: Buffer, count: Int) {
        forRows(count, of: 1) {
            kernels.gelu_backward_activating(gradient + $0.lowerBound, input + $0.lowerBound, $0.count)
        }
    }

    package func add(_ out: Buffer, _ input: Buffer, count: Int) {
        forRows(count, of: 1) { kernels.add(out + $0.lowerBound, input + $0.lowerBound, $0.count) }
    }

    package func fill(_ out: Buffer, with value: Float, count: Int) {
        forRows(count, of: 1) { (out + $0.lowerBound).update(repeating: value, count: $0.count) }
    }

    package func gather(out: Buffer, table: Buffer, indices: [Int32], dim: Int, accumulate: Bool) {
        indices.withUnsafeBufferPointer { indices in
            guard let first = indices.baseAddress else { return }
            forRows(indices.count, of: dim) {
                kernels.gather(
                    out + $0.lowerBound * dim, table, first + $0.lowerBound, $0.count, dim, accumulate ? 1 : 0)
            }
        }
    }

    package func scatterAdd(table: Buffer, input: Buffer, indices: [Int32], dim: Int) {
        indices.withUnsafeBufferPointer { indices in
            guard let first = indices.baseAddress else { return }
            // Columns, not rows, are shared out: two rows may go to the same place.
            forRows(dim, of: indices.count) {
                kernels.scatter_add(table, input, first, indices.count, dim, $0.lowerBound, $0.upperBound)
            }
        }
    }

    package func crossEntropy(
        logits: Buffer, targets: ArraySlice<Int32>, scale: ArraySlice<Float>, columns: Int
    ) -> [Float] {
        var losses = [Float](repeating: 0, count: targets.count)
        losses.withUnsafeMutableBufferPointer { losses in
            targets.withUnsafeBufferPointer { targets in
                scale.withUnsafeBufferPointer { scale in
                    guard let losses = losses.baseAddress, let target = targets.baseAddress,
                        let scale = scale.baseAddress
                    else { return }
                    forRows(targets.count, of: columns) {
                        let first = $0.lowerBound
                        kernels.cross_entropy(
                            logits + first * columns, losses + first, target + first, scale + first, $0.count, columns)
                    }
                }
            }
        }
        return losses
    }

    package func norm(_ values: Buffer, count: Int) -> Double {
        // Parts of a fixed size, added in order: the same sum for any number of threads.
        let size = 65_536
        var sums = [Double](repeating: 0, count: (count + size - 1) / size)
        sums.withUnsafeMutableBufferPointer { sums in
            pool.run(pieces: sums.count) { part, _ in
                sums[part] = kernels.square_sum(values + part * size, min(size, count - part * size))
            }
        }
        return sums.reduce(0, +).squareRoot()
    }

    package func norm(_ gradients: Buffer, table: TableRows) -> Double {
        table.touched.reduce(0) { $0 + kernels.square_sum(gradients + Int($1) * table.dim, table.dim) }.squareRoot()
    }
}
