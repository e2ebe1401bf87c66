import Bridge
import Testing

@testable import brokerbridge

@Suite struct CommandTests {
    private func parse(_ text: String) -> Result<Command, CommandFailure> {
        Result { () throws(CommandFailure) in try Command(text.split(separator: " ").map(String.init)) }
    }

    private func failure(_ text: String) -> String? {
        guard case .failure(let failure) = parse(text), failure.status == .usage else { return nil }
        return failure.message
    }

    @Test func serveReadsAllItsOptionsInBothSpellings() {
        let all = "serve --config b.yaml --sandbox --listen 127.0.0.1:0 --listen=[::1]:80 --state=/s --ready-file r"
        guard case .success(.serve(let options)) = parse(all) else {
            Issue.record("not serve")
            return
        }
        #expect(options.configuration == "b.yaml" && options.isSandbox)
        #expect(options.run.listen.map(\.description) == ["127.0.0.1:0", "[::1]:80"])
        #expect(options.run.state == "/s" && options.run.readyFile == "r")
        #expect(parse("serve") == .success(.serve(Command.ServeOptions())))
        #expect(Command.ServeOptions().run.state == "./state")
    }

    @Test func theOtherCommandsReadTheirs() {
        #expect(parse("sandbox --state /s") == .success(.sandbox(Command.RunOptions(state: "/s"))))
        #expect(parse("check-config b.yaml") == .success(.checkConfiguration(file: "b.yaml")))
        #expect(parse("healthcheck http://127.0.0.1:8080") == .success(.healthcheck(url: "http://127.0.0.1:8080")))
        #expect(parse("--version") == .success(.version))
        #expect(
            parse("key create --name n --scope trade --scope market:read --scope trade --account a")
                == .success(.createKey(.init(name: "n", scopes: [.trade, .marketRead], accounts: ["a"]))))
    }

    @Test(
        arguments: [
            ("", "a command is required"),
            ("serv", "unknown command 'serv'"),
            ("key", "'key' needs 'create' or 'list' or 'revoke'"),
            ("serve --sandbx", "unknown option '--sandbx' for 'brokerbridge serve'"),
            ("serve -s", "unknown option '-s' for 'brokerbridge serve'"),
            ("serve extra", "unexpected argument 'extra'"),
            ("serve --config", "--config needs a value"),
            ("serve --config --sandbox", "--config needs a value"),
            ("serve --config=", "--config needs a value"),
            ("serve --sandbox=yes", "--sandbox takes no value"),
            ("serve --state a --state b", "--state is given twice"),
            ("serve --sandbox --sandbox", "--sandbox is given twice"),
            ("serve --listen 8080", "--listen needs an address with a port, such as 127.0.0.1:8080, not '8080'"),
            ("sandbox --config b.yaml", "unknown option '--config' for 'brokerbridge sandbox'"),
            ("check-config", "FILE is required"),
            ("check-config a b", "unexpected argument 'b'"),
            ("healthcheck", "URL is required"),
            ("key create --scope trade", "--name is required"),
            ("key create --name n", "--scope is required"),
            ("key create --name a/b --scope trade", "--name needs 1 to 64 of letters, digits, '.', '_', '-'"),
            (
                "key create --name n --scope trade --account A",
                "--account needs lower-case letters, digits and '-', not 'A'"
            ),
            ("--version serve", "--version stands alone"),
        ])
    func aWrongCommandLineSaysWhatIsWrong(line: String, message: String) {
        #expect(failure(line) == message)
    }

    @Test func aWrongScopeNamesTheRightOnes() {
        #expect(failure("key create --name n --scope read")?.hasSuffix("ops:read, admin; not 'read'") == true)
    }

    @Test func everyCommandHasHelpThatNamesItsOptions() {
        for command in Command.descriptions {
            guard case .success(.help(let text)) = parse("\(command.name) --help") else {
                Issue.record("no help for \(command.name)")
                continue
            }
            for option in command.options { #expect(text.contains("  \(option.shown) ")) }
            #expect(text.contains("Usage: brokerbridge \(command.name)"))
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= 120 })
        }
        guard case .success(.help(let general)) = parse("--help") else {
            Issue.record("no help")
            return
        }
        for command in Command.descriptions { #expect(general.contains("  \(command.name) ")) }
        #expect(general.hasSuffix("\n"))
    }

    @Test func helpIsGivenWhateverElseIsWrong() {
        guard case .success(.help) = parse("serve --bogus --help") else {
            Issue.record("no help")
            return
        }
    }
}
