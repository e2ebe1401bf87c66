import Bytes
import Cryptography
import TestSupport
import Testing

@testable import Bridge

@Suite struct LoginConfigurationTests {
    private func longbridge(
        _ members: String, environment: [String: String] = [:], kind: String = "live"
    ) throws -> LongbridgeAccountConfiguration {
        let text = "accounts: [{alias: main, broker: longbridge, environment: \(kind), longbridge: {\(members)}}]"
        let accounts = try accepted(text, environment: environment).accounts
        guard case .longbridge(let settings) = try #require(accounts.first).broker else {
            throw ConfigurationError(problems: [])
        }
        return settings
    }

    private func mistakes(_ members: String, environment: [String: String] = [:]) -> [String] {
        problems(
            "accounts: [{alias: main, broker: longbridge, environment: live, longbridge: {\(members)}}]",
            environment: environment)
    }

    @Test func anAccountWithoutAKeyIsOpenedByALogin() throws {
        let settings = try longbridge("")
        let login = try #require(settings.login)
        #expect(login.clientID == nil && login.clientSecret == nil && login.scopes.isEmpty && login.server == nil)
        #expect(settings.httpURL == "https://openapi.longbridge.com" && !settings.probesRegion)
        #expect(settings.appKey.isEmpty && settings.accessToken.isEmpty)
    }

    @Test func anAccountWithAKeyIsNot() throws {
        #expect(try longbridge("app_key: k, app_secret: s, access_token: t").login == nil)
        #expect(try longbridge("app_key: k, app_secret: s, access_token: t, auth: api_key").login == nil)
    }

    @Test func everySettingOfALoginIsRead() throws {
        let folder = TemporaryDirectory()
        let secret = folder.write("secret", Array("c0nfidential\n".utf8))
        let file = folder.write("tokens", Array("{}".utf8))
        let settings = try longbridge(
            """
            auth: oauth, client_id: desk, client_secret_file: \(secret), scopes: ["4", "6"], token_file: \(file), \
            oauth_url: "https://login.example.com/", region: auto
            """)
        let login = try #require(settings.login)
        #expect(login.clientID == "desk" && login.scopes == ["4", "6"] && login.server == "https://login.example.com")
        #expect(login.clientSecret?.matches(Array("c0nfidential".utf8)) == true)
        #expect(login.tokenFile == file && settings.probesRegion)
        #expect(LongbridgeLoginConfiguration.content(ofTokenFile: file) == Array("{}".utf8))
    }

    @Test func theSecretMayStandInTheEnvironment() throws {
        let settings = try longbridge(
            "client_id: desk", environment: ["BROKERBRIDGE_ACCOUNT_MAIN_CLIENT_SECRET": "from-environment"])
        #expect(settings.login?.clientSecret?.matches(Array("from-environment".utf8)) == true)
    }

    @Test func anotherProgramsVariablesDoNotTurnALoginIntoAKey() throws {
        let environment = ["LONGBRIDGE_APP_KEY": "k", "LONGBRIDGE_APP_SECRET": "s", "LONGBRIDGE_ACCESS_TOKEN": "t"]
        #expect(try longbridge("auth: oauth", environment: environment).login != nil)
        #expect(try longbridge("", environment: environment).login == nil)
    }

    @Test func whatDoesNotGoTogetherIsToldAtOnce() {
        #expect(mistakes("app_key: k").count == 2)
        #expect(mistakes("auth: api_key").count == 3)
        #expect(mistakes("auth: oauth, app_key: k").first?.contains("only for an account with auth: api_key") == true)
        let keyed = "app_key: k, app_secret: s, access_token: t"
        #expect(mistakes("\(keyed), client_id: c, scopes: [x]").count == 2)
        #expect(mistakes("client_secret: s").first?.contains("client_id") == true)
        #expect(mistakes("token_file: /nowhere").first?.contains("/nowhere") == true)
        #expect(mistakes("oauth_url: \"http://login.example.com\"").first?.contains("TLS") == true)
        #expect(mistakes("auth: password").first?.contains("oauth") == true)
    }

    @Test func aTokenFileThatOthersReadIsRefused() {
        let folder = TemporaryDirectory()
        let file = folder.write("tokens", "{}", mode: 0o644)
        #expect(mistakes("token_file: \(file)").first?.contains("chmod 600") == true)
        #expect(LongbridgeLoginConfiguration.content(ofTokenFile: file) == nil)
    }

    // MARK: The state's key

    private static let bytes = [UInt8](0..<32)

    @Test func aKeyIs32BytesInAnyUsualForm() throws {
        let sealed = try #require(SealingKey(Self.bytes)).seal([7], context: [])
        for text in [Hex.encode(Self.bytes), Base64.encode(Self.bytes), Base64URL.encode(Self.bytes)] {
            let key = try #require(StateConfiguration.key(Secret(text)))
            #expect(try key.open(sealed, context: []) == [7])
        }
        for text in ["", "0011", String(repeating: "g", count: 64), Hex.encode(Self.bytes) + "00", "password"] {
            #expect(StateConfiguration.key(Secret(text)) == nil)
        }
    }

    @Test func theKeyStandsInAFileOrTheEnvironmentWhichCountsFirst() throws {
        let folder = TemporaryDirectory()
        let file = folder.write("key", Array((Hex.encode(Self.bytes) + "\n").utf8))
        let other = Hex.encode([UInt8](repeating: 9, count: 32))
        let fromFile = try accepted("state: {key_file: \(file)}").state
        let fromBoth = try accepted("state: {key_file: \(file)}", environment: ["BROKERBRIDGE_STATE_KEY": other]).state
        #expect(fromFile.keySource == file && fromBoth.keySource.contains("BROKERBRIDGE_STATE_KEY"))
        let sealed = try #require(SealingKey(Self.bytes)).seal([7], context: [])
        #expect(try fromFile.key?.open(sealed, context: []) == [7])
        #expect(throws: SealingKey.Failure.refused) { try fromBoth.key?.open(sealed, context: []) }
        #expect(try accepted("").state.key == nil)
    }

    @Test func aKeyThatIsNoneIsRefusedWithoutBeingShown() {
        let folder = TemporaryDirectory()
        let file = folder.write("key", Array("hunter2hunter2\n".utf8))
        for lines in [
            problems("state: {key_file: \(file)}"),
            problems("", environment: ["BROKERBRIDGE_STATE_KEY": "hunter2hunter2"]),
            problems("state: {key_file: /nowhere}"),
        ] {
            #expect(lines.count == 1 && !lines[0].contains("hunter2"))
        }
    }
}
