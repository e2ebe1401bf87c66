import Bridge
import BrokerModel
import Cryptography
import OpenDBroker
import OpenDWire
import Testing

@testable import brokerbridge

@Suite struct OpenDSettingsTests {
    @Test func theWordsOfTheConfigurationAreThoseOfTheAdapter() {
        #expect(OpenDFirmName.allCases.map(\.rawValue) == OpenDFirm.allCases.map(\.rawValue))
        #expect(OpenDMarket.allCases.map(\.rawValue) == Market.allCases.map(\.rawValue))
    }

    @Test func everySettingReachesTheAccount() {
        var configured = OpenDAccountConfiguration(brokerName: "moomoo", host: "h", port: 7, isPaper: true)
        configured.cipher = .vendor
        configured.number = "5678"
        configured.category = .futures
        configured.market = .singapore
        configured.firm = .futuInc
        configured.password = Secret("x")
        let account = AccountConfiguration(alias: "desk", broker: .opend(configured), environment: .paper)
        let settings = OpenDAccountSettings(configured, of: account)
        #expect(settings.alias == "desk" && settings.broker == "moomoo" && settings.environment == .paper)
        #expect(settings.host == "h" && settings.port == 7 && settings.algorithm == .tailed)
        #expect(settings.trade?.isPaper == true && settings.trade?.number == "5678")
        #expect(settings.trade?.category == .futures && settings.trade?.market == .singapore)
        #expect(settings.trade?.firm == .futuInc && settings.trade?.password != nil)
    }
}
