import CCUDA
import Synchronization
import Tensor

/// Ranks with a GPU each: sums by NCCL in a stream of their own, everything else by way of the hosts.
final class NCCLCommunicator: Communicator, @unchecked Sendable {
    let rank: Int
    let ranks: Int
    private let host: any Communicator
    private let gpu: GPU
    private let nccl: NCCL
    private var stream: UnsafeMutableRawPointer?
    /// When the gradients that are to be summed are there, and when the sums are.
    private var ready: UnsafeMutableRawPointer?
    private var done: UnsafeMutableRawPointer?
    private var failure: RankError?
    /// Nil once it was aborted, which another thread may do at any time.
    private let joined = Mutex<Address?>(nil)

    private struct Address: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

    init(_ host: any Communicator, _ gpu: GPU, search: LibrarySearch = LibrarySearch()) throws {
        (rank, ranks) = (host.rank, host.ranks)
        self.host = host
        self.gpu = gpu
        nccl = try NCCL(search)
        try gpu.driver.check(
            gpu.driver.functions.cuStreamCreate(&stream, UInt32(cuda_stream_non_blocking)), "make a stream")
        let flags = UInt32(cuda_event_disable_timing)
        try gpu.driver.check(gpu.driver.functions.cuEventCreate(&ready, flags), "make an event")
        try gpu.driver.check(gpu.driver.functions.cuEventCreate(&done, flags), "make an event")
        // The first rank's id brings them together; versions of NCCL do not mix.
        var id = CollectiveID()
        if rank == 0 { try nccl.check(nccl.functions.ncclGetUniqueId(&id), "begin", nil) }
        let versions = try host.gather([Double(nccl.version)]).compactMap(\.first)
        guard Set(versions).count == 1 else {
            throw RankError(
                .unequalRanks,
                "ranks have different versions of NCCL (\(Set(versions.map { Int($0) }).sorted())); give all the same, as by "
                    + "one Python environment")
        }
        let first = try host.exchange(withUnsafeBytes(of: id) { Array($0) })[0]
        withUnsafeMutableBytes(of: &id) { $0.copyBytes(from: first) }
        var made: UnsafeMutableRawPointer?
        try nccl.check(nccl.functions.ncclCommInitRank(&made, Int32(ranks), id, Int32(rank)), "join the ranks", nil)
        let address = made.map { Address(pointer: $0) }
        joined.withLock { $0 = address }
    }

    deinit {
        _ = gpu.driver.functions.cuStreamSynchronize(stream)
        let address = joined.withLock { address in
            defer { address = nil }
            return address
        }
        if let address { _ = nccl.functions.ncclCommDestroy(address.pointer) }
        for event in [ready, done] { _ = gpu.driver.functions.cuEventDestroy_v2(event) }
        _ = gpu.driver.functions.cuStreamDestroy_v2(stream)
    }

    /// Ends sums that would wait for a lost rank for ever; from any thread.
    func abort() {
        joined.withLock { address in
            if let pointer = address?.pointer { _ = nccl.functions.ncclCommAbort(pointer) }
            address = nil
        }
    }

    func exchange(_ bytes: [UInt8]) throws(RankError) -> [[UInt8]] { try host.exchange(bytes) }

    func beginSum(_ values: UnsafeMutablePointer<Float>, count: Int) {
        guard count > 0, failure == nil else { return }
        do throws(RankError) {
            try order(gpu.driver.functions.cuEventRecord(ready, gpu.stream))
            try order(gpu.driver.functions.cuStreamWaitEvent(stream, ready, 0))
            guard let communicator = joined.withLock({ $0 })?.pointer else { throw aborted }
            try nccl.check(
                nccl.functions.ncclAllReduce(
                    values, values, count, Int32(nccl_float32), Int32(nccl_sum), communicator, stream),
                "add up gradients", communicator)
        } catch {
            failure = error
        }
    }

    func finishSums() throws(RankError) {
        if let failure { throw failure }
        try order(gpu.driver.functions.cuEventRecord(done, stream))
        try order(gpu.driver.functions.cuStreamWaitEvent(gpu.stream, done, 0))
        guard let communicator = joined.withLock({ $0 })?.pointer else { throw aborted }
        var late: Int32 = 0
        try nccl.check(
            nccl.functions.ncclCommGetAsyncError(communicator, &late), "tell how it is doing", communicator)
        try nccl.check(late, "add up gradients", communicator)
    }

    private var aborted: RankError {
        RankError(.lostRank, "another rank is gone; its own output says why; start the run again to go on")
    }

    private func order(_ status: Int32) throws(RankError) {
        guard status != cuda_success else { return }
        throw RankError(.collectiveFailed, "the NVIDIA driver cannot order streams: \(gpu.driver.text(of: status))")
    }
}
