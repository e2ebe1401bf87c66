internal import Bytes
internal import Clocks
internal import Cryptography

/// One-time passwords and sessions of the simulated broker.
struct SandboxSessions {
    private var passwords: [String: WallTime] = [:]
    private var sessions: [String: WallTime] = [:]

    /// Passwords and sessions kept at once; the oldest go first.
    private static let bound = 10_000

    /// A password good for one login within five minutes.
    mutating func issuePassword(now: WallTime) -> String {
        passwords = passwords.filter { $0.value > now }
        if passwords.count >= SandboxSessions.bound { passwords.removeAll() }
        let password = "o_" + Hex.encode(SecureRandom.bytes(12))
        passwords[password] = now + .seconds(300)
        return password
    }

    /// Whether the password was good; it is spent.
    mutating func spend(password: String, now: WallTime) -> Bool {
        passwords.removeValue(forKey: password).map { $0 > now } ?? false
    }

    /// Whether the session was good; it is spent.
    mutating func spend(session: String, now: WallTime) -> Bool {
        sessions.removeValue(forKey: session).map { $0 > now } ?? false
    }

    /// A session to come back with, good for a day.
    mutating func issueSession(now: WallTime) -> (id: String, expires: WallTime) {
        sessions = sessions.filter { $0.value > now }
        if sessions.count >= SandboxSessions.bound { sessions.removeAll() }
        let id = "s_" + Hex.encode(SecureRandom.bytes(12))
        let expires = now + .seconds(86_400)
        sessions[id] = expires
        return (id, expires)
    }

    /// No session is good any more.
    mutating func expireAll() {
        sessions = [:]
    }
}
