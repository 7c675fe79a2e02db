import Tensor

/// Between the backend and its device. Of a step it keeps what is to be computed until the step's end and asks for all
/// of it at once, as a graph where it was asked for before; at other times it passes everything on.
///
/// Graphs are found by what they compute, addresses and numbers included, so that one is never used for other work: a
/// number that changes from step to step and lies in a kernel's arguments costs the graph, not the result.
final class StepRecorder: KernelDevice {
    /// Called before work that was recorded is asked for; `goesOn` if more is recorded after it.
    var willCompute: ((_ goesOn: Bool) throws(TensorError) -> Void)?
    let device: any KernelDevice
    private var graphs: GraphCache
    /// Graphs to keep of steps that are one.
    private let mostSteps: Int
    /// That the step has been cut into so far.
    private var pieces = 0
    private var step: Step?
    /// Where what the host reads of a step waits for it.
    private var results = DeviceBlocks()
    /// Of a step that was interrupted where nothing could be thrown.
    private var failure: TensorError?

    private struct Step {
        var works: [DeviceWork] = []
        var copies: [RecordedCopy] = []
    }

    init(_ device: any KernelDevice, graphs: Int) {
        self.device = device
        self.graphs = GraphCache(limit: graphs)
        mostSteps = graphs
    }

    deinit { results.free(device) }

    var isRecording: Bool { step != nil }

    /// What is asked for from now on is computed at ``end()``.
    func begin() {
        results.begin(device)
        step = Step()
        pieces = 0
    }

    /// Asks for what was recorded, if anything still is.
    func end() throws(TensorError) { try end(goesOn: false) }

    /// Asks for what was recorded so far, so that others' work comes after it, as a graph of its own. What is asked for
    /// next is recorded again.
    func cut() throws(TensorError) {
        guard isRecording else { return }
        try end(goesOn: true)
        step = Step()
    }

    private func end(goesOn: Bool) throws(TensorError) {
        if let failure { throw failure }
        pieces += 1
        graphs.limit = max(graphs.limit, mostSteps * pieces)
        try compute(goesOn: goesOn) { (works) throws(TensorError) in
            if let graph = try graphs.graph(of: works, on: device) {
                try device.launch(graph)
            } else {
                try device.compute(works)
            }
        }
    }

    /// Forgets what was recorded, after a failure.
    func abandon() { step = nil }

    /// The step cannot be one piece: what comes next needs what was asked for to be on its way.
    fileprivate func interrupt() throws(TensorError) {
        try compute(goesOn: false) { (works) throws(TensorError) in try device.compute(works) }
    }

    private func compute(
        goesOn: Bool, _ body: ([DeviceWork]) throws(TensorError) -> Void
    ) throws(TensorError) {
        guard let step else { return }
        self.step = nil
        try willCompute?(goesOn)
        try body(step.works)
        for copy in step.copies { copy.copy = try device.fetch(copy.pointer, bytes: copy.count) }
    }

    func launch(_ launch: KernelLaunch) throws(TensorError) {
        if isRecording { step?.works.append(.launch(launch)) } else { try device.launch(launch) }
    }

    func multiply(_ product: DeviceProduct) throws(TensorError) {
        if isRecording { step?.works.append(.multiply(product)) } else { try device.multiply(product) }
    }

    func copy(
        from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int
    ) throws(TensorError) {
        if isRecording {
            step?.works.append(.copy(from: from, to: to, bytes: bytes))
        } else {
            try device.copy(from: from, to: to, bytes: bytes)
        }
    }

    /// What is read of a step is copied aside, to the same place each time, since its memory may serve again within the
    /// step.
    func fetch(_ pointer: UnsafeMutableRawPointer, bytes: Int) throws(TensorError) -> any DeviceCopy {
        guard isRecording else { return try device.fetch(pointer, bytes: bytes) }
        let place = try results.take(bytes: bytes, device)
        try copy(from: pointer, to: place, bytes: bytes)
        let copy = RecordedCopy(self, place, count: bytes)
        step?.copies.append(copy)
        return copy
    }

    func allocateShared(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        try device.allocateShared(bytes: bytes)
    }

    func allocate(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer { try device.allocate(bytes: bytes) }

    /// Memory that grows is given back before more is taken: that cannot wait for the step's end.
    func free(_ pointer: UnsafeMutableRawPointer) {
        do throws(TensorError) {
            try interrupt()
        } catch {
            failure = error
        }
        device.free(pointer)
    }

    func beginPass() throws(TensorError) { try device.beginPass() }

    func copyAhead(_ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer) throws(TensorError) {
        try device.copyAhead(bytes, to: pointer)
    }

    func finish() throws(TensorError) {
        try interrupt()
        try device.finish()
    }

    func graph(of works: [DeviceWork]) throws(TensorError) -> (any DeviceGraph)? { try device.graph(of: works) }
    func launch(_ graph: any DeviceGraph) throws(TensorError) { try device.launch(graph) }
}

/// What a step leaves to be read: on its way once the step has been asked for.
private final class RecordedCopy: DeviceCopy {
    let pointer: UnsafeMutableRawPointer
    let count: Int
    var copy: (any DeviceCopy)?
    private let recorder: StepRecorder

    init(_ recorder: StepRecorder, _ pointer: UnsafeMutableRawPointer, count: Int) {
        self.recorder = recorder
        self.pointer = pointer
        self.count = count
    }

    func bytes() throws(TensorError) -> [UInt8] {
        if copy == nil { try recorder.interrupt() }
        guard let copy else { throw TensorError(.deviceFailed, "a step was not computed, as another failure says") }
        return try copy.bytes()
    }
}
