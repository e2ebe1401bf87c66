/// Whether a gateway is any good, as it says of itself: by GetGlobalState, and by Notify in between.
public struct GatewayStanding: Equatable, Sendable {
    /// Why a gateway that answers cannot serve quotes. Nobody but the user, at the gateway, can change most of them.
    public enum Obstacle: String, Equatable, Sendable, CaseIterable {
        case notLoggedIn, loggingIn, needsPictureCode, needsPhoneCode, loginFailed, updateRequired, dataMissing,
            disclaimerNotAgreed, loggedOut, kickedOut, passwordChanged, loginBanned, deviceLocked

        /// One clause for people.
        public var text: String {
            switch self {
            case .notLoggedIn: "the gateway is not logged in at the quote servers"
            case .loggingIn: "the gateway is logging in"
            case .needsPictureCode: "the gateway waits for a picture verification code; enter it there"
            case .needsPhoneCode: "the gateway waits for a phone verification code; enter it there"
            case .loginFailed: "the gateway's login failed; log in there"
            case .updateRequired: "the gateway must be updated"
            case .dataMissing: "the gateway lacks data it needs"
            case .disclaimerNotAgreed: "a disclaimer waits for agreement in the gateway"
            case .loggedOut: "the gateway was logged out; log in there"
            case .kickedOut: "another login of the user has kicked the gateway out; log in there again"
            case .passwordChanged: "the login password was changed; log in at the gateway with the new one"
            case .loginBanned: "the user may not log in"
            case .deviceLocked: "the user's device lock is on; log in at the gateway"
            }
        }
    }

    /// Logged in at the quote servers.
    public var isQuoteReady: Bool
    /// Logged in at the trade servers.
    public var isTradeReady: Bool
    /// What the program said of itself last; numbers of `ProgramStatusType`.
    private var program: Int32?
    /// What happened since it was last logged in; numbers of `GtwEventType`.
    private var event: Int32?

    /// Nothing known yet.
    public init() {
        isQuoteReady = false
        isTradeReady = false
    }

    /// Why it cannot serve; `nil` if it can.
    public var obstacle: Obstacle? {
        guard !isQuoteReady else { return nil }
        return event.flatMap(GatewayStanding.obstacle(event:)) ?? program.flatMap(GatewayStanding.obstacle(program:))
            ?? .notLoggedIn
    }

    /// Takes the whole state.
    public mutating func take(_ state: OpenD.GetGlobalState.S2C) {
        isTradeReady = state.trdLogined
        program = state.programStatus?.type.rawValue
        setQuoteReady(state.qotLogined)
    }

    /// Takes a notification; those that say nothing of logins change nothing.
    public mutating func take(_ notice: OpenD.Notify.S2C) {
        if let status = notice.connectStatus {
            isTradeReady = status.trdLogined
            setQuoteReady(status.qotLogined)
        }
        if let status = notice.programStatus {
            program = status.programStatus.type.rawValue
            if GatewayStanding.obstacle(program: status.programStatus.type.rawValue) != nil { isQuoteReady = false }
        }
        if let event = notice.event, GatewayStanding.obstacle(event: event.eventType) != nil {
            self.event = event.eventType
            isQuoteReady = false
            isTradeReady = false
        }
    }

    private mutating func setQuoteReady(_ isReady: Bool) {
        isQuoteReady = isReady
        if isReady { event = nil }
    }

    /// - Source: the vendor's `ProgramStatusType`; 1 Loaded, 10 Ready and unknown ones are no obstacle by themselves.
    private static func obstacle(program: Int32) -> Obstacle? {
        switch program {
        case 2: .loggingIn
        case 3: .needsPictureCode
        case 4: .needsPhoneCode
        case 5: .loginFailed
        case 6: .updateRequired
        case 7, 8: .dataMissing
        case 9, 12: .disclaimerNotAgreed
        case 11: .loggedOut
        default: nil
        }
    }

    /// - Source: the vendor's `GtwEventType`; a changed trade password (14) and faults at the gateway's start are none.
    private static func obstacle(event: Int32) -> Obstacle? {
        switch event {
        case 3: .updateRequired
        case 4: .loginFailed
        case 5: .disclaimerNotAgreed
        case 7: .kickedOut
        case 8: .passwordChanged
        case 9: .loginBanned
        case 10: .needsPictureCode
        case 11: .needsPhoneCode
        case 12, 13: .dataMissing
        case 15: .deviceLocked
        default: nil
        }
    }
}
