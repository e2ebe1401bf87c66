internal import Bridge
internal import BrokerModel
internal import OpenDBroker
internal import OpenDWire

extension OpenDAccountSettings {
    /// What the configuration says of an account.
    init(_ configured: OpenDAccountConfiguration, of account: AccountConfiguration) {
        self.init(
            alias: account.alias, broker: configured.brokerName, environment: account.environment,
            host: configured.host, port: configured.port)
        key = configured.key
        switch configured.cipher {
        case .cbc: algorithm = .chained
        case .ecb: algorithm = .electronicCodebook
        case .vendor: algorithm = .tailed
        }
        trade = OpenDTradeSettings(configured)
    }
}

extension OpenDTradeSettings {
    /// The words are the same on both sides.
    init(_ configured: OpenDAccountConfiguration) {
        self.init(
            isPaper: configured.isPaper, number: configured.number,
            market: configured.market.flatMap { Market(rawValue: $0.rawValue) },
            firm: configured.firm.flatMap { OpenDFirm(rawValue: $0.rawValue) },
            password: configured.password.flatMap { TradePassword($0) })
        category = configured.category == .futures ? .futures : .securities
    }
}
