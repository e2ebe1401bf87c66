import Bridge
import TestSupport
import Testing

@testable import brokerbridge

@Suite struct ServePreparationTests {
    private let hash = "sha256:" + String(repeating: "ab", count: 32)

    private func prepare(
        _ options: Command.ServeOptions, environment: [String: String] = [:], descriptors: Int = 65_536
    ) -> Result<ServePreparation, CommandFailure> {
        Result { () throws(CommandFailure) in
            try ServePreparation(options, environment: environment, descriptors: descriptors)
        }
    }

    private func listening(_ address: String, isSandbox: Bool = true) throws -> Command.ServeOptions {
        Command.ServeOptions(
            isSandbox: isSandbox, run: .init(listen: [try #require(ListenAddress(address))]))
    }

    @Test func aSandboxBringsAKeyThatReachesItAlone() throws {
        let prepared = try prepare(.init(isSandbox: true)).get()
        let key = try #require(prepared.configuration.keys.first)
        #expect(prepared.configuration.keys.count == 1 && prepared.configuration.accounts.isEmpty)
        #expect(
            key.name == "demo" && key.accounts == .only(["sandbox", "sandbox-futu"])
                && key.scopes == Set(Scope.allCases))
        #expect(prepared.demoKey.map { KeyHash(of: $0) } == key.hash)
    }

    @Test func besideARealAccountTheDemoKeyHasNoRightsOverTheProcess() throws {
        let folder = TemporaryDirectory()
        let text = """
            accounts:
              - {alias: main, broker: longbridge, environment: live, longbridge: {app_key: k, app_secret: s, access_token: t}}
            """
        let file = folder.write("b.yaml", Array(text.utf8))
        let prepared = try prepare(.init(configuration: file, isSandbox: true)).get()
        let scopes = try #require(prepared.configuration.keys.first).scopes
        #expect(scopes == [.marketRead, .accountRead, .trade, .tradeCancel])
    }

    @Test func theNameOfTheDemoKeyIsKeptForIt() {
        let folder = TemporaryDirectory()
        let text = "keys: [{name: demo, hash: '\(hash)', scopes: [trade], accounts: all}]"
        let file = folder.write("b.yaml", Array(text.utf8))
        guard case .failure(let failure) = prepare(.init(configuration: file, isSandbox: true)) else {
            Issue.record("accepted")
            return
        }
        #expect(failure == CommandFailure(.configuration, "keys: the name 'demo' is taken by --sandbox"))
    }

    @Test func theListenOptionReplacesTheConfiguredAddresses() throws {
        let prepared = try prepare(listening("127.0.0.1:0")).get()
        #expect(prepared.configuration.listen.addresses.map(\.description) == ["127.0.0.1:0"])
    }

    @Test func theListenOptionCannotGoAroundTheRuleOfPlainHTTP() throws {
        guard case .failure(let failure) = prepare(try listening("0.0.0.0:0")) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.status == .configuration && failure.message.hasPrefix("--listen: 0.0.0.0:0 is not a loopback"))
    }

    @Test func limitsFitTheProcess() throws {
        #expect(try prepare(.init(isSandbox: true), descriptors: 1024).get().configuration.limits.connections == 896)
        guard case .failure(let failure) = prepare(.init(isSandbox: true), descriptors: 64) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.status == .configuration)
    }

    @Test func withoutASandboxKeysAndAccountsAreDemanded() {
        guard case .failure(let failure) = prepare(.init()) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.status == .configuration && failure.text.hasPrefix("configuration: keys: no key"))
    }

    @Test func aRereadKeepsTheDemoKey() throws {
        let prepared = try prepare(.init(isSandbox: true)).get()
        #expect(try prepared.reread(environment: [:]).keys == prepared.configuration.keys)
    }
}

@Suite struct StartUpTextTests {
    @Test func everyCommandIsALineOfItsOwnWithTheKey() {
        let text = StartUpText.serving(url: "http://127.0.0.1:1", demoKey: "bb_x")
        let commands = text.split(separator: "\n").filter { $0.hasPrefix("  curl ") }
        #expect(commands.count == 4)
        #expect(commands.allSatisfy { $0.contains("-H 'Authorization: Bearer bb_x' 'http://127.0.0.1:1/v1/") })
        #expect(commands.filter { $0.hasPrefix("  curl -N ") }.count == 1)
    }

    @Test func aServerWithoutADemoKeySaysWhereItIs() {
        #expect(StartUpText.serving(url: "https://a:1", demoKey: nil).hasSuffix(" serves https://a:1\n"))
    }

    @Test(arguments: [
        ("127.0.0.1:80", "http://127.0.0.1:80"), ("0.0.0.0:80", "http://127.0.0.1:80"), ("[::]:80", "http://[::1]:80"),
        ("[2001:db8::1]:80", "http://[2001:db8::1]:80"),
    ])
    func aWildcardAddressIsCalledByLoopback(address: String, url: String) {
        #expect(ListenAddress(address).map { StartUpText.url(for: $0, isTLS: false) } == url)
    }
}
