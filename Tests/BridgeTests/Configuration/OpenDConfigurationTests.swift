import Cryptography
import Glibc
import TestSupport
import Testing

@testable import Bridge

@Suite struct OpenDConfigurationTests {
    private func opend(
        _ members: String, environment: [String: String] = [:], kind: String = "live", broker: String = "futu"
    ) throws -> OpenDAccountConfiguration {
        let text = "accounts: [{alias: desk-1, broker: \(broker), environment: \(kind), opend: {\(members)}}]"
        let accounts = try accepted(text, environment: environment).accounts
        guard case .opend(let settings) = try #require(accounts.first).broker else {
            throw ConfigurationError(problems: [])
        }
        return settings
    }

    private func mistakes(_ members: String, kind: String = "live") -> [String] {
        problems("accounts: [{alias: main, broker: futu, environment: \(kind), opend: {\(members)}}]")
    }

    @Test func aGatewayOnThisMachineNeedsNothing() throws {
        let settings = try opend("")
        #expect(settings.host == "127.0.0.1" && settings.port == 11_111)
        #expect(settings.key == nil && settings.password == nil && !settings.isPaper)
        #expect(settings.brokerName == "futu")
        #expect(try opend("", broker: "moomoo").brokerName == "moomoo")
        #expect(try opend("", kind: "paper").isPaper)
        #expect(try opend("paper: true", kind: "sandbox").isPaper)
    }

    @Test func everySettingIsRead() throws {
        let folder = TemporaryDirectory()
        let password = folder.write("password", Array("123456\n".utf8))
        let key = folder.write("key.pem", Array(OpenDConfigurationTests.key.utf8))
        let settings = try opend(
            """
            host: opend.example.com, port: 22222, rsa_key_file: \(key), cipher: vendor, account: "5678", \
            category: futures, market: US, firm: futu_inc, trade_password_file: \(password)
            """)
        #expect(settings.host == "opend.example.com" && settings.port == 22_222)
        #expect(settings.key?.blockSize == 64 && settings.cipher == .vendor)
        #expect(settings.number == "5678" && settings.category == .futures)
        #expect(settings.market == .unitedStates && settings.firm == .futuInc)
        #expect(settings.password?.matches(Array("123456".utf8)) == true)
    }

    @Test func thePasswordMayStandInTheEnvironment() throws {
        let settings = try opend("", environment: ["BROKERBRIDGE_ACCOUNT_DESK_1_TRADE_PASSWORD": "123456"])
        #expect(settings.password?.matches(Array("123456".utf8)) == true)
    }

    @Test func aGatewayElsewhereNeedsAKey() {
        #expect(mistakes("host: opend.example.com").contains { $0.contains("without an RSA key") })
        #expect(mistakes("host: opend.example.com", kind: "sandbox").isEmpty)
    }

    @Test func aFileThatIsNoKeyIsRefused() {
        let folder = TemporaryDirectory()
        let file = folder.write("key.pem", Array("hello".utf8))
        #expect(mistakes("rsa_key_file: \(file)").contains { $0.contains("expected a private RSA key") })
    }

    @Test func whatMakesNoSenseIsRefused() {
        #expect(mistakes("paper: true").contains { $0.contains("environment says it") })
        #expect(mistakes("cipher: cbc").contains { $0.contains("rsa_key_file") })
        #expect(mistakes("account: \"12x\"").contains { $0.contains("expected digits") })
        #expect(mistakes("trade_password: x", kind: "paper").contains { $0.contains("never locked") })
        #expect(mistakes("host: \"a:1\"", kind: "sandbox").contains { $0.contains("port has a key") })
        #expect(
            problems("accounts: [{alias: main, broker: futu, environment: live, longbridge: {}}]")
                .contains { $0.contains("no such section") })
    }

    /// 512 bits, made for this test.
    private static let key = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIBOwIBAAJBANhxHNXxslkTL92fpWrNIc1L0VPddPjE1EurxXj4eZw9dxuLGzVZ
        dc5wdG/iqabNBVakn5iX1J+guHjBSXWJVaECAwEAAQJBALG9+fsrl9WUbxtl7hbN
        zDNmTsm7NELSiLB3qBwWmO+W+tFI0E1isGzxaoiadlkTiyF/JnD/NXx6dkRKEiqs
        aG0CIQD7iaassY10vLy3LWSsg5Pl7TbtVu8hcVVutIknpDYxxwIhANxIEzhs9ch0
        83oCd5nPig+7za1PD2sQ9IInRVbYrj1XAiAo+rsJxX9rNlh0a1PMez88JVJehlw9
        EY6+k3EI4Urm/wIgF5XcAPmho1HqU9D5z00qYh7gmcLSSsto8pqT0QWoOkcCIQDE
        P2dMcbM1KRL4WBRZLaGRAm5mxSBBMnlcWijHAx0QwQ==
        -----END RSA PRIVATE KEY-----
        """
}
