/// What this machine's matrix products reach at most: what a training's speed is compared with.
package enum MachinePeak {
    /// Floating point operations a second: the best of a few square products that fit the caches, on all threads.
    package static func measured(_ backend: any Backend) -> Double {
        let size = 768
        let (a, b, c) = (
            FloatStorage(count: size * size, memory: backend.memory),
            FloatStorage(count: size * size, memory: backend.memory),
            FloatStorage(count: size * size, memory: backend.memory)
        )
        let product = MatrixProduct(
            m: size, n: size, k: size, a: a.pointer, lda: size, b: b.pointer, ldb: size, c: c.pointer, ldc: size)
        var best = 0.0
        for _ in 0..<4 {
            let start = ContinuousClock.now
            backend.multiply(product)
            backend.finish()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            best = max(best, 2 * Double(size * size * size) / max(seconds, 1e-9))
        }
        return best
    }
}
