internal import BrokerModel
internal import BrokerSessions
internal import EventLoops
internal import HTTPWire

/// The configured accounts, in their order.
@LoopActor
struct Accounts {
    let brokers: [any Broker]

    /// The account of that alias, if the key may use it. Unknown and forbidden are answered alike.
    func named(_ alias: String, _ holder: KeyHolder) throws(Problem) -> any Broker {
        guard holder.mayUse(account: alias), let broker = brokers.first(where: { $0.account.alias == alias }) else {
            throw .noAccount
        }
        return broker
    }

    /// The account that answers for a market, or for any: the one named, or the first that offers it.
    func answering(
        _ alias: String?, _ capability: Capability, market: Market?, _ holder: KeyHolder
    ) throws(Problem) -> any Broker {
        if let alias {
            let broker = try named(alias, holder)
            guard broker.account.capabilities.contains(capability) else {
                throw Problem(
                    status: 501, code: "not_supported_by_broker", detail: "The account's broker does not offer this.")
            }
            return broker
        }
        let offering = brokers.first {
            holder.mayUse(account: $0.account.alias) && (market.map($0.account.markets.contains) ?? true)
                && $0.account.capabilities.contains(capability)
        }
        guard let offering else {
            throw Problem(
                status: 501, code: "not_supported_by_broker",
                detail: "No account of this key offers this for the market.")
        }
        return offering
    }
}
