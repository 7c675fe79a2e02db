/// What this machine's matrix products reach at most: what a training's speed is compared with.
package enum MachinePeak {
    /// Floating point operations a second: the best of a few square products, which on a CPU fit the caches.
    package static func measured(_ backend: any Backend) -> Double {
        // A GPU needs large products to be busy, of what it keeps activations in.
        let size = backend.isAsynchronous ? 4096 : 768
        let (a, b, c) = (
            FloatStorage(count: size * size, memory: backend.activationMemory),
            FloatStorage(count: size * size, memory: backend.activationMemory),
            FloatStorage(count: size * size, memory: backend.activationMemory)
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
