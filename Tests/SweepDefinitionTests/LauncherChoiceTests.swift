import SweepDefinition
import Testing

@Suite("Launchers in definitions")
struct LauncherChoiceTests {
    private func launcher(_ text: String) throws -> LauncherChoice? {
        try Definition(text: "method: grid\nparameters: {dim: {value: 32}}\nlauncher: \(text)", file: "s.yaml").launcher
    }

    @Test("A word or a mapping names it, with what is asked of Slurm")
    func understood() throws {
        #expect(try launcher("local") == .local && launcher("{type: local}") == .local)
        #expect(try launcher("slurm") == .slurm(LauncherChoice.Slurm()))
        #expect(
            try launcher(
                """
                {type: slurm, partition: gpu, account: lab, qos: normal, gpu_type: a100, array_ceiling: 8,
                  signal_lead: 5m, options: [--exclusive, '--mail-type=END', '--mail-user=a b']}
                """)
                == .slurm(
                    LauncherChoice.Slurm(
                        partition: "gpu", account: "lab", qos: "normal", gpuType: "a100", ceiling: 8, signalLead: 300,
                        options: ["--exclusive", "--mail-type=END", "--mail-user=a b"])))
        #expect(try Definition(text: "method: grid\nparameters: {dim: {value: 32}}").launcher == nil)
    }

    @Test(
        "What could reach a command line as something else is refused",
        arguments: [
            ("slrum", "did you mean 'slurm'?"), ("{type: local, partition: gpu}", "is for Slurm"),
            ("{type: slurm, partition: '--wrap=x'}", "'-' not first"), ("{type: slurm, account: 'a;b'}", "is made of"),
            ("{type: slurm, options: [-p]}", "long options"), ("{type: slurm, options: ['--a b']}", "is no option"),
            ("{type: slurm, options: [--array=1-9]}", "set by the launcher"),
            ("{type: slurm, options: [\"--x=a\\nb\"]}", "long options"),
            ("{type: slurm, array_ceiling: 1000000}", "at most 100000"),
            ("{type: slurm, signal_lead: 1d}", "at most 65535"),
        ])
    func refused(text: String, words: String) {
        let error = #expect(throws: SweepDefinitionError.self) { try launcher(text) }
        #expect(error?.position.line == 3 && error?.message.contains(words) == true, "\(error?.description ?? "")")
    }
}
