// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

/// A room of the architecture: its folder, what it may import, and its tests beside it in `Tests/<name>Tests`.
func room(_ name: String, _ path: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(path)", resources: resources, swiftSettings: strict)
}

func command(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + [arguments], path: "Sources/\(path)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, resources: resources,
        swiftSettings: strict)
}

func system(_ name: String, _ path: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(path)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "saga",
    products: [
        .executable(name: "sweeper", targets: ["sweeper"]),
        .executable(name: "trainer", targets: ["trainer"]),
        .executable(name: "tracker", targets: ["tracker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // What every command prints.
        room("Output", "Output", ["Experiment", arguments]),

        // The record: what happened.
        room("Experiment", "Tracker/Experiment", []),
        system("CLibPQ", "Tracker/CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CCurl", "Tracker/CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        room("Postgres", "Tracker/Postgres", ["CLibPQ", "Experiment", logging, subprocess, systemPackage]),
        // The SQL lies at the root for people and is embedded, so that a copied binary migrates too.
        .target(
            name: "Migrations", path: "Migrations",
            resources: [
                .embedInCode("0001_runs.sql"), .embedInCode("0002_sweeps.sql"), .embedInCode("0003_history.sql"),
                .embedInCode("0004_clients.sql"), .embedInCode("0005_agents.sql"),
                .embedInCode("0006_artifacts.sql"), .embedInCode("0007_access.sql"), .embedInCode("0008_stages.sql"),
                .embedInCode("0009_search.sql"), .embedInCode("0010_other_metrics.sql"),
                .embedInCode("0011_programs.sql"),
            ],
            swiftSettings: strict),
        room("TrackerStore", "Tracker/Store", ["Postgres", "Migrations", "Experiment", logging]),
        room(
            "TrackerServer", "Tracker/Server",
            [
                "TrackerStore", "GraphQL", "CZlib", "Output", "Experiment", "SweepDefinition", "SweepSearch",
                hummingbird,
                hummingbirdCore,
                httpTypes, nioCore, logging, lifecycle, signals,
            ],
            resources: [.embedInCode("API/openapi.yaml")]),
        room("TrackerImport", "Tracker/Import", ["TrackerServer", "TrackerStore", "TrackerClient", "Experiment"]),
        room(
            "TrackerOperations", "Tracker/Operations",
            ["TrackerStore", "Postgres", "Migrations", "Experiment"]),
        room("TrackerClient", "Tracker/Client", ["Experiment", "CCurl"]),
        room("GraphQL", "Tracker/GraphQL", ["Experiment"]),
        command(
            "tracker", "Tracker/Command",
            [
                "TrackerOperations",
                "TrackerServer", "TrackerImport", "TrackerStore", "TrackerClient", "Postgres", "Output", "Experiment",
                logging,
            ]),

        .target(
            name: "BenchmarkSupport", dependencies: ["Postgres"], path: "Benchmarks/Support", swiftSettings: strict),
        // Started by Benchmarks/tracker; here and not in a package of its own because it uses what is `package`.
        .executableTarget(
            name: "tracker-bench", dependencies: ["BenchmarkSupport", "TrackerClient", "Experiment", arguments],
            path: "Benchmarks/Tracker", swiftSettings: strict),
        .executableTarget(
            name: "sweeper-bench",
            dependencies: [
                "BenchmarkSupport", "TrackerClient", "SweepSearch", "SweepDefinition", "Experiment", arguments,
            ],
            path: "Benchmarks/Sweeper", swiftSettings: strict),

        // The will: what shall happen.
        room("SweepDefinition", "Sweeper/Definition", ["Experiment", yams]),
        room("SweepSearch", "Sweeper/Search", ["SweepDefinition", "Experiment"]),
        room("SweepScheduler", "Sweeper/Scheduler", ["SweepDefinition", "SweepSearch", "Experiment"]),
        room(
            "SweepLaunchers", "Sweeper/Launchers", ["SweepScheduler", "Experiment", subprocess, systemPackage]),
        command(
            "sweeper", "Sweeper/Command",
            [
                "SweepLaunchers", "SweepScheduler", "SweepDefinition", "SweepSearch", "TrackerClient", "Output",
                "Experiment", signals,
            ]),

        // The work: one run.
        system("COpenBLAS", "Trainer/COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
        system("CHDF5", "Trainer/CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
        system("CZlib", "Trainer/CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .target(
            name: "CKernels", path: "Sources/Trainer/CKernels",
            // Debug builds train too (in tests): the kernels are always optimised.
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-mprefer-vector-width=512"])]),
        room("Tensor", "Trainer/Tensor", ["Experiment", "COpenBLAS", "CKernels"]),
        room("Ranks", "Trainer/Ranks", ["Tensor", "Experiment"]),
        room("Dataset", "Trainer/Dataset", ["Tensor", "Experiment", "CHDF5", "CZlib", subprocess, systemPackage]),
        .systemLibrary(name: "CCUDA", path: "Sources/Trainer/CCUDA"),
        room(
            "CUDA", "Trainer/CUDA", ["Tensor", "Experiment", "CCUDA"],
            // Read by NVRTC on the machine that has the GPU.
            resources: [
                .embedInCode("Kernels/AdamW.cu"), .embedInCode("Kernels/AttentionBackward.cu"),
                .embedInCode("Kernels/AttentionBackwardBF16.cu"), .embedInCode("Kernels/AttentionForward.cu"),
                .embedInCode("Kernels/AttentionForwardBF16.cu"), .embedInCode("Kernels/AttentionTiles.cuh"),
                .embedInCode("Kernels/ColumnSums.cu"), .embedInCode("Kernels/Common.cuh"),
                .embedInCode("Kernels/CrossEntropy.cu"), .embedInCode("Kernels/Elementwise.cu"),
                .embedInCode("Kernels/Embedding.cu"), .embedInCode("Kernels/GELU.cu"),
                .embedInCode("Kernels/GatedSiLU.cu"), .embedInCode("Kernels/LayerNorm.cu"),
                .embedInCode("Kernels/Norm.cu"), .embedInCode("Kernels/Numbers.cuh"),
                .embedInCode("Kernels/Rotation.cu"), .embedInCode("Kernels/Rounding.cu"),
                .embedInCode("Kernels/Sampling.cu"), .embedInCode("Kernels/StepControl.cuh"),
                .embedInCode("Kernels/TensorCores.cuh"),
            ]),
        room("Transformer", "Trainer/Transformer", ["Experiment", "Tensor"]),
        room(
            "Training", "Trainer/Training",
            ["CUDA", "Transformer", "Dataset", "Ranks", "Tensor", "Experiment", "TrackerClient"]),
        command(
            "trainer", "Trainer/Command",
            ["Training", "CUDA", "Transformer", "Dataset", "Tensor", "TrackerClient", "Experiment"]),

        // Tests mirror the rooms; EndToEndTests drive the three programs.
        .target(
            name: "TestSupport", dependencies: ["Postgres", "TrackerStore"], path: "Tests/TestSupport",
            swiftSettings: strict),
        tests("Experiment"),
        tests("Output", ["Experiment"]),
        tests("Postgres", ["TestSupport", "Experiment"]),
        tests("TrackerStore", ["TestSupport", "Migrations", "Postgres", "Experiment"]),
        tests(
            "TrackerServer",
            [
                "TestSupport", "TrackerStore", "TrackerClient", "Postgres", "GraphQL", "CZlib", "Experiment",
                "SweepDefinition",
                "SweepSearch", logging, nioCore, httpTypes, yams,
            ]),
        tests("TrackerOperations", ["TestSupport", "TrackerStore", "Postgres", "Migrations", "Experiment"]),
        tests("TrackerClient", ["Experiment"]),
        tests(
            "TrackerImport",
            ["TestSupport", "TrackerServer", "TrackerStore", "TrackerClient", "Postgres", "Experiment"]),
        tests("GraphQL", ["Experiment"]),
        // The real client of W&B, against the real tracker.
        .testTarget(
            name: "WandbClientTests",
            dependencies: ["TestSupport", "Postgres", "Experiment", "tracker", "sweeper", subprocess, systemPackage],
            resources: [.copy("Scripts")], swiftSettings: strict),
        .testTarget(
            name: "TrackerCommandTests",
            dependencies: ["tracker", "TestSupport", "TrackerStore", "Output", "Experiment"],
            swiftSettings: strict),
        tests("SweepDefinition", ["Experiment"]),
        tests("SweepSearch", ["SweepDefinition", "Experiment"]),
        tests("SweepScheduler", ["SweepDefinition", "SweepSearch", "Experiment"]),
        .executableTarget(
            name: "launcher-helper", dependencies: ["SweepLaunchers", "Experiment"], path: "Tests/LauncherHelper",
            swiftSettings: strict),
        .testTarget(
            name: "SweeperCommandTests", dependencies: ["sweeper", "SweepDefinition", "Experiment"],
            swiftSettings: strict),
        tests("SweepLaunchers", ["SweepScheduler", "Experiment", "launcher-helper"]),
        // Against a Slurm of their own.
        .testTarget(
            name: "SlurmTests",
            dependencies: [
                "SweepLaunchers", "SweepScheduler", "Experiment", "sweeper", "tracker", "trainer", subprocess,
                systemPackage,
            ],
            resources: [.copy("Cluster")], swiftSettings: strict),
        tests("Tensor", ["CKernels", "Experiment"]),
        tests("Ranks", ["Transformer", "Tensor", "Experiment"]),
        // The GPU's kernels as C++ for the CPU; optimised, since whole models run on them.
        .target(
            name: "CUDAEmulation", path: "Tests/CUDAEmulation", cxxSettings: [.unsafeFlags(["-O2", "-std=c++20"])]),
        tests("CUDA", ["CUDAEmulation", "Training", "Transformer", "Dataset", "Tensor", "Experiment", "CCUDA"]),
        tests("Dataset", ["Tensor", "Experiment"], resources: [.copy("Golden")]),
        tests("Transformer", ["Tensor", "Experiment"], resources: [.copy("Golden")]),
        tests("Training", ["Transformer", "Dataset", "Tensor", "TrackerClient", "Experiment", "trainer"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "TrackerStore", "TrackerClient", "Experiment", "sweeper", "trainer", "tracker",
                subprocess,
                systemPackage,
            ],
            swiftSettings: strict),
    ]
)
