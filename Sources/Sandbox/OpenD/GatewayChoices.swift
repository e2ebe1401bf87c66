/// What the gateway does where its documents are silent: a client has to cope with either way.
struct GatewayChoices: Equatable, Sendable {
    /// Whether what is wrong is answered with a failure or ends the connection.
    enum Reaction: String, CaseIterable, Sendable {
        case refuse, close, ignore
    }

    /// Requests before InitConnect.
    var beforeInit = Reaction.refuse
    /// Bodies that do not match their digest.
    var wrongDigest = Reaction.refuse
    /// Serial numbers that do not grow, in plain requests.
    var staleSerial: Reaction?
    /// Whether the state of the connections is pushed right after InitConnect.
    var notifiesAfterInit = false
    /// Whether the first data come before the reply of the subscription, and order changes before that of the order.
    var pushesFirst = false
    /// Whether pushes are numbered, rather than 0.
    var numbersPushes = true
    /// Whether a subscription of several securities takes effect in part when one of them is refused.
    var subscribesInPart = false
    /// Whether cancelling everything fails as a whole when an entry is too young.
    var unsubscribesAllOrNothing = false
    /// Whether minute bars are dated at their start rather than their end.
    var datesBarsAtStart = false
    /// Whether lists of fills begin with the newest.
    var newestFillFirst = false
    /// Whether replies overtake each other: every second one waits for the next.
    var shufflesReplies = false
}
