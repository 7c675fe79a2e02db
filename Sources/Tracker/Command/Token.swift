import ArgumentParser

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say who may use the tracker.",
        discussion: """
            'tracker serve --auth' lets in who shows a token: in SAGA_TOKEN, in WANDB_API_KEY, or in the header
            'Authorization: Bearer TOKEN'.
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
