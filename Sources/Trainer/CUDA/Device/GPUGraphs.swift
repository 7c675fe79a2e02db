import CCUDA
import Tensor

/// Makes graphs of a GPU's work. Drivers before CUDA 11.4 have no such functions.
struct GPUGraphs {
    private let driver: GPUDriver
    private let stream: UnsafeMutableRawPointer?
    private let beginCapture: cuStreamBeginCapture_v2_type
    private let endCapture: cuStreamEndCapture_type
    private let instantiate: cuGraphInstantiateWithFlags_type
    private let launchGraph: cuGraphLaunch_type
    private let destroyGraph: cuGraphDestroy_type
    private let destroyExecutable: cuGraphExecDestroy_type

    init?(_ driver: GPUDriver, stream: UnsafeMutableRawPointer?) {
        func function<Function>(_ name: String, _ type: Function.Type) -> Function? {
            driver.symbols.function(name, type)
        }
        guard let beginCapture = function("cuStreamBeginCapture_v2", cuStreamBeginCapture_v2_type.self),
            let endCapture = function("cuStreamEndCapture", cuStreamEndCapture_type.self),
            let instantiate = function("cuGraphInstantiateWithFlags", cuGraphInstantiateWithFlags_type.self),
            let launchGraph = function("cuGraphLaunch", cuGraphLaunch_type.self),
            let destroyGraph = function("cuGraphDestroy", cuGraphDestroy_type.self),
            let destroyExecutable = function("cuGraphExecDestroy", cuGraphExecDestroy_type.self)
        else { return nil }
        self.driver = driver
        self.stream = stream
        self.beginCapture = beginCapture
        self.endCapture = endCapture
        self.instantiate = instantiate
        self.launchGraph = launchGraph
        self.destroyGraph = destroyGraph
        self.destroyExecutable = destroyExecutable
    }

    /// What `work` asks the stream for, which is not done now; nil where the driver refuses. `work` may only ask for
    /// work: nothing that allocates or waits.
    func graph(of work: () throws(TensorError) -> Void, owner: AnyObject) -> GPUGraph? {
        guard beginCapture(stream, Int32(cuda_capture_thread_local)) == cuda_success else { return nil }
        var graph: UnsafeMutableRawPointer?
        defer { if let graph { _ = destroyGraph(graph) } }
        // What is wrong with the work itself is told when it is asked for without a graph.
        let works = (try? work()) != nil
        guard endCapture(stream, &graph) == cuda_success, works, let graph else { return nil }
        var executable: UnsafeMutableRawPointer?
        guard instantiate(&executable, graph, 0) == cuda_success, let executable else { return nil }
        return GPUGraph(executable, owner) { [driver, stream, destroyExecutable] in
            // It may be under way.
            _ = driver.functions.cuStreamSynchronize(stream)
            _ = destroyExecutable(executable)
        }
    }

    /// The driver's status.
    func launch(_ graph: GPUGraph) -> Int32 { launchGraph(graph.executable, stream) }
}

final class GPUGraph: DeviceGraph {
    let executable: UnsafeMutableRawPointer
    /// Lives longer than its graphs.
    private let owner: AnyObject
    private let destroy: () -> Void

    init(_ executable: UnsafeMutableRawPointer, _ owner: AnyObject, destroy: @escaping () -> Void) {
        self.executable = executable
        self.owner = owner
        self.destroy = destroy
    }

    deinit { destroy() }
}
