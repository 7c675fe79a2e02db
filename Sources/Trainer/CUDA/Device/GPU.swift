import CCUDA
package import Tensor

/// One of this machine's GPUs, by the CUDA driver: kernels and products in one stream, copies to it in another.
package final class GPU: KernelDevice {
    package let name: String
    /// As sm_90.
    package let architecture: String
    /// Tensor cores for bfloat16: cards of sm_80 or later.
    package let hasBFloat16: Bool
    let driver: GPUDriver
    private let index: Int
    let device: Int32
    private(set) var stream: UnsafeMutableRawPointer?
    private var module: UnsafeMutableRawPointer?
    private var functions: [Kernel: UnsafeMutableRawPointer] = [:]
    private let products: GPUProducts
    private let copies: GPUCopies
    private let graphs: GPUGraphs?
    /// Bytes of what is shared with the host, by address.
    private var shared: [UnsafeMutableRawPointer: Int] = [:]
    /// What is shared may have gone to the host since it was last asked to come back.
    private var mayBeOnHost = false

    /// Throws ``CUDAError`` with what is missing: driver, device, library.
    package init(
        index: Int, search: LibrarySearch = LibrarySearch(), cache: KernelCache = KernelCache(),
        shipped: ShippedKernels = ShippedKernels(), driver name: String = "libcuda.so.1"
    ) throws {
        driver = try GPUDriver(name: name)
        self.index = index
        device = try driver.device(index)
        self.name = try driver.name(device)
        let (generation, minor) = (
            try driver.attribute(cuda_compute_capability_major, of: device),
            try driver.attribute(cuda_compute_capability_minor, of: device)
        )
        architecture = "sm_\(generation)\(minor)"
        hasBFloat16 = generation >= 8
        guard generation >= 7, try driver.attribute(cuda_concurrent_managed_access, of: device) == 1 else {
            throw CUDAError(
                .unsuitableDevice,
                "GPU \(index) (\(self.name), \(architecture)) cannot be used: a Volta card or later on Linux is needed; "
                    + "choose another with --device cuda:N, or --device cpu")
        }
        var context: UnsafeMutableRawPointer?
        try driver.check(driver.functions.cuDevicePrimaryCtxRetain(&context, device), "open GPU \(index)")
        try driver.check(driver.functions.cuCtxSetCurrent(context), "use GPU \(index)")
        let flags = UInt32(cuda_stream_non_blocking)
        try driver.check(driver.functions.cuStreamCreate(&stream, flags), "make a stream")
        let (kind, major) = (architecture, driver.version / 1000)
        let load = driver.functions.cuModuleLoadData
        var module: UnsafeMutableRawPointer?
        func loaded(_ cubin: [UInt8]) -> Int32 {
            cubin.withUnsafeBytes { bytes in
                bytes.baseAddress.map { load(&module, $0) } ?? Int32(cuda_error_invalid_image)
            }
        }
        if !shipped.cubins(generation: generation, minor: minor).contains(where: { loaded($0) == cuda_success }) {
            // Programs of a newer CUDA than the driver's would be refused.
            let cubin = try cache.cubin(architecture: kind, major: major) { () throws(CUDAError) in
                try KernelCompiler(search, major: major).compile(architecture: kind).cubin
            }
            let status = loaded(cubin)
            if status == cuda_error_no_binary_for_gpu || status == cuda_error_invalid_image {
                throw CUDAError(
                    .unsuitableDevice,
                    "the driver (CUDA \(driver.versionText)) is too old for the compiled kernels; update it, or use an "
                        + "NVRTC of its version")
            }
            try driver.check(status, "load the kernels")
        }
        self.module = module
        for kernel in Kernel.all {
            var function: UnsafeMutableRawPointer?
            try driver.check(
                driver.functions.cuModuleGetFunction(&function, module, kernel.name), "find \(kernel.name)")
            functions[kernel] = function
        }
        products = try GPUProducts(search, major: major)
        copies = try GPUCopies(driver, compute: stream)
        graphs = GPUGraphs(driver, stream: stream)
    }

    deinit {
        if let stream { _ = driver.functions.cuStreamSynchronize(stream) }
        copies.close()
        products.close(driver)
        if let module { _ = driver.functions.cuModuleUnload(module) }
        if let stream { _ = driver.functions.cuStreamDestroy_v2(stream) }
        _ = driver.functions.cuDevicePrimaryCtxRelease_v2(device)
    }

    package func allocateShared(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        var address: UInt64 = 0
        // Managed memory may exceed the card's and would then be moved to and fro: no use for a training. What the host
        // has just written is not on the card and not counted in what is free.
        let room = memory
        guard bytes <= room.free, shared.values.reduce(bytes, +) <= room.total else { throw outOfMemory(bytes, room) }
        let status = driver.functions.cuMemAllocManaged(&address, bytes, UInt32(cuda_attach_global))
        guard status == cuda_success, let pointer = UnsafeMutableRawPointer(bitPattern: UInt(address)) else {
            throw outOfMemory(bytes, room)
        }
        // On failure the memory only starts on the host.
        _ = driver.functions.cuMemAdvise(address, bytes, Int32(cuda_advise_preferred_location), device)
        try check(driver.functions.cuMemsetD32Async(address, 0, (bytes + 3) / 4, stream), "clear memory")
        try finish()
        shared[pointer] = bytes
        return pointer
    }

    package func allocate(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        var address: UInt64 = 0
        let status = driver.functions.cuMemAlloc_v2(&address, bytes)
        guard status == cuda_success, let pointer = UnsafeMutableRawPointer(bitPattern: UInt(address)) else {
            throw outOfMemory(bytes, memory)
        }
        return pointer
    }

    package func free(_ pointer: UnsafeMutableRawPointer) {
        shared[pointer] = nil
        _ = driver.functions.cuStreamSynchronize(stream)
        _ = driver.functions.cuMemFree_v2(GPU.address(pointer))
    }

    package func beginPass() throws(TensorError) {
        try check(copies.beginPass(), "begin a pass")
        guard mayBeOnHost else { return }
        mayBeOnHost = false
        // Pages would come one by one as kernels miss them.
        for (pointer, bytes) in shared {
            try check(
                driver.functions.cuMemPrefetchAsync(GPU.address(pointer), bytes, device, stream), "fetch memory")
        }
    }

    package func copyAhead(
        _ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer
    ) throws(TensorError) {
        try check(copies.copyAhead(bytes, to: GPU.address(pointer)), "copy to the GPU")
    }

    package func fetch(_ pointer: UnsafeMutableRawPointer, bytes: Int) throws(TensorError) -> any DeviceCopy {
        let (copy, status) = copies.fetch(GPU.address(pointer), bytes: bytes) { [unowned self] status in
            self.failure(status, "compute")
        }
        try check(status, "copy from the GPU")
        return copy
    }

    package func launch(_ launch: KernelLaunch) throws(TensorError) {
        try check(copies.awaitCopies(), "wait for copies")
        try start(launch)
    }

    private func start(_ launch: KernelLaunch) throws(TensorError) {
        let status = launch.withArguments { arguments in
            driver.functions.cuLaunchKernel(
                functions[launch.kernel], UInt32(launch.gridX), UInt32(launch.gridY), 1, UInt32(launch.threads), 1, 1,
                0, stream, arguments, nil)
        }
        try check(status, "launch \(launch.kernel.name)")
    }

    package func multiply(_ product: DeviceProduct) throws(TensorError) {
        try products.multiply(product, device: self, stream: stream)
    }

    package func copy(
        from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int
    ) throws(TensorError) {
        try check(copies.awaitCopies(), "wait for copies")
        try startCopy(from: from, to: to, bytes: bytes)
    }

    private func startCopy(
        from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int
    ) throws(TensorError) {
        let status = driver.functions.cuMemcpyDtoDAsync_v2(GPU.address(to), GPU.address(from), bytes, stream)
        try check(status, "copy")
    }

    package func graph(of works: [DeviceWork]) throws(TensorError) -> (any DeviceGraph)? {
        guard let graphs else { return nil }
        // Plans of products may have been forgotten, and making one allocates.
        for case .multiply(let product) in works { try products.prepare(product, device: self) }
        return graphs.graph(
            of: { () throws(TensorError) in
                for work in works {
                    switch work {
                    case .launch(let launch): try start(launch)
                    case .multiply(let product): try multiply(product)
                    case .copy(let from, let to, let bytes): try startCopy(from: from, to: to, bytes: bytes)
                    }
                }
            }, owner: self)
    }

    package func launch(_ graph: any DeviceGraph) throws(TensorError) {
        guard let graph = graph as? GPUGraph, let graphs else {
            throw TensorError(.deviceFailed, "another device's graph was to be launched; report this")
        }
        try check(copies.awaitCopies(), "wait for copies")
        try check(graphs.launch(graph), "launch a step")
    }

    package func finish() throws(TensorError) {
        try check(driver.functions.cuStreamSynchronize(stream), "compute")
        mayBeOnHost = true
    }

    private func check(_ status: Int32, _ doing: String) throws(TensorError) {
        if let failure = failure(status, doing) { throw failure }
    }

    private func failure(_ status: Int32, _ doing: String) -> TensorError? {
        guard status != cuda_success else { return nil }
        return TensorError(
            .deviceFailed, "GPU \(index) (\(name)) could not \(doing): \(driver.text(of: status)); see 'nvidia-smi'")
    }

    /// Bytes free and in all.
    var memory: (free: Int, total: Int) {
        var (free, total) = (0, 0)
        _ = driver.functions.cuMemGetInfo_v2(&free, &total)
        return (free, total)
    }

    private func outOfMemory(_ bytes: Int, _ room: (free: Int, total: Int)) -> TensorError {
        TensorError(
            .outOfDeviceMemory,
            "GPU \(index) (\(name)) has \(room.free >> 20) of \(room.total >> 20) MiB free where \(bytes >> 20) more "
                + "are needed; use a smaller batch_size, micro-batches or a smaller model")
    }

    static func address(_ pointer: UnsafeMutableRawPointer) -> UInt64 { UInt64(UInt(bitPattern: pointer)) }
}
