import BrokerModel
import Cryptography
import Glibc
import TestSupport
import Testing

@testable import Bridge

@Suite struct AccountSecretsTests {
    private func longbridge(
        _ text: String, environment: [String: String] = [:], demand: Configuration.Demand = .sandbox
    ) throws -> LongbridgeAccountConfiguration {
        let accounts = try accepted(text, environment: environment, demand: demand).accounts
        guard case .longbridge(let settings) = try #require(accounts.first).broker else {
            throw ConfigurationError(problems: [])
        }
        return settings
    }

    private let bare = "accounts: [{alias: main-hk, broker: longbridge, environment: live}]"

    @Test func secretsStandInTheFile() throws {
        let settings = try longbridge(account)
        #expect(settings.appKey == "k" && text(settings.appSecret) == "s" && text(settings.accessToken) == "t")
        #expect(settings.httpURL == "https://openapi.longbridge.com")
        #expect(settings.quoteURL == "wss://openapi-quote.longbridge.com/v2")
        #expect(settings.language == .english && !settings.overnight)
    }

    @Test func secretsStandInFilesOfTheirOwn() throws {
        let folder = TemporaryDirectory()
        let file = folder.write("secret", "from file\n".replacing(" ", with: "-"))
        let settings = try longbridge(
            """
            accounts:
              - alias: main
                broker: longbridge
                environment: live
                longbridge: {app_key: k, app_secret_file: \(file), access_token: t}
            """)
        #expect(text(settings.appSecret) == "from-file")
    }

    @Test func relativePathsStartAtTheConfiguration() throws {
        let folder = TemporaryDirectory()
        folder.write("secret", "s")
        let file = folder.write(
            "b.yaml",
            """
            accounts:
              - alias: main
                broker: longbridge
                environment: live
                longbridge: {app_key: k, app_secret_file: secret, access_token_file: secret}
            """)
        #expect(try Configuration.load(file: file, environment: [:], demand: .sandbox).accounts.count == 1)
    }

    @Test(arguments: [mode_t(0o644), 0o640, 0o604, 0o620, 0o611])
    func aSecretFileThatOthersReachIsRefused(mode: mode_t) {
        let folder = TemporaryDirectory()
        let file = folder.write("secret", "s", mode: mode)
        let environment = ["BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET_FILE": file]
        let found = problems(account, environment: environment)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("environment: BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET_FILE: ") == true)
        #expect(found.first?.contains("other users can reach it") == true)
    }

    @Test func aConfigurationThatOthersReachMayNotHoldSecrets() throws {
        let found = problems(account, sharedRights: "0644")
        #expect(found.count == 3)
        #expect(found.first?.contains("chmod 600 the file, or use app_key_file") == true)
        let folder = TemporaryDirectory()
        let file = folder.write("b.yaml", account, mode: 0o644)
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(file: file, environment: [:], demand: .sandbox)
        }
        folder.write("b.yaml", account, mode: 0o600)
        #expect(try Configuration.load(file: file, environment: [:], demand: .sandbox).accounts.count == 1)
    }

    @Test func missingAndUnusableSecretFilesAreReported() {
        let folder = TemporaryDirectory()
        let empty = folder.write("empty", "\n")
        let binary = folder.write("binary", "a\u{1}b")
        let large = folder.write("large", String(repeating: "x", count: SecretSource.limit + 1))
        for path in ["/nowhere/secret", empty, binary, large, folder.path] {
            let found = problems(account, environment: ["BROKERBRIDGE_ACCOUNT_MAIN_ACCESS_TOKEN_FILE": path])
            #expect(found.count == 1, "\(path): \(found)")
        }
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let settings = try longbridge(account, environment: ["BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET": "env"])
        #expect(text(settings.appSecret) == "env" && settings.appKey == "k")
    }

    @Test func dashesOfAnAliasAreUnderscoresInTheEnvironment() throws {
        let settings = try longbridge(
            bare,
            environment: [
                "BROKERBRIDGE_ACCOUNT_MAIN_HK_APP_KEY": "1", "BROKERBRIDGE_ACCOUNT_MAIN_HK_APP_SECRET": "2",
                "BROKERBRIDGE_ACCOUNT_MAIN_HK_ACCESS_TOKEN": "3",
            ])
        #expect(settings.appKey == "1" && text(settings.appSecret) == "2" && text(settings.accessToken) == "3")
    }

    @Test func theVendorsVariablesServeASingleAccount() throws {
        let environment = [
            "LONGBRIDGE_APP_KEY": "1", "LONGPORT_APP_SECRET": "2", "LONGBRIDGE_ACCESS_TOKEN": "3",
            "LONGPORT_ACCESS_TOKEN": "old",
            "LONGBRIDGE_HTTP_URL": "http://127.0.0.1:1/", "LONGBRIDGE_QUOTE_WS_URL": "ws://127.0.0.1:2/v2",
            "LONGBRIDGE_REGION": "cn",
            "LONGBRIDGE_LANGUAGE": "zh-HK", "LONGBRIDGE_ENABLE_OVERNIGHT": "true",
        ]
        let settings = try longbridge(bare, environment: environment)
        #expect(settings.appKey == "1" && text(settings.appSecret) == "2" && text(settings.accessToken) == "3")
        #expect(settings.httpURL == "http://127.0.0.1:1" && settings.quoteURL == "ws://127.0.0.1:2/v2")
        #expect(settings.tradeURL == "wss://openapi-trade.longbridge.cn/v2")
        #expect(settings.language == .traditionalChinese && settings.overnight)
    }

    @Test func theVendorsVariablesAloneMakeAnAccountForServiceOnly() throws {
        var environment = ["LONGBRIDGE_APP_KEY": "1", "LONGBRIDGE_APP_SECRET": "2", "LONGBRIDGE_ACCESS_TOKEN": "3"]
        let key = "keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: [main]}]"
        let live = try accepted(key, environment: environment, demand: .service)
        #expect(live.accounts.map(\.alias) == ["main"] && live.accounts.first?.environment == .live)
        environment["LONGBRIDGE_PAPERTRADING"] = "true"
        #expect(try accepted(key, environment: environment, demand: .service).accounts.first?.environment == .paper)
        #expect(try accepted("", environment: environment, demand: .sandbox).accounts.isEmpty)
        environment["LONGBRIDGE_ACCESS_TOKEN"] = nil
        #expect(problems(key, environment: environment, demand: .service).count == 1)
    }

    @Test func twoAccountsDoNotShareTheVendorsVariables() {
        let two = """
            accounts:
              - {alias: a, broker: longbridge, environment: live, longbridge: {app_key: k, app_secret: s}}
              - {alias: b, broker: longbridge, environment: live, longbridge: {app_key: k, app_secret: s, access_token: t}}
            """
        let found = problems(two, environment: ["LONGBRIDGE_ACCESS_TOKEN": "t"])
        #expect(found.count == 1)
        #expect(found.first?.contains("accounts[0].longbridge.access_token: this key is required") == true)
    }

    @Test func aSecretGivenTwiceInOnePlaceIsRefused() {
        let folder = TemporaryDirectory()
        let file = folder.write("s", "s")
        let environment = [
            "BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET": "a", "BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET_FILE": file,
        ]
        #expect(problems(account, environment: environment).count == 1)
        let both = account.replacing("app_secret: s", with: "app_secret: s, app_secret_file: \(file)")
        #expect(problems(both).count == 1)
    }

    @Test func aVariableForNoAccountIsASlip() {
        let found = problems(account, environment: ["BROKERBRIDGE_ACCOUNT_MIAN_APP_SECRET": "hidden"])
        #expect(found.count == 1)
        #expect(found.first?.contains("did you mean BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET?") == true)
        #expect(found.first?.contains("hidden") == false)
    }

    @Test func secretsAreNeverShown() {
        let found = problems(
            account.replacing("app_secret: s", with: "app_secret: \"tell no one\"").replacing(
                "access_token: t", with: "access_token: [hush]"),
            environment: ["BROKERBRIDGE_ACCOUNT_MAIN_APP_KEY": "not to be seen"])
        #expect(found.count == 3)
        for line in found { #expect(!line.contains("tell") && !line.contains("hush") && !line.contains("seen")) }
    }

    @Test func twoAccountsWithOneNameAreRefused() {
        let one =
            "{alias: a, broker: longbridge, environment: live, longbridge: {app_key: k, app_secret: s, access_token: t}}"
        let found = problems("accounts:\n  - \(one)\n  - \(one)\n")
        #expect(found == ["f.yaml:3:13: accounts[1].alias: another account has the name 'a'"])
    }

    @Test(arguments: ["A", "a_b", "-a", "a-", "a.b", "a b", "", "123456789012345678901234567890123"])
    func otherAliasesAreRefused(alias: String) {
        #expect(!problems("accounts: [{alias: '\(alias)', broker: longbridge, environment: live}]").isEmpty)
    }

    @Test func unknownBrokersAndEnvironmentsAreReported() {
        let found = problems("accounts: [{alias: a, broker: longbrige, environment: prod}]")
        #expect(found.count == 2)
        #expect(found.first?.contains("did you mean longbridge?") == true)
    }

    @Test func secretsTravelOnlyOverTLSExceptNearby() {
        func urls(_ environment: String, _ url: String) -> [String] {
            problems(
                account.replacing("environment: live", with: "environment: \(environment)")
                    .replacing(
                        "access_token: t",
                        with:
                            "access_token: t, http_url: '\(url)', quote_url: wss://a.example, trade_url: wss://a.example"
                    ))
        }
        #expect(urls("live", "http://a.example").count == 1)
        #expect(urls("paper", "http://a.example").count == 1)
        #expect(urls("live", "http://127.0.0.1:99").isEmpty)
        #expect(urls("live", "http://[::1]:99").isEmpty)
        #expect(urls("sandbox", "http://a.example").isEmpty)
        #expect(urls("live", "https://a.example/base/").isEmpty)
        #expect(urls("live", "ftp://a.example").count == 1)
        #expect(urls("live", "https://a.example?x=1").count == 1)
    }

    @Test func aSandboxAccountSaysWhereItIs() {
        #expect(problems(account.replacing("environment: live", with: "environment: sandbox")).count == 3)
    }

    @Test func theNameOfTheSandboxIsKeptForIt() {
        #expect(problems(account.replacing("alias: main", with: "alias: sandbox")).count == 1)
    }
}
