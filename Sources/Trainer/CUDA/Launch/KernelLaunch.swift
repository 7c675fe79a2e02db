/// One call of a kernel by a grid of blocks of threads.
package struct KernelLaunch: Hashable, Sendable {
    package let kernel: Kernel
    package let gridX: Int
    package let gridY: Int
    package let threads: Int
    /// Bytes of each argument.
    package let sizes: [Int]
    /// Two words an argument.
    private let words: [UInt64]

    init(_ kernel: Kernel, gridX: Int, gridY: Int = 1, threads: Int, _ arguments: [KernelArgument]) {
        self.kernel = kernel
        self.gridX = gridX
        self.gridY = gridY
        self.threads = threads
        sizes = arguments.map(\.size)
        words = arguments.flatMap { [$0.words.0, $0.words.1] }
    }

    /// Calls `body` with the arguments' addresses, as launches want them.
    package func withArguments<Result>(
        _ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Result
    ) -> Result {
        var words = words
        return words.withUnsafeMutableBytes { bytes in
            // One more, so that there is an address even without arguments.
            var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: sizes.count + 1)
            for place in sizes.indices { addresses[place] = bytes.baseAddress.map { $0 + 16 * place } }
            return addresses.withUnsafeMutableBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
        }
    }
}
