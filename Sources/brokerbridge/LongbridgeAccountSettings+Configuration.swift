internal import Bridge
internal import BrokerModel
internal import Cryptography
internal import LongbridgeBroker

extension LongbridgeAccountSettings {
    /// What the configuration says of an account. `region` counts where it is to be found out.
    init(
        _ configured: LongbridgeAccountConfiguration, of account: AccountConfiguration, region: LongbridgeRegion
    ) {
        let access: LongbridgeAccess
        if let login = configured.login {
            var oauth = LongbridgeOAuth()
            oauth.clientID = login.clientID
            oauth.clientSecret = login.clientSecret
            oauth.scopes = login.scopes
            oauth.server = login.server
            if let path = login.tokenFile {
                oauth.tokenFile = { LongbridgeLoginConfiguration.content(ofTokenFile: path) }
            }
            access = .oauth(oauth)
        } else {
            access = .apiKey(key: configured.appKey, secret: configured.appSecret, token: configured.accessToken)
        }
        // The mainland's door does not reach accounts in the United States.
        let isUS = configured.accessToken.withBytes { $0.starts(with: Array("us_".utf8)) }
        let isMoved = configured.probesRegion && region != .global && !isUS
        func url(_ configured: String, _ standard: String, _ found: String) -> String {
            isMoved && configured == standard ? found : configured
        }
        let global = LongbridgeRegion.global
        self.init(
            alias: account.alias, environment: account.environment,
            httpURL: url(configured.httpURL, global.httpURL, region.httpURL),
            quoteURL: url(configured.quoteURL, global.quoteURL, region.quoteURL),
            tradeURL: url(configured.tradeURL, global.tradeURL, region.tradeURL), access: access)
        language = configured.language.rawValue
        wantsOvernight = configured.overnight
        bounds.tradeCalls = configured.limits.tradeCalls
        bounds.quoteCalls = configured.limits.quoteCalls
        bounds.quoteCallsAtOnce = configured.limits.quoteCallsAtOnce
        bounds.historyCalls = configured.limits.historyCalls
        bounds.historySymbols = configured.limits.historySymbols
        bounds.subscriptions = configured.limits.subscriptions
    }
}
