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
    }
}
