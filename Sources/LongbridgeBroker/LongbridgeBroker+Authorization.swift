public import BrokerModel
public import BrokerSessions
internal import EventLoops
internal import OAuth
internal import Storage

/// Whether the account is authorized, and what follows when that changes.
extension LongbridgeBroker {
    /// Logins, renewals, and giving them up.
    public var authorizer: (any BrokerAuthorizer)? { logins }

    /// By login or API key. A key works until the broker refuses it.
    public var authorization: AuthorizationStatus {
        var status = AuthorizationStatus(
            method: method, state: .ready, expiresAt: tokens.expires, lastRefresh: tokens.lastRefresh,
            lastError: tokens.lastError)
        status.isUnsaved = tokens.isUnsaved
        switch tokens.standing {
        case .ready: status.state = .ready
        case .refreshing: status.state = .refreshing
        case .expiring: status.state = .expiring
        case .authorizationRequired:
            status.state = .authorizationRequired
            status.lastError = status.lastError ?? tokens.advice
        }
        let isRefused = link.areCredentialsRefused || orders?.areCredentialsRefused ?? false
        if isRefused, status.state == .ready {
            status.state = .authorizationRequired
            status.lastError = (link.areCredentialsRefused ? link.reason : orders?.status.reason) ?? tokens.advice
        }
        return status
    }

    func authorizationChanged() {
        let status = authorization
        // The store's first answer is no change.
        guard status != reported, tokens.isLoaded else { return }
        let isFirst = reported == nil
        reported = status
        if !isFirst || status.state != .ready { onEvent?(.authorization(status, remaining: nil)) }
    }

    /// Links that were held because there was no token dial again.
    func tokenAdopted() {
        if link.areCredentialsRefused { _ = link.reconnect() }
        if let orders, orders.areCredentialsRefused { _ = orders.reconnect() }
    }

    func tokenEnds(within remaining: Duration) {
        onEvent?(.authorization(authorization, remaining: remaining))
    }

    /// Sessions opened by the tokens end with them.
    func tokensForgotten() {
        link.abandon("the tokens were given up")
        orders?.abandon("the tokens were given up")
    }
}

/// Secrets of one process, for accounts that keep nothing.
@LoopActor
final class VolatileSecrets: SecretKeeping {
    private var kept: [SealedKind: [String: [UInt8]]] = [:]

    func read(_ kind: SealedKind, of account: String) async throws(SealedStoreError) -> [UInt8]? {
        kept[kind]?[account]
    }

    func write(_ bytes: [UInt8], _ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        kept[kind, default: [:]][account] = bytes
    }

    func remove(_ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        kept[kind]?[account] = nil
    }
}
