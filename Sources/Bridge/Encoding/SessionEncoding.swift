internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops

/// Accounts and their sessions in the JSON of the API.
extension JSONWriter {
    /// The members of a link, without braces.
    mutating func members(of link: LinkStatus, now: WallTime) {
        key("link")
        string(link.name.rawValue)
        key("state")
        string(link.state.rawValue)
        key("since")
        time(link.since)
        key("attempts")
        int(link.attempts)
        key("next_attempt")
        time(link.nextAttempt)
        key("last_message_age_ms")
        int(link.lastMessage.map { max(0, now.milliseconds - $0.milliseconds) })
        key("subscriptions_used")
        int(link.subscriptionsUsed)
        key("subscription_limit")
        int(link.subscriptionLimit)
        key("losses")
        int(link.losses)
        key("reason")
        string(link.reason)
    }

    mutating func links(_ links: [LinkStatus], now: WallTime) {
        beginArray()
        for link in links {
            beginObject()
            members(of: link, now: now)
            endObject()
        }
        endArray()
    }

    mutating func authorization(_ status: AuthorizationStatus) {
        beginObject()
        members(of: status)
        endObject()
    }

    /// The members of an authorization, without braces. Never a token.
    mutating func members(of status: AuthorizationStatus) {
        key("method")
        string(status.method.rawValue)
        key("state")
        string(status.state.rawValue)
        key("expires_at")
        time(status.expiresAt)
        key("last_refresh")
        time(status.lastRefresh)
        key("last_error")
        string(status.lastError)
    }

    @LoopActor
    mutating func account(_ broker: any Broker, now: WallTime) {
        let account = broker.account
        beginObject()
        key("alias")
        string(account.alias)
        key("broker")
        string(account.broker)
        key("environment")
        string(account.environment.rawValue)
        key("markets")
        beginArray()
        for market in account.markets { string(market.rawValue) }
        endArray()
        key("base_currency")
        string(account.baseCurrency)
        key("capabilities")
        beginArray()
        for capability in account.capabilities { string(capability.rawValue) }
        endArray()
        key("order_types")
        beginArray()
        for type in (broker.trading?.orderTypes ?? []).map(\.rawValue).sorted() { string(type) }
        endArray()
        key("session")
        beginObject()
        key("links")
        links(broker.links, now: now)
        endObject()
        key("auth")
        authorization(broker.authorization)
        endObject()
    }
}
