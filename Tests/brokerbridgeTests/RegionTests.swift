import Bridge
import BrokerModel
import Cryptography
import Testing

@testable import LongbridgeBroker
@testable import brokerbridge

@Suite struct RegionTests {
    private func settings(
        region: LongbridgeRegion, probes: Bool = true, token: String = "t",
        httpURL: String = LongbridgeRegion.global.httpURL
    ) -> LongbridgeAccountSettings {
        var configured = LongbridgeAccountConfiguration(
            appKey: "k", appSecret: Secret("s"), accessToken: Secret(token), httpURL: httpURL)
        configured.probesRegion = probes
        return LongbridgeAccountSettings(
            configured, of: AccountConfiguration(alias: "main", broker: .longbridge(configured), environment: .live),
            region: region)
    }

    @Test func theDoorThatWasFoundIsTakenByThoseWhoAsked() {
        #expect(settings(region: .cn).httpURL == "https://openapi.longbridge.cn")
        #expect(settings(region: .cn).quoteURL == "wss://openapi-quote.longbridge.cn/v2")
        #expect(settings(region: .cn).tradeURL == "wss://openapi-trade.longbridge.cn/v2")
        #expect(settings(region: .global).httpURL == "https://openapi.longbridge.com")
        #expect(settings(region: .cn, probes: false).httpURL == "https://openapi.longbridge.com")
    }

    @Test func accountsInTheUnitedStatesTakeTheGlobalDoor() {
        #expect(settings(region: .cn, token: "us_m_x").httpURL == "https://openapi.longbridge.com")
    }

    @Test func anAddressThatIsConfiguredStays() {
        #expect(settings(region: .cn, httpURL: "https://proxy.example").httpURL == "https://proxy.example")
    }

    @Test func theDataCentreIsToldByTheToken() {
        func center(_ token: String, key: String = "k") -> String {
            LongbridgeCredential(
                form: .apiKey(key: key, secret: Secret("s")), token: Secret(token), generation: 1
            ).dataCenter
        }
        #expect(center("us_m_x") == "us" && center("hk_m_x") == "ap" && center("m_x", key: "us_k") == "us")
        let bearer = LongbridgeCredential(form: .bearer(clientID: "us_c"), token: Secret("ap_m_x"), generation: 1)
        #expect(bearer.dataCenter == "ap")
    }

    @Test func theCommandOfALoginIsRead() throws {
        #expect(try Command(["login", "main"]) == .login(Command.LoginOptions(account: "main")))
        var options = Command.LoginOptions(account: "main")
        options.isDevice = true
        options.url = "https://bridge.example.com"
        options.keyFile = "k"
        #expect(
            try Command(["login", "main", "--device", "--url", options.url, "--key-file", "k"]) == .login(options))
        #expect(throws: CommandFailure.self) { try Command(["login"]) }
        #expect(throws: CommandFailure.self) { try Command(["login", "Not/An/Alias"]) }
        for url in ["http://bridge.example.com", "ftp://x", "nonsense"] {
            var options = Command.LoginOptions(account: "main")
            options.url = url
            #expect(throws: CommandFailure.self) {
                try LoginCommand.run(options, environment: ["BROKERBRIDGE_KEY": "k"])
            }
        }
        #expect(throws: CommandFailure.self) {
            try LoginCommand.run(Command.LoginOptions(account: "main"), environment: [:])
        }
    }
}
