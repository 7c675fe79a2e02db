import ArgumentParser
import Dataset
import Experiment
import FoundationEssentials

struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Turn clips into a token set and its tokenizers.",
        discussion: """
            The token set goes to SAGA_HOME/tokens/NAME.h5, its tokenizers with a few decoded examples to
            SAGA_HOME/tokens/NAME.tokenizers/. Asking again for what is there does nothing.

            Sources:
              film       Big Buck Bunny, fetched once by pip (58 MB), then kept in SAGA_HOME/cache
              synthetic  clips made by ffmpeg in which sight and sound belong together; needs no network
              folder     your own: videos/NAME_TIMESTAMP.mp4, audios/NAME_TIMESTAMP.wav, and a CSV with the
                         columns video_clip_name,timestamp,class,group_name

            With --fine-patch the picture is there twice, as image and, in smaller patches, as image_fine: a pair from
            which a model learns super-resolution ("generation_chain": "audio > image > image_fine").

            Examples:
              trainer prepare
              trainer prepare --source synthetic --name shapes --clips 96
              trainer prepare --source folder --path clips --list clips/train.csv --name vggsound --skip-bad
              trainer prepare --name pair --side 224 --patch 16 --fine-patch 8      # 14 x 14 and 28 x 28 tokens
            """)

    @Option(help: ArgumentHelp("film, synthetic or folder.", valueName: "source"))
    var source = PreparationOptions.Source.film
    @Option(help: "Folder with videos/ and audios/ (source folder).")
    var path: String?
    @Option(help: "Clip list, a CSV file (source folder).")
    var list: String?
    @Option(help: "Name of the token set.")
    var name = "demo"
    @Option(help: "Use at most this many clips.")
    var clips: Int?
    @Option(help: "Seconds between the starts of neighbouring windows (source film).")
    var stride = 2.5
    @Option(help: "Different tokens of image, pseudo-depth and video.")
    var vocabulary = 1024
    @Option(help: "Edge of a patch in pixels: 16 gives 256 image tokens, 8 gives 1024.")
    var patch = 16
    @Option(help: "Edge of a smaller patch, for a second, finer image stream: image_fine.")
    var finePatch: Int?
    @Option(help: "Edge of the square pictures in pixels.")
    var side = 256
    @Option(help: "Audio tokens for each 80 ms.")
    var audioCodebooks = 32
    @Option(help: "Different tokens of each audio codebook.")
    var audioVocabulary = 256
    @Option(help: "Seed of the tokenizers and of synthetic clips.")
    var seed = 0
    @Flag(help: "Make the token set anew even if it is there.")
    var force = false
    @Flag(help: "Go on without clips that cannot be used and list them at the end.")
    var skipBad = false

    func run() async throws {
        var options = PreparationOptions(home: SagaHome())
        options.source = source
        options.path = path
        options.list = list
        options.name = name
        options.clips = clips
        options.stride = stride
        options.vocabulary = vocabulary
        options.patch = patch
        options.finePatch = finePatch
        options.format.side = side
        options.audioCodebooks = audioCodebooks
        options.audioVocabulary = audioVocabulary
        options.seed = seed
        options.force = force
        options.skipBad = skipBad

        let meter = StageMeter()
        do throws(DatasetError) {
            let preparation = try Preparation(options) { meter.show($0.rawValue, done: $1, of: $2) }
            let report = try await preparation.run()
            meter.finish()
            PrepareSummary(report).print()
        } catch {
            meter.finish()
            StandardError.write("trainer prepare: \(error.description)")
            if let detail = error.detail, !detail.isEmpty { StandardError.write(detail) }
            throw ExitCode.failure
        }
    }
}

extension PreparationOptions.Source: ExpressibleByArgument {}
